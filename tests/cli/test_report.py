"""`policyservice report`: tables, CSV and JSON of the same figures, sums that are proved and made anew."""

from __future__ import annotations

import csv
import io
import json

import pytest
from sqlalchemy import text

from policyservice.access import keys
from policyservice.access.keys import Role
from policyservice.config import Settings
from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.runtime import Runtime
from tests.cli.decisions import give_gifts
from tests.cli.support import run


@pytest.fixture
def given(url: str) -> str:
    """The URL of a database in which two gifts were given and one is held."""
    ids = give_gifts(url, "1.00", "2.00", "1.50")
    runtime = Runtime.start(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}))
    with runtime.db.transaction() as conn:
        key, _ = keys.create(conn, runtime.ids, "till", Role.MANAGER, now=runtime.clock.now())
    for number, decision in enumerate(ids[:2]):
        settle.commit(runtime, decision, key, Idempotency("p", f"{number}", "f"), lambda stored: stored.id)
    runtime.close()
    return url


def report(url: str, *arguments: str, code: int = 0) -> str:
    result = run("report", *arguments, url=url)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def test_the_table_the_csv_and_the_json_have_the_same_figures(given: str):
    document = json.loads(report(given, "comparison", "--json"))
    (line,) = document["items"]
    assert (line["goodwill"]["given"], line["goodwill"]["held"], line["decisions"]["all"]) == ("3.00", "1.50", 3)

    (row,) = csv.DictReader(io.StringIO(report(given, "comparison", "--csv")))
    assert (row["reason"], row["goodwill.given"], row["goodwill.held"]) == ("coffee.cold", "3.00", "1.50")
    assert row["estimate.at_once.saving.full.low"] == line["estimate"]["at_once"]["saving"]["full"]["low"]

    assert (line["speed"]["cases"], row["speed.cases"], row["speed.given"]) == (3, "3", "2")

    shown = [each.split() for each in report(given, "comparison").splitlines()]
    assert ["coffee.cold", "EUR", "3", "0", "3.00", "0.00"] in [each[:6] for each in shown]
    assert ["coffee.cold", "EUR", "3", "2", "–", "–"] in [each[:6] for each in shown]


def test_headings_and_words_are_in_the_language_that_is_asked_for(given: str):
    assert "joustoa annettu" in report(given, "comparison", "--language", "fi")
    assert "goodwill given" in report(given, "comparison", "--language", "en")
    assert "ei voi sanoa" in report(given, "root-causes", "--language", "fi")
    assert "Epätasainen" in report(given, "evenness", "--language", "fi")


def test_a_report_is_grouped_and_filtered_as_it_is_asked(given: str):
    lines = json.loads(report(given, "comparison", "--by", "team", "--by", "trust_level", "--json"))["items"]
    assert [(line["reason"], line["team"], line["trust_level"]) for line in lines] == [(None, "web", "new")]
    assert json.loads(report(given, "comparison", "--team", "", "--json"))["items"] == []
    assert json.loads(report(given, "comparison", "--reason", "tea.cold", "--json"))["items"] == []


def test_a_measure_is_kept_and_shown(given: str):
    measure = ("--owner", "liisa", "--agent", "liisa", "--note", "=A new machine.")
    assert report(given, "measure", "coffee.cold", "--taken-on", "2026-01-02", *measure).endswith(" kept.\n")
    assert "was kept before" in report(given, "measure", "coffee.cold", "--taken-on", "2026-01-02", *measure)
    assert "neither" in report(given, "measure", "tea.cold", "--taken-on", "2026-01-02", *measure, code=1)
    assert "has not come" in report(given, "measure", "coffee.cold", "--taken-on", "2099-01-02", *measure, code=1)
    report(given, "measure", "coffee.cold", "--taken-on", "2026-01-02", *measure[:5], " ", code=2)

    shown = report(given, "root-causes")
    assert "A new machine." in shown
    (row,) = csv.DictReader(io.StringIO(report(given, "root-causes", "--csv")))
    assert (row["measures.1.owner"], row["measures.1.note"]) == ("liisa", "'=A new machine.")  # no formula


def test_the_sums_are_made_proved_and_made_anew(given: str):
    assert "Nothing was summed up yet" in report(given, "check")
    before = json.loads(report(given, "comparison", "--json"))
    assert report(given, "rebuild") == "8 row number(s) summed up.\n"
    assert report(given, "check") == "6 sum(s) equal the rows, up to decision 3 and entry 5.\n"
    assert json.loads(report(given, "comparison", "--json")) == before

    db = Database(given)
    with db.transaction() as conn:
        conn.execute(text("UPDATE report_sum SET goodwill_given = goodwill_given + 1 WHERE span = 'day'"))
    db.dispose()
    assert "1 sum(s) are not what the rows give" in report(given, "check", code=1)
    report(given, "rebuild")
    assert json.loads(report(given, "comparison", "--json")) == before


def test_sums_of_another_time_zone_or_other_days_for_outcomes_are_told(given: str, monkeypatch):
    report(given, "rebuild")
    monkeypatch.setenv("POLICYSERVICE_TIMEZONE", "Asia/Tokyo")
    assert "days in Europe/Helsinki" in report(given, "check", code=1)
    report(given, "rebuild")
    report(given, "check")
    monkeypatch.setenv("POLICYSERVICE_OUTCOME_DAYS", "7")
    assert "with 30 days for outcomes" in report(given, "check", code=1)


def test_a_number_of_cases_that_somebody_changed_is_named(given: str):
    report(given, "rebuild")
    db = Database(given)
    with db.transaction() as conn:
        conn.execute(text("UPDATE report_speed SET others = '[-1,2]' WHERE span = 'day'"))
    db.dispose()

    result = run("report", "check", url=given)

    assert "1 sum(s) are not what the rows give" in result.stderr
    assert "coffee.cold chat web new EUR -1" in result.stdout


@pytest.mark.parametrize("name", ["comparison", "root-causes", "evenness"])
def test_a_period_that_is_none_is_refused(url: str, name: str):
    assert "the period is empty" in report(url, name, "--since", "2026-06-01", "--before", "2026-06-01", code=1)
    report(url, name, "--since", "June", code=2)
