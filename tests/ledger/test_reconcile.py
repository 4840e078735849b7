"""Counters and heads are proved against the entries, and the entries against the decisions."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text, update

from policyservice.db.tables import counter, reservation
from policyservice.domain.limits import Scope, WindowKind
from policyservice.ledger import settle
from policyservice.ledger.reconcile import rebuild, reconcile
from policyservice.ledger.sql import SqlLedger
from tests.ledger.factories import (
    DAY,
    HELSINKI,
    NOON,
    a_footprint,
    a_held,
    a_limit,
    hold,
    limits_of,
    log_decision,
    prepare,
    used,
)

LIMITS = limits_of(a_limit(), a_limit("customer-year", Scope.CUSTOMER, WindowKind.ROLLING, days=365))
OF_THE_AGENT = counter.c.key == "agent:maija|day:2026-11-18|EUR"
OF_THE_CUSTOMER = counter.c.key == "customer:C-77|rolling:365|EUR"


@pytest.fixture
def db(any_db):
    """Three decisions: one committed for less, one reversed in part, one held."""
    prepare(any_db, LIMITS)
    used(any_db, LIMITS, a_footprint())
    for number in (1, 2, 3):
        hold(any_db, a_held(1000, decision=f"dec_{number}"), expires_at=NOON + DAY)
    with any_db.transaction() as connection:
        ledger = SqlLedger(connection, HELSINKI)
        settle.commit(ledger, "dec_1", now=NOON, amount_minor=600)
        settle.commit(ledger, "dec_2", now=NOON)
        settle.reverse(ledger, "dec_2", now=NOON, amount_minor=999)
    return any_db


def run(db, statement):
    with db.transaction() as connection:
        connection.execute(statement)


def found(db):
    with db.reading() as connection:
        return [str(difference) for difference in reconcile(connection, HELSINKI)]


def rebuilt(db):
    with db.transaction() as connection:
        return len(rebuild(connection, HELSINKI))


def test_there_is_no_difference_where_nobody_tampered(db):
    assert found(db) == []
    assert rebuilt(db) == 0


def test_a_tampered_counter_is_found_and_rebuilt(db):
    run(db, update(counter).where(OF_THE_AGENT).values(goodwill_face=1))

    assert found(db) == ["counter agent:maija|day:2026-11-18|EUR: goodwill_face is 1, should be 1601"]
    assert rebuilt(db) == 1
    assert found(db) == []
    assert used(db, LIMITS, a_footprint())["agent-day"].goodwill_face == 1601


def test_a_rolling_counter_that_would_be_kept_too_long_is_found(db):
    run(db, update(counter).where(OF_THE_CUSTOMER).values(stale_at=NOON + 999 * DAY))

    (difference,) = found(db)

    assert "stale_at" in difference
    assert rebuilt(db) == 1
    assert found(db) == []


def test_a_counter_that_is_gone_is_no_difference_since_it_is_summed_when_needed(db):
    run(db, delete(counter))

    assert found(db) == []
    assert used(db, LIMITS, a_footprint())["agent-day"].goodwill_face == 1601


def test_a_counter_nobody_can_read_and_one_of_a_lock_that_counts_are_found(db):
    run(db, update(counter).where(OF_THE_AGENT).values(key="nonsense"))
    run(db, update(counter).where(counter.c.key.startswith("received|")).values(goodwill_face=5))

    assert len(found(db)) == 2
    assert rebuilt(db) == 2
    assert found(db) == []


def test_a_tampered_head_is_found_and_rebuilt(db):
    run(
        db, update(reservation).where(reservation.c.decision_id == "dec_1").values(status="reserved", amount_minor=1000)
    )
    run(db, update(reservation).where(reservation.c.decision_id == "dec_3").values(expires_at=None))

    assert found(db) == [
        "head dec_1: status is reserved, should be committed",
        "head dec_1: amount_minor is 1000, should be 600",
        f"head dec_3: expires_at is None, should be {NOON + DAY}",
    ]
    assert rebuilt(db) == 3
    assert found(db) == []


def test_a_lost_head_is_made_anew_from_its_entries(db):
    run(db, delete(reservation))

    assert len(found(db)) == 3
    rebuilt(db)

    assert found(db) == []
    with db.transaction() as connection:
        ledger = SqlLedger(connection, HELSINKI)
        assert settle.reverse(ledger, "dec_1", now=NOON).head.status == "reversed"
        assert settle.void(ledger, "dec_3", now=NOON).head.status == "voided"


def test_a_head_without_entries_is_found_and_taken_away(db):
    with db.transaction() as connection:
        log_decision(connection, a_held(decision="dec_4"), outcome="deny")
        connection.execute(
            reservation.insert().values(
                decision_id="dec_4",
                status="reserved",
                amount_minor=1,
                number=0,
                when_hold_ends="release",
                changed_at=NOON,
            )
        )

    assert found(db) == ["head dec_4: decision_id is there, should be absent: it has no entries"]
    rebuilt(db)
    assert found(db) == []


def test_an_allow_without_its_hold_is_found(db):
    with db.transaction() as connection:
        log_decision(connection, a_held(decision="dec_4"))
        log_decision(connection, a_held(decision="dec_5"), outcome="escalate")

    assert found(db) == ["decision dec_4: hold is absent, should be there: its outcome is allow"]


def test_a_hold_of_another_sum_than_the_decision_allowed_is_found(db):
    with db.transaction() as connection:
        log_decision(connection, a_held(500, decision="dec_4"))
        settle.hold(SqlLedger(connection, HELSINKI), a_held(501, decision="dec_4"), now=NOON, expires_at=None)

    assert found(db) == ["decision dec_4: goodwill_minor is 501, should be 500"]


def test_a_hold_for_a_decision_that_allowed_nothing_is_found(db):
    with db.transaction() as connection:
        log_decision(connection, a_held(500, decision="dec_4"), outcome="deny")
        settle.hold(SqlLedger(connection, HELSINKI), a_held(500, decision="dec_4"), now=NOON, expires_at=None)

    assert found(db) == ["decision dec_4: hold is there, should be absent: its outcome is deny"]


def test_an_entry_changed_behind_the_triggers_is_found(sqlite_db):
    prepare(sqlite_db, LIMITS)
    used(sqlite_db, LIMITS, a_footprint())
    hold(sqlite_db, a_held(1000))
    run(sqlite_db, text("DROP TRIGGER entry_refuses_update"))

    run(sqlite_db, text("UPDATE entry SET goodwill_face = 1 WHERE decision_id = 'dec_1'"))

    assert {line.split(":")[0].split(" ")[0] for line in found(sqlite_db)} == {"counter", "entries", "decision"}
