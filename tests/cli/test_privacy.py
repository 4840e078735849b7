from __future__ import annotations

import json

import pytest

from policyservice.cli.opening import open_database
from policyservice.config import Settings
from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.domain.errors import PseudonymKeyMismatch
from tests.cli.decisions import give_gifts
from tests.cli.support import run


@pytest.fixture
def given(url) -> str:
    give_gifts(url, "2.00", customer="C-1")
    return url


def test_everything_about_a_customer_is_printed_as_json(given):
    document = json.loads(run("privacy", "export", "C-1", url=given).stdout)

    assert document["person"]["reference"] == "C-1"
    assert [each["answer"]["outcome"] for each in document["decisions"]] == ["allow"]


def test_an_erasure_is_told_and_repeating_it_changes_nothing(given):
    first = run("privacy", "erase", "C-1", "--because", "ticket 12", url=given)
    again = run("privacy", "erase", "C-1", "--because", "ticket 12", url=given)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout.startswith("Erased of cus_")
    assert again.stdout.startswith("Nothing is kept of cus_")
    assert json.loads(run("privacy", "export", "C-1", url=given).stdout)["person"]["reference"] is None
    assert run("log", "replay", url=given).exit_code == 0
    assert run("ledger", "reconcile", url=given).exit_code == 0


def test_an_agent_is_erased_by_its_kind(given):
    result = run("privacy", "erase", "maija", "--kind", "agent", "--because", "left", url=given)

    assert result.stdout.startswith("Erased of agt_")
    assert "register" in result.stdout
    assert "maija" not in run("agents", "list", url=given).stdout


def test_a_reason_is_required_and_does_not_name_the_person(given):
    assert run("privacy", "erase", "C-1", url=given).exit_code == 2
    refused = run("privacy", "erase", "C-1", "--because", "c-1 asked", url=given)

    assert refused.exit_code == 1
    assert "because" in refused.output


def test_a_changed_reference_is_named(given):
    assert "every one as it was logged" in run("privacy", "check", url=given).stdout
    db = Database(given)
    with db.transaction() as conn:
        conn.execute(tables.personal_reference.update().values(plain="Somebody-Else"))
    db.dispose()
    result = run("privacy", "check", url=given)

    assert result.exit_code == 1
    assert "not what was logged" in result.stdout


def test_the_key_is_told_once_and_then_lies_outside(given, monkeypatch):
    assert "The key lies in the database" in run("privacy", "key", url=given).stdout
    taken = run("privacy", "key", "--take-out", url=given)
    secret = taken.stdout.splitlines()[0]

    assert len(secret) >= 32
    assert run("privacy", "check", url=given).exit_code == 1
    monkeypatch.setenv("POLICYSERVICE_PSEUDONYM_KEY", secret)
    assert run("privacy", "check", url=given).exit_code == 0
    assert "The key lies in the settings" in run("privacy", "key", url=given).stdout
    assert run("privacy", "key", "--take-out", url=given).exit_code == 1


def test_one_decision_is_shown_with_its_references_and_its_record_without(given):
    decision = json.loads(run("privacy", "export", "C-1", url=given).stdout)["decisions"][0]["id"]

    assert "C-1" in run("log", "show", decision, url=given).stdout
    assert "C-1" not in run("log", "show", decision, "--json", url=given).stdout
    assert "maija" in run("limits", "show", url=given).stdout


def test_a_service_with_another_key_does_not_start(given):
    settings = Settings.from_environment(
        {"POLICYSERVICE_DATABASE_URL": given, "POLICYSERVICE_PSEUDONYM_KEY": "another key of thirty-two signs."}
    )
    with pytest.raises(PseudonymKeyMismatch):
        open_database(settings)
