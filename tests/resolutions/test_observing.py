"""What became of cases, read from the log: each on its path, and silence told apart from nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policyservice.access.keys import ApiKey, Role
from policyservice.cases import escalations
from policyservice.costs.calibration.observed import Observed, Path
from policyservice.db import tables
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.resolutions.escalations import Resolution, resolve
from policyservice.resolutions.observing import observed
from policyservice.resolutions.outcomes import Report, record
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, render
from tests.fakes import NOON

AFTER = NOON + timedelta(days=60)


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop: Runtime) -> ApiKey:
    return a_key(shop, Role.MANAGER)


def ask(shop: Runtime, key: ApiKey, case: str, **changes: object) -> str:
    changes = {"customer": f"C-{case}", "order": f"O-{case}", "case": case, **changes}
    return str(decide(shop, key, f"k-{case}", **changes).decision_id)


def give(shop: Runtime, key: ApiKey, decision: str) -> None:
    settle.commit(shop, decision, key, Idempotency("p", f"c-{decision}", "f"), render)


def escalation_of(shop: Runtime, decision: str) -> str:
    with shop.db.reading() as conn:
        return escalations.of_decisions(conn, [decision])[decision].id


def answer(shop: Runtime, key: ApiKey, decision: str, result: str) -> str | None:
    fields = Resolution(result=result, agent="liisa", note="looked into")
    idempotency = Idempotency("p", f"r-{decision}", "f")
    resolve(shop, escalation_of(shop, decision), fields, key, idempotency, lambda resolved: "{}")
    with shop.db.reading() as conn:
        return escalations.of_decisions(conn, [decision])[decision].result_decision_id


def hear(shop: Runtime, **fields: object) -> None:
    record(shop, [Report({"at": shop.clock.now().isoformat(), **fields}, "tool")])


def seen(shop: Runtime, days: float = 100) -> list[Observed]:
    with shop.db.reading() as conn:
        return list(observed(conn, shop, NOON, NOON + timedelta(days=days)))


def test_a_case_decided_at_once_shows_what_was_at_stake_and_what_it_cost(shop, key):
    give(shop, key, ask(shop, key, "T-1", facts={"order.days_late": 4, "order.paid": "30.00"}))

    (found,) = seen(shop)

    assert (found.path, found.reason, found.channel, found.queue) == (Path.AT_ONCE, "delivery.late", "chat", None)
    assert found.remedy_cost is not None
    assert found.remedy_cost > 0
    assert (found.granted, found.repeats, found.left, found.complained) == (None, None, None, None)
    assert found.loss == 30.0


def test_escalated_cases_tell_what_was_granted_and_open_ones_are_left_out(shop, key):
    granted, refused = (ask(shop, key, case, amount="20.01") for case in ("T-1", "T-2"))
    ask(shop, key, "T-3", amount="20.01")
    result = answer(shop, key, granted, "granted")
    assert result is not None
    answer(shop, key, refused, "refused")
    give(shop, key, result)

    found = seen(shop)

    assert [(each.path, each.granted) for each in found] == [(Path.ESCALATED, True), (Path.ESCALATED, False)]
    assert [each.queue for each in found] == ["trusted", "trusted"]
    assert [each.remedy_cost is not None for each in found] == [True, False]
    assert all(each.minutes == {} and each.third_tier is False for each in found)


def test_a_case_that_was_refused_by_the_rules_or_lies_outside_the_period_is_left_out(shop, key):
    shop.clock.advance(days=100)
    ask(shop, key, "T-9")

    assert seen(shop) == []
    assert len(seen(shop, days=101)) == 1


def test_what_nobody_reports_is_not_known_and_what_somebody_does_is_nothing_where_all_was_quiet(shop, key):
    for case in ("T-1", "T-2"):
        give(shop, key, ask(shop, key, case))
    shop.clock.instant = AFTER
    assert [each.left for each in seen(shop)] == [None, None]

    hear(shop, kind="churn", customer="C-T-1", left=True, at=(NOON + timedelta(days=30)).isoformat())
    hear(shop, kind="public_complaint", case="T-2", at=(NOON + timedelta(days=1)).isoformat())
    hear(shop, kind="satisfaction", case="T-2", score=80, at=(NOON + timedelta(days=1)).isoformat())

    one, other = seen(shop)
    assert (one.left, other.left) == (True, False)
    assert (one.complained, other.complained) == (False, True)
    assert (one.satisfaction, other.satisfaction) == (None, 0.8)


def test_what_is_heard_after_the_days_that_count_is_not_counted(shop, key):
    for case in ("T-1", "T-2"):
        give(shop, key, ask(shop, key, case))
    shop.clock.instant = AFTER
    hear(shop, kind="churn", customer="C-T-1", left=True, at=(NOON + timedelta(days=30, seconds=1)).isoformat())
    hear(shop, kind="churn", customer="C-T-2", left=True, at=(NOON + timedelta(days=3)).isoformat())

    assert [each.left for each in seen(shop)] == [False, True]


def test_before_the_days_are_over_nothing_is_concluded_from_silence(shop, key):
    for case in ("T-1", "T-2"):
        give(shop, key, ask(shop, key, case))
    hear(shop, kind="churn", customer="C-T-1", left=True)
    shop.clock.advance(days=29, hours=23)
    assert [each.left for each in seen(shop)] == [None, None]

    shop.clock.advance(hours=1)
    assert [each.left for each in seen(shop)] == [True, False]


def test_a_word_that_another_took_the_place_of_is_not_counted(shop, key):
    give(shop, key, ask(shop, key, "T-1"))
    hear(shop, kind="churn", customer="C-T-1", left=True)
    shop.clock.advance(days=1)
    hear(shop, kind="churn", customer="C-T-1", left=False)
    shop.clock.instant = AFTER

    assert [each.left for each in seen(shop)] == [False]


def test_the_work_of_each_tier_is_read_where_it_is_recorded(shop, key):
    decision = ask(shop, key, "T-1", amount="20.01")
    answer(shop, key, decision, "refused")
    other = ask(shop, key, "T-2", amount="20.01")
    answer(shop, key, other, "refused")
    work = ((decision, 2, 600, 1), (decision, 2, -60, 0), (decision, 3, 900, 2), (other, 2, 0, 0))
    with shop.db.transaction() as conn:
        for number, (asked, tier, seconds, contacts) in enumerate(work, start=100):
            row = {"kind": "correct", "at": NOON, "tier": tier, "waited_seconds": 0, "stated": True, "number": number}
            effort = {"worked_seconds": seconds, "contacts": contacts, "escalation_id": escalation_of(shop, asked)}
            conn.execute(tables.escalation_event.insert().values(**row, **effort))

    one, two = seen(shop)

    assert (one.minutes, one.repeats, one.third_tier) == ({"h2": 9.0, "h3": 15.0}, 3, True)
    assert (two.minutes, two.repeats, two.third_tier) == ({}, 0, False)
