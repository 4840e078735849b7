"""Entries of the log read in order and counted in memory, as they happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from policyservice.db import tables
from policyservice.domain.decision import Status
from policyservice.domain.limits import Usage
from policyservice.ledger.memory import MemoryLedger
from policyservice.ledger.values import Entry, EntryKind, Footprint, Held, Part, Reservation

_BATCH = 1000
_entry = tables.entry


class EntriesAhead:
    """The entries of the log in the order they were booked; each is handed out once."""

    def __init__(self, conn: Connection) -> None:
        self._rows = _in_order(conn)
        self._next = next(self._rows, None)

    def while_(self, comes_before: Callable[[Row[Any]], bool]) -> Iterator[Row[Any]]:
        """The entries from where the last call stopped, up to the first of which `comes_before` is false."""
        while self._next is not None and comes_before(self._next):
            row, self._next = self._next, next(self._rows, None)
            yield row


def count(store: MemoryLedger, row: Row[Any]) -> None:
    """Count one entry of the log in a ledger in memory; its head is never settled there."""
    entry = _read(row)
    head = Reservation(entry.decision, Status.RESERVED, entry.amount_minor, entry.number, entry.at)
    store.append(entry, head, Held(entry.decision, entry.footprint))


def _in_order(conn: Connection) -> Iterator[Row[Any]]:
    after = 0
    while True:
        rows = conn.execute(select(_entry).where(_entry.c.seq > after).order_by(_entry.c.seq).limit(_BATCH)).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        after = rows[-1].seq


def _read(row: Row[Any]) -> Entry:
    footprint = Footprint(
        at=row.decided_at,
        reason=row.reason,
        remedy=row.remedy,
        currency=row.currency,
        agent=row.agent,
        team=row.team,
        customer=row.customer,
        case=row.case_ref,
        order=row.order_ref,
        incident=row.incident,
    )
    usage = Usage(*(getattr(row, name) for name in Usage._fields))
    owed = {rule: (sums[0], sums[1]) for rule, sums in row.owed.items()}
    part = Part(usage, row.refunded_minor, owed)
    return Entry(row.decision_id, row.number, EntryKind(row.kind), row.at, footprint, part, row.amount_minor)
