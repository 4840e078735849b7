"""An event leaves with its transaction, once however often it is told, and waits until it is taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from policyservice.db import tables
from policyservice.outbox import events
from tests.fakes import NOON


def add(db, about="prm_1", **changes):
    with db.transaction() as conn:
        return events.add(
            conn, **{"kind": "promise.overdue", "about": about, "body": {"case": "x"}, "at": NOON, **changes}
        )


def take(db, now=NOON, most=10):
    with db.transaction() as conn:
        return events.take(conn, now, most=most)


def count(db):
    with db.reading() as conn:
        return conn.execute(select(func.count()).select_from(tables.outbox_event)).scalar_one()


def is_any_due(db, now):
    with db.looking() as conn:
        return events.is_any_due(conn, now)


def test_an_event_is_there_when_its_transaction_is_committed_and_gone_when_it_is_not(any_db):
    with any_db.engine.connect() as conn, conn.begin() as work:
        events.add(conn, kind="k", about="a", body={}, at=NOON)
        work.rollback()
    assert count(any_db) == 0

    add(any_db)

    (event,) = take(any_db)
    assert (event.kind, event.about, event.body, event.at) == ("promise.overdue", "prm_1", {"case": "x"}, NOON)


def test_the_same_event_told_twice_is_one_and_another_is_another(any_db):
    first = add(any_db)

    assert add(any_db) == first
    assert count(any_db) == 1
    others = {
        add(any_db, about="prm_2"),
        add(any_db, kind="promise.kept"),
        add(any_db, body={"case": "y"}),
        add(any_db, at=NOON + timedelta(microseconds=1)),
    }
    assert len(others | {first}) == count(any_db) == 5


def test_an_event_is_due_at_its_instant_and_not_before(any_db):
    add(any_db)

    assert not is_any_due(any_db, NOON - timedelta(microseconds=1))
    assert take(any_db, NOON - timedelta(microseconds=1)) == []
    assert is_any_due(any_db, NOON)


def test_what_somebody_took_nobody_else_takes_until_the_lease_ends(any_db):
    add(any_db)
    lease = timedelta(seconds=events.LEASE_SECONDS)
    assert len(take(any_db)) == 1

    assert take(any_db, NOON + lease - timedelta(microseconds=1)) == []
    (again,) = take(any_db, NOON + lease)
    assert again.attempts == 1


def test_two_who_take_at_once_share_what_is_due(postgres_db):
    for number in range(4):
        add(postgres_db, f"prm_{number}")

    with postgres_db.transaction() as one, postgres_db.transaction() as other:
        mine = events.take(one, NOON, most=2)
        theirs = events.take(other, NOON, most=4)

    assert sorted(event.about for event in [*mine, *theirs]) == ["prm_0", "prm_1", "prm_2", "prm_3"]


def test_what_was_taken_is_not_sent_again(any_db):
    add(any_db)
    with any_db.transaction() as conn:
        events.delivered(conn, events.take(conn, NOON, most=1), NOON)

    assert not is_any_due(any_db, NOON + timedelta(days=29))


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 300), (8, 86_400), (9, 86_400), (30, 86_400)])
def test_pauses_grow_to_a_day(attempts, seconds):
    assert events.back_off(attempts) == timedelta(seconds=seconds)


def test_an_event_that_failed_comes_back_after_its_pause_with_the_reason(any_db):
    add(any_db)
    (event,) = take(any_db)
    with any_db.transaction() as conn:
        events.failed(conn, event, "answered 500", NOON)

    assert take(any_db, NOON + timedelta(seconds=5) - timedelta(microseconds=1)) == []
    (again,) = take(any_db, NOON + timedelta(seconds=5))
    assert again.id == event.id
    assert again.attempts == 1


def test_what_was_not_tried_counts_no_attempt(any_db):
    add(any_db)
    with any_db.transaction() as conn:
        events.give_back(conn, events.take(conn, NOON, most=1), NOON)

    (again,) = take(any_db, NOON + timedelta(seconds=5))
    assert again.attempts == 0


def test_events_of_thirty_days_are_removed_and_younger_ones_stay(any_db):
    add(any_db, "old")
    add(any_db, "young", at=NOON + timedelta(microseconds=1))
    with any_db.transaction() as conn:
        assert events.remove_old(conn, NOON + timedelta(days=events.KEPT_DAYS), most=10) == 1

    assert [event.about for event in take(any_db, NOON + timedelta(days=1))] == ["young"]
