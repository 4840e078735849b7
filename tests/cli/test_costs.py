from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyservice.access import keys
from policyservice.access.agents import AgentRecord, put
from policyservice.access.keys import ApiKey, Role
from policyservice.cases import escalations
from policyservice.config import Settings
from policyservice.decisions.replies import Idempotency
from policyservice.domain.vocabulary import AgentKind
from policyservice.resolutions.escalations import Resolution, resolve
from policyservice.runtime import Runtime
from tests.cli.decisions import give_gifts
from tests.cli.support import run


@pytest.fixture
def refused(url: str) -> str:
    """Four gifts given at once, and three asked for beyond the cap and refused by a lead."""
    given = give_gifts(url, "1.00", "2.00", customer="C-1")
    asked = give_gifts(url, "7.00", "7.50", "8.00", agent="mikko", customer="C-2")
    runtime = Runtime.start(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}))
    with runtime.db.transaction() as conn:
        now = runtime.clock.now()
        key, _ = keys.create(conn, runtime.ids, "lead", Role.MANAGER, now=now)
        put(conn, AgentRecord("liisa", "Liisa", "web", "lead", AgentKind.HUMAN), trust_levels=["lead"], now=now)
    for decision in asked:
        _refuse(runtime, key, decision)
    runtime.close()
    assert len(given) == 2
    return url


def _refuse(runtime: Runtime, key: ApiKey, decision: str) -> None:
    with runtime.db.reading() as conn:
        found = escalations.of_decisions(conn, [decision])[decision]
    fields = Resolution(result="refused", agent="liisa", note="no")
    resolve(runtime, found.id, fields, key, Idempotency("p", found.id, "f"), lambda resolved: "{}")


def test_show_tells_each_parameter_with_its_range_and_where_it_came_from(url):
    shown = run("costs", "show", "coffee.cold", url=url).stdout

    assert shown.startswith("Version 1")
    (line,) = (line for line in shown.splitlines() if line.startswith("q "))
    assert line.split()[:5] == ["q", "0.7", "0.4", "0.95", "default"]


def test_calibrate_shows_what_was_measured_and_changes_nothing_until_a_person_accepts(refused, tmp_path: Path):
    proposal = tmp_path / "proposal.json"

    shown = run("costs", "calibrate", "-o", str(proposal), url=refused)

    assert shown.exit_code == 0
    (line,) = (line for line in shown.stdout.splitlines() if line.startswith("every   g "))
    assert line.split()[2] == "0.75"
    assert 0.5 < float(line.split()[3]) < 0.75  # three cases move it little
    assert "Never add the two up" in shown.stdout
    assert run("costs", "show", url=refused).stdout.startswith("Version 1")

    accepted = run("costs", "accept", str(proposal), "--because", "Measured", "--yes", "--author", "liisa", url=refused)

    assert accepted.stdout.splitlines()[-1].startswith("Version 2 of the cost parameters")
    now = run("costs", "show", "coffee.cold", url=refused).stdout
    assert now.startswith("Version 2")
    (line,) = (line for line in now.splitlines() if line.startswith("g "))
    assert "measured on 3 cases" in line


def test_a_proposal_is_accepted_once_and_never_in_silence(refused, tmp_path: Path):
    proposal = tmp_path / "proposal.json"
    run("costs", "calibrate", "-o", str(proposal), url=refused)

    silent = run("costs", "accept", str(proposal), "--because", "Measured", url=refused)
    first = run("costs", "accept", str(proposal), "--because", "Measured", "--yes", url=refused)
    second = run("costs", "accept", str(proposal), "--because", "Measured", "--yes", url=refused)

    assert [silent.exit_code, first.exit_code, second.exit_code] == [2, 0, 1]
    assert "Calibrate again." in second.stderr
    assert run("costs", "show", url=refused).stdout.startswith("Version 2")


def test_a_file_that_is_no_proposal_is_refused(url, tmp_path: Path):
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({"format": 1}), "utf-8")
    latin = tmp_path / "latin.json"
    latin.write_bytes(b"\xff")

    for path in (file, latin):
        result = run("costs", "accept", str(path), "--because", "b", "--yes", url=url)
        assert (result.exit_code, "Traceback" in result.output) == (1, False)


def test_without_cases_nothing_is_proposed(url, tmp_path: Path):
    proposal = tmp_path / "proposal.json"

    result = run("costs", "calibrate", "-o", str(proposal), url=url)

    assert "nothing is proposed" in result.stdout
    assert not proposal.exists()


def test_a_period_that_is_empty_is_a_wrong_call(url):
    result = run("costs", "calibrate", "--since", "2026-05-01", "--before", "2026-05-01", url=url)

    assert result.exit_code == 2


@pytest.mark.parametrize("outcome", ["churn", "satisfaction", "complaints"])
def test_too_few_cases_are_not_compared_and_that_is_said(refused, outcome: str):
    shown = run("costs", "trusting", "--outcome", outcome, url=refused).stdout

    assert shown.startswith("Grade D:")
    assert "Too few like cases" in shown


def test_speed_shows_each_reason(refused):
    shown = run("costs", "speed", url=refused).stdout

    (line,) = (line for line in shown.splitlines() if line.startswith("coffee.cold"))
    assert line.split()[:4] == ["coffee.cold", "EUR", "3", "0"]
    assert "Nothing is told of fewer than 20 cases" in shown


def test_speed_of_no_days_is_refused(refused):
    result = run("costs", "speed", "--since", "2026-05-01", "--before", "2026-05-01", url=refused)

    assert "the period is empty" in result.stderr
