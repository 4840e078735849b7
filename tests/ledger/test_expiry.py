"""Holds end on time, once, whoever ends them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from policyservice.domain.decision import Status
from policyservice.ledger import settle
from policyservice.ledger.expiry import end_due_holds, has_due_holds
from policyservice.ledger.reconcile import reconcile
from policyservice.ledger.sql import SqlLedger
from policyservice.rulebook.model import WhenHoldEnds
from tests.ledger.factories import HELSINKI, HOUR, NOON, a_footprint, a_held, a_limit, hold, limits_of, prepare, used

LIMITS = limits_of(a_limit())
MICROSECOND = HOUR / 3_600_000_000


def is_due(db, now):
    with db.reading() as connection:
        return has_due_holds(connection, now)


def test_a_hold_is_due_at_its_end_and_not_a_microsecond_before(any_db):
    prepare(any_db, LIMITS)
    hold(any_db, a_held(), expires_at=NOON + HOUR)

    assert not is_due(any_db, NOON + HOUR - MICROSECOND)
    assert end_due_holds(any_db, HELSINKI, NOON + HOUR - MICROSECOND) == []
    assert is_due(any_db, NOON + HOUR)

    (ended,) = end_due_holds(any_db, HELSINKI, NOON + HOUR)

    assert ended.head.status is Status.EXPIRED
    assert used(any_db, LIMITS, a_footprint())["agent-day"].goodwill_face == 0
    assert not is_due(any_db, NOON + HOUR)


def test_what_was_settled_before_is_left_alone(any_db):
    prepare(any_db, LIMITS)
    hold(any_db, a_held(), expires_at=NOON + HOUR)
    with any_db.transaction() as connection:
        settle.commit(SqlLedger(connection, HELSINKI), "dec_1", now=NOON)

    assert end_due_holds(any_db, HELSINKI, NOON + 2 * HOUR) == []


def test_holds_end_longest_due_first_as_many_as_asked_for_each_in_its_own_way(any_db):
    prepare(any_db, LIMITS)
    hold(any_db, a_held(decision="dec_1"), expires_at=NOON + 2 * HOUR)
    hold(any_db, a_held(decision="dec_2"), expires_at=NOON + HOUR, when_hold_ends=WhenHoldEnds.COMMIT)
    hold(any_db, a_held(decision="dec_3"), expires_at=None)

    (first,) = end_due_holds(any_db, HELSINKI, NOON + 3 * HOUR, limit=1)
    (second,) = end_due_holds(any_db, HELSINKI, NOON + 3 * HOUR)

    assert (first.head.decision, first.head.status) == ("dec_2", Status.COMMITTED)
    assert (second.head.decision, second.head.status) == ("dec_1", Status.EXPIRED)


def test_many_who_end_holds_at_once_end_each_hold_once(any_db):
    prepare(any_db, LIMITS)
    for number in range(12):
        hold(any_db, a_held(decision=f"dec_{number}"), expires_at=NOON + HOUR)

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda _: end_due_holds(any_db, HELSINKI, NOON + HOUR), range(4)))
    rest = end_due_holds(any_db, HELSINKI, NOON + HOUR)  # what another was at when somebody looked

    assert sorted(each.head.decision for some in [*ended, rest] for each in some) == sorted(
        f"dec_{number}" for number in range(12)
    )
    with any_db.reading() as connection:
        assert reconcile(connection, HELSINKI) == []
