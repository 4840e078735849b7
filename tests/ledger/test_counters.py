"""Counters in SQL are sums of entries, whenever they are asked for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from policyservice.db import tables
from policyservice.domain.limits import Scope, Usage, WindowKind
from policyservice.ledger import settle
from policyservice.ledger.algebra import meet, specs_of
from policyservice.ledger.reconcile import reconcile
from policyservice.ledger.sql import SqlLedger
from policyservice.limits import versions
from tests.ledger.factories import (
    DAY,
    HELSINKI,
    HOUR,
    NOON,
    a_footprint,
    a_held,
    a_limit,
    hold,
    limits_of,
    prepare,
    rows,
    used,
)

MICROSECOND = HOUR / 3_600_000_000


def publish(db, limits, *, now=NOON, effective_from=None):
    with db.transaction() as connection:
        versions.publish(
            connection, limits, effective_from=effective_from or now, author="riitta", because="test", now=now
        )


def take(db, step, decision="dec_1", now=NOON, **given):
    with db.transaction() as connection:
        return step(SqlLedger(connection, HELSINKI), decision, now=now, **given)


def test_a_limit_introduced_later_counts_what_was_given_before(any_db):
    prepare(any_db, limits_of(a_limit("agent-day")))
    hold(any_db, a_held(1000))
    wider = limits_of(a_limit("agent-day"), a_limit("team-month", Scope.TEAM, WindowKind.MONTH))

    publish(any_db, wider)

    assert used(any_db, wider, a_footprint())["team-month"].goodwill_face == 1000


def test_a_limit_that_left_and_came_back_has_not_missed_what_happened_between(any_db):
    for_credit, for_gifts = limits_of(a_limit(remedies=("credit",))), limits_of(a_limit(remedies=("gift",)))
    prepare(any_db, for_credit)
    hold(any_db, a_held(100, decision="dec_1"))
    assert used(any_db, for_credit, a_footprint())["agent-day"].goodwill_face == 100

    publish(any_db, for_gifts, now=NOON + HOUR)
    hold(any_db, a_held(20, decision="dec_2", footprint=a_footprint(NOON + 2 * HOUR)))
    publish(any_db, for_credit, now=NOON + 3 * HOUR)

    assert used(any_db, for_credit, a_footprint(NOON + 4 * HOUR))["agent-day"].goodwill_face == 120


def test_limits_of_a_version_that_is_over_are_summed_without_a_counter(any_db):
    over, present = limits_of(a_limit(remedies=("credit",))), limits_of(a_limit())
    prepare(any_db, over)
    hold(any_db, a_held(100))
    publish(any_db, present, now=NOON + HOUR)

    assert used(any_db, over, a_footprint())["agent-day"].goodwill_face == 100
    with any_db.reading() as connection:
        assert not connection.execute(select(tables.counter).where(tables.counter.c.key.contains("remedies"))).all()


def test_a_counter_of_a_version_that_is_over_is_not_believed_once_nobody_counts_in_it(any_db):
    both = limits_of(a_limit("agent-day"), a_limit("order-once", Scope.ORDER, WindowKind.ONCE))
    fewer = limits_of(a_limit("agent-day"))
    prepare(any_db, both)
    publish(any_db, fewer, effective_from=NOON + HOUR)
    hold(any_db, a_held(100, decision="dec_1"))
    assert used(any_db, both, a_footprint())["order-once"].goodwill_face == 100
    publish(any_db, fewer, now=NOON + 2 * HOUR)  # from here on order-once is not counted any more
    hold(any_db, a_held(23, decision="dec_2", footprint=a_footprint(NOON + 3 * HOUR)))

    asked_as_of_before = used(any_db, both, a_footprint())

    assert asked_as_of_before["order-once"].goodwill_face == 123


def test_moving_a_bound_leaves_the_counters_as_they_are(any_db):
    prepare(any_db, limits_of(a_limit(amount=100)))
    hold(any_db, a_held(100))
    counted = rows(any_db, "counter")

    publish(any_db, limits_of(a_limit(amount=200)))

    assert rows(any_db, "counter") == counted > 0


def test_a_version_that_is_yet_to_come_is_counted_already(any_db):
    now_limits, later = limits_of(a_limit()), limits_of(a_limit("customer-year", Scope.CUSTOMER, WindowKind.YEAR))
    prepare(any_db, now_limits)
    publish(any_db, later, now=NOON, effective_from=NOON + DAY)
    hold(any_db, a_held(100))

    assert used(any_db, now_limits, a_footprint())["agent-day"].goodwill_face == 100
    assert used(any_db, later, a_footprint(NOON + DAY))["customer-year"].goodwill_face == 100


def test_an_agent_without_a_bound_still_uses_up_the_teams(any_db):
    limits = limits_of(a_limit("team-day", Scope.TEAM))
    prepare(any_db, limits)
    used(any_db, limits, a_footprint())
    hold(any_db, a_held(100, footprint=a_footprint(agent="riitta")))

    assert used(any_db, limits, a_footprint(agent="maija"))["team-day"].goodwill_face == 100


def test_a_rolling_window_leaves_out_what_is_exactly_as_old_as_it_is_long(any_db):
    limits = limits_of(a_limit("week", window=WindowKind.ROLLING, days=7))
    prepare(any_db, limits)
    hold(any_db, a_held(100))

    def at(instant):
        return used(any_db, limits, a_footprint(instant))["week"].goodwill_face

    assert at(NOON + 7 * DAY - MICROSECOND) == 100
    assert at(NOON + 7 * DAY) == 0
    assert at(NOON + 7 * DAY - MICROSECOND) == 100  # also for who asks about an earlier instant afterwards


def test_what_left_a_rolling_window_is_not_given_back_to_it(any_db):
    limits = limits_of(a_limit("week", window=WindowKind.ROLLING, days=7))
    prepare(any_db, limits)
    hold(any_db, a_held(100), expires_at=None)
    hold(any_db, a_held(30, decision="dec_2", footprint=a_footprint(NOON + 6 * DAY)))
    assert used(any_db, limits, a_footprint(NOON + 8 * DAY))["week"].goodwill_face == 30

    take(any_db, settle.void, now=NOON + 8 * DAY)

    assert used(any_db, limits, a_footprint(NOON + 8 * DAY))["week"].goodwill_face == 30


def test_what_was_given_before_it_was_asked_counts_on_its_own_day(any_db):
    limits = limits_of(a_limit())
    prepare(any_db, limits)
    used(any_db, limits, a_footprint(NOON - DAY))

    hold(any_db, a_held(100, footprint=a_footprint(NOON - DAY)), now=NOON)

    assert used(any_db, limits, a_footprint(NOON - DAY))["agent-day"].goodwill_face == 100
    assert used(any_db, limits, a_footprint(NOON))["agent-day"] == Usage()


@pytest.mark.parametrize(
    ("reasons", "counted"),
    [(("delivery.*",), 100), (("delivery.late",), 100), (("delivery",), 0), (("deliver_.*",), 0)],
)
def test_filters_on_reasons_hold_for_what_was_given_before(any_db, reasons, counted):
    prepare(any_db, limits_of(a_limit("other", Scope.CASE)))
    hold(any_db, a_held(100))
    filtered = limits_of(a_limit("filtered", Scope.ORGANISATION, WindowKind.ONCE, reasons=reasons))
    publish(any_db, filtered)
    spec = specs_of(
        meet(limits_of(a_limit("filtered", Scope.ORGANISATION, WindowKind.ONCE)), a_footprint(), None, (), HELSINKI)
    )[0]
    spec = spec._replace(shape=filtered.limits[0].shape, key=f"{spec.key}|reasons={','.join(reasons)}")

    with any_db.reading() as connection:
        assert SqlLedger(connection, HELSINKI).peek([spec], NOON)[spec.key].goodwill_face == counted


def test_a_peek_tells_the_same_as_a_lock_and_writes_nothing(any_db):
    limits = limits_of(a_limit(), a_limit("rolling", window=WindowKind.ROLLING, days=2))
    prepare(any_db, limits)
    specs = specs_of(meet(limits, a_footprint(), None, (), HELSINKI))

    def peek(at=NOON):
        with any_db.reading() as connection:
            return [usage.goodwill_face for usage in SqlLedger(connection, HELSINKI).peek(specs, at).values()]

    assert peek() == [0, 0]
    assert rows(any_db, "counter") == 0
    hold(any_db, a_held(100))
    assert peek() == [100, 100]
    used(any_db, limits, a_footprint())
    assert peek() == [100, 100]
    assert peek(NOON + 2 * DAY) == [100, 0]


def test_subjects_with_dividing_signs_have_counters_of_their_own(any_db):
    limits = limits_of(a_limit())
    prepare(any_db, limits)
    odd = a_footprint(agent="a|day:2026-11-18|EUR", case="T-1 'x\"; %_")
    hold(any_db, a_held(100, footprint=odd))

    assert used(any_db, limits, odd)["agent-day"].goodwill_face == 100
    assert used(any_db, limits, a_footprint(agent="a"))["agent-day"] == Usage()
    with any_db.reading() as connection:
        assert reconcile(connection, HELSINKI) == []
