"""Heads (reservations) against entries, and entries against decisions; in SQL, returning only what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, exists, func, insert, or_, select, update

from policyservice.db.tables import decision, entry, reservation
from policyservice.domain.decision import Outcome, Status
from policyservice.ledger.values import EntryKind
from policyservice.rulebook.model import WhenHoldEnds

Found = tuple[str, str, str, str, str]
"""What, where, column, found, expected: the fields of a `reconcile.Difference`."""

_totals = (
    select(
        entry.c.decision_id,
        func.max(entry.c.number).label("last"),
        func.count().label("entries"),
        func.sum(entry.c.goodwill_face + entry.c.entitled_face).label("standing"),
        func.sum(entry.c.goodwill_count + entry.c.entitled_count).label("times"),
    )
    .group_by(entry.c.decision_id)
    .subquery()
)
_first = entry.alias("first")
_last = entry.alias("last_entry")
_status: ColumnElement[str] = case(
    (_last.c.kind == EntryKind.HOLD.value, Status.RESERVED.value),
    (_last.c.kind == EntryKind.COMMIT.value, Status.COMMITTED.value),
    (_last.c.kind == EntryKind.VOID.value, Status.VOIDED.value),
    (_last.c.kind == EntryKind.EXPIRE.value, Status.EXPIRED.value),
    (_totals.c.times > 0, Status.COMMITTED.value),  # reversed in part
    else_=Status.REVERSED.value,
)
_EXPECTED = (
    select(
        _totals.c.decision_id,
        _totals.c.last,
        _totals.c.entries,
        _totals.c.standing,
        _last.c.amount_minor,
        _last.c.at,
        _status.label("status"),
        _first.c.expires_at,
        _first.c.when_hold_ends,
        reservation.c.decision_id.label("found_id"),
        reservation.c.status.label("found_status"),
        reservation.c.amount_minor.label("found_amount"),
        reservation.c.number.label("found_number"),
        reservation.c.expires_at.label("found_expires_at"),
        reservation.c.when_hold_ends.label("found_when_hold_ends"),
    )
    .join(_last, and_(_last.c.decision_id == _totals.c.decision_id, _last.c.number == _totals.c.last))
    .outerjoin(_first, and_(_first.c.decision_id == _totals.c.decision_id, _first.c.number == 0))
    .outerjoin(reservation, reservation.c.decision_id == _totals.c.decision_id)
)
_COMPARED = (
    ("status", "found_status", "status"),
    ("amount_minor", "found_amount", "amount_minor"),
    ("number", "found_number", "last"),
    ("expires_at", "found_expires_at", "expires_at"),
    ("when_hold_ends", "found_when_hold_ends", "when_hold_ends"),
)
_DIFFERING = _EXPECTED.where(
    or_(
        reservation.c.decision_id.is_(None),
        reservation.c.status != _status,
        reservation.c.amount_minor != _last.c.amount_minor,
        reservation.c.number != _totals.c.last,
        reservation.c.expires_at.is_distinct_from(_first.c.expires_at),
        reservation.c.when_hold_ends.is_distinct_from(_first.c.when_hold_ends),
        _totals.c.entries != _totals.c.last + 1,
        _totals.c.standing != _last.c.amount_minor,
    )
).order_by(_totals.c.decision_id)
_WITHOUT_ENTRIES = select(reservation.c.decision_id).where(
    ~exists().where(entry.c.decision_id == reservation.c.decision_id)
)


def differences(connection: Connection) -> Iterator[Found]:
    """Heads unlike their entries, and entries that do not add up."""
    for row in connection.execute(_DIFFERING):
        yield from _differing(row)
    for (decision_id,) in connection.execute(_WITHOUT_ENTRIES):
        yield "head", decision_id, "decision_id", "there", "absent: it has no entries"


def _differing(row: Row[*tuple[Any, ...]]) -> Iterator[Found]:
    given = row._mapping
    if row.entries != row.last + 1:
        yield "entries", row.decision_id, "number", f"{row.entries} up to {row.last}", "each number once from 0"
    if row.standing != row.amount_minor:
        yield "entries", row.decision_id, "amount_minor", str(row.amount_minor), str(row.standing)
    if row.found_id is None:
        yield "head", row.decision_id, "decision_id", "absent", "there"
        return
    for column, found, expected in _COMPARED:
        if given[found] != given[expected]:
            yield "head", row.decision_id, column, str(given[found]), str(given[expected])


def rebuild(connection: Connection) -> None:
    """Make every head what its entries say."""
    for row in connection.execute(_DIFFERING).all():
        values = {
            "status": row.status,
            "amount_minor": row.amount_minor,
            "number": row.last,
            "expires_at": row.expires_at,
            "when_hold_ends": row.when_hold_ends or WhenHoldEnds.RELEASE.value,
            "changed_at": row.at,
        }
        if row.found_id is None:
            connection.execute(insert(reservation).values(decision_id=row.decision_id, **values))
        else:
            connection.execute(update(reservation).where(reservation.c.decision_id == row.decision_id).values(values))
    without = [decision_id for (decision_id,) in connection.execute(_WITHOUT_ENTRIES)]
    if without:
        connection.execute(delete(reservation).where(reservation.c.decision_id.in_(without)))


_allowed = decision.c.outcome == Outcome.ALLOW.value
_UNLIKE_THEIR_HOLD = (
    select(
        decision.c.id,
        decision.c.outcome,
        decision.c.goodwill_minor,
        decision.c.entitled_minor,
        decision.c.at,
        _first.c.goodwill_face,
        _first.c.entitled_face,
        _first.c.decided_at,
    )
    .outerjoin(_first, and_(_first.c.decision_id == decision.c.id, _first.c.number == 0))
    .where(
        or_(
            and_(_allowed, _first.c.decision_id.is_(None)),
            and_(~_allowed, _first.c.decision_id.is_not(None)),
            _first.c.goodwill_face != decision.c.goodwill_minor,
            _first.c.entitled_face != decision.c.entitled_minor,
            _first.c.decided_at != decision.c.at,
        )
    )
    .order_by(decision.c.seq)
)


def decisions_unlike_their_hold(connection: Connection) -> Iterator[Found]:
    """Allowed decisions that hold nothing or something else, and others that hold anything."""
    for row in connection.execute(_UNLIKE_THEIR_HOLD):
        if row.outcome != Outcome.ALLOW.value:
            yield "decision", row.id, "hold", "there", f"absent: its outcome is {row.outcome}"
        elif row.decided_at is None:
            yield "decision", row.id, "hold", "absent", "there: its outcome is allow"
        else:
            yield from _unlike(row)


def _unlike(row: Row[*tuple[Any, ...]]) -> Iterator[Found]:
    compared = (
        ("goodwill_minor", row.goodwill_face, row.goodwill_minor),
        ("entitled_minor", row.entitled_face, row.entitled_minor),
        ("at", row.decided_at, row.at),
    )
    for column, found, expected in compared:
        if found != expected:
            yield "decision", row.id, column, str(found), str(expected)
