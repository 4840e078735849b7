"""The comparison shows how soon customers had their remedy beside the money, each reason against its own target."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from policyservice.access.keys import Role
from policyservice.reports import documents
from policyservice.reports.asked import By
from policyservice.reports.comparison import Line, speeds
from tests.decisions.factories import a_shop, sources
from tests.reports.factories import JUNE, Shop
from tests.reports.speed.factories import hear

TARGETS = """
targets:
  - reasons: [delivery.late]
    remedy_within_minutes: 30
    first_contact: 80 %
  - reasons: [delivery.missing]
    remedy_within_minutes: 10
"""
MISSING = {"reason": "delivery.missing", "remedy": "refund", "amount": "9.00", "facts": {"order.paid": "9.00"}}


@pytest.fixture
def aiming(sqlite_db) -> Iterator[Shop]:
    """The shop with targets of speed."""
    runtime = a_shop(sqlite_db, rules=sources(costs=TARGETS))
    yield Shop(runtime, Role.MANAGER)
    runtime.rulebooks.close()


def serve(shop: Shop, cases: int, minutes: int, **changes: object) -> list[str]:
    """Cases that had their remedy after so many minutes."""
    decisions = [shop.ask(amount="1.00", **changes) if not changes else shop.ask(**changes) for _ in range(cases)]
    shop.runtime.clock.advance(minutes=minutes)  # type: ignore[attr-defined]
    for decision in decisions:
        shop.commit(decision)
    return decisions


def only(lines: tuple[Line, ...]) -> Line:
    (line,) = lines
    return line


def test_a_reason_is_shown_beside_its_target_and_others_beside_the_times_of_each_case(aiming: Shop):
    decisions = serve(aiming, 20, 30)
    serve(aiming, 20, 11, **MISSING)
    hear(aiming, decision=decisions[0])
    aiming.pass_time(days=40)

    for fold in (lambda: 0, aiming.fold):
        fold()
        report = aiming.compare(period=JUNE)
        late, missing = (report.speed(line) for line in report.lines)
        assert (late.median_minutes, late.within, late.first_contact, late.is_met) == (30, 1.0, 0.95, True)
        assert (missing.median_minutes, missing.within, missing.is_met) == (11, 0.0, False)
        whole = report.speed(only(report.totals))
        assert (whole.cases, whole.median_minutes, whole.within, whole.target, whole.is_met) == (
            40,
            11,
            0.5,
            None,
            None,
        )

    by_team = aiming.compare(By.TEAM)
    assert by_team.speed(only(by_team.lines)).target is None
    of_one = aiming.compare(By.TEAM, reason="delivery.late")
    assert of_one.speed(only(of_one.lines)) == late


def test_the_document_tells_numbers_and_leaves_out_what_too_few_cases_say(aiming: Shop):
    serve(aiming, 19, 5)
    report = aiming.compare()

    few = documents.comparison(report, aiming.runtime.zone, "en")["items"][0]["speed"]

    assert {name: few[name] for name in ("cases", "given", "known", "aimed")} == {
        "cases": 19,
        "given": 19,
        "known": 0,
        "aimed": 19,
    }
    assert [few[name] for name in ("median_minutes", "nine_in_ten_minutes", "first_contact", "within", "met")] == [
        None
    ] * 5
    assert few["target"] == {"remedy_within_minutes": 30, "first_contact": "0.800"}

    serve(aiming, 1, 5)
    enough = documents.comparison(aiming.compare(), aiming.runtime.zone, "fi")
    assert enough["items"][0]["speed"]["median_minutes"] == 5
    assert "ensimmäisellä" in enough["notes"]["speed"]
    assert json.dumps(enough)


def test_the_speed_alone_is_the_same_as_in_the_comparison(aiming: Shop):
    serve(aiming, 20, 5)
    serve(aiming, 3, 7, **MISSING)
    report = aiming.compare()
    with aiming.runtime.db.reading() as conn:
        alone = speeds(conn, aiming.runtime, report.wanted)

    assert alone == {line.cell: report.speed(line) for line in report.lines}
