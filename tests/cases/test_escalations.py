from __future__ import annotations

from datetime import timedelta

import pytest

from policyservice.cases import escalations
from policyservice.cases.escalations import EscalationFilters, EscalationStatus, Result
from policyservice.domain.errors import NotFound
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide
from tests.fakes import NOON

DUE = NOON + timedelta(minutes=240)


@pytest.fixture
def shop(any_db) -> Runtime:
    """A shop with three escalations: two at noon, one an hour later and for the fraud team."""
    runtime = a_shop(any_db)
    key = a_key(runtime)
    decide(runtime, key, "a", amount="20.01")
    decide(runtime, key, "b", amount="20.02")
    runtime.clock.advance(hours=1)
    decide(runtime, key, "c", reason="fraud.suspected")
    return runtime


def listed(shop: Runtime, **filters: object) -> list[escalations.Escalation]:
    with shop.db.reading() as conn:
        return escalations.listed(conn, EscalationFilters(**filters))


def test_the_queue_is_in_order_of_due_time(shop):
    found = listed(shop)

    assert [each.due_at for each in found] == [DUE, DUE, DUE + timedelta(hours=1)]
    assert [each.to for each in found] == ["trusted", "trusted", "fraud-team"]
    assert {each.status for each in found} == {EscalationStatus.OPEN}


def test_the_queue_is_filtered(shop):
    assert [each.to for each in listed(shop, to="fraud-team")] == ["fraud-team"]
    assert listed(shop, status=EscalationStatus.RESOLVED) == []
    assert listed(shop, overdue_at=DUE - timedelta(seconds=1)) == []
    assert [each.to for each in listed(shop, overdue_at=DUE)] == ["trusted", "trusted"]


def test_the_queue_is_read_on_from_the_last_one_seen(shop):
    every = listed(shop)
    with shop.db.reading() as conn:
        first = escalations.listed(conn, EscalationFilters(), limit=1)
        rest = escalations.listed(conn, EscalationFilters(), after=(first[0].due_at, first[0].id))
    assert [*first, *rest] == every


def test_a_resolved_escalation_is_no_longer_open_nor_overdue(shop):
    first = listed(shop)[0]
    with shop.db.transaction() as conn:
        escalations.get(conn, first.id, lock=True)
        escalations.resolve(conn, first.id, Result.REFUSED, by="liisa", at=NOON, note="too late")
        resolved = escalations.get(conn, first.id)

    assert (resolved.status, resolved.result, resolved.resolved_by) == ("resolved", "refused", "liisa")
    assert (resolved.resolved_at, resolved.note, resolved.result_decision_id) == (NOON, "too late", None)
    assert len(listed(shop, overdue_at=DUE)) == 1
    assert listed(shop, status=EscalationStatus.RESOLVED) == [resolved]


def test_an_escalation_that_does_not_exist_is_not_found(shop):
    with shop.db.reading() as conn, pytest.raises(NotFound):
        escalations.get(conn, "esc_nothing")
