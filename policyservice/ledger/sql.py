"""The ledger in SQL, for one transaction: entries appended, counters and heads moved with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from policyservice.db import barrier, tables
from policyservice.domain.decision import Owed, Received, Status
from policyservice.domain.errors import NotFound
from policyservice.domain.limits import Shape, Usage
from policyservice.ledger import counters
from policyservice.ledger.keys import CounterSpec, received_key
from policyservice.ledger.meeting import Counting
from policyservice.ledger.shapes import kept
from policyservice.ledger.values import Entry, Footprint, Held, Reservation
from policyservice.rulebook.model import WhenHoldEnds

_entry = tables.entry
_reservation = tables.reservation


class SqlLedger:
    """A `LedgerStore` on one connection, for one transaction of `Database.transaction`.

    `peek` and `received` also serve a reading. `zone` is the organisation's.
    """

    def __init__(self, connection: Connection, zone: ZoneInfo) -> None:
        self._connection = connection
        self._zone = zone
        self._counting: Counting | None = None
        self._shapes: frozenset[Shape] = frozenset()
        self._locked: tuple[Footprint, tuple[CounterSpec, ...]] | None = None

    def lock(self, footprint: Footprint, specs: Sequence[CounterSpec]) -> Mapping[str, Usage]:
        """Lock every counter the footprint counts in, and what its order received; tell what was used of `specs`."""
        counted = self._kept_from_here().counters(footprint)
        self._locked = (footprint, counted)
        keys = [spec.key for spec in counted]
        guard = received_key(footprint.order, footprint.case, footprint.currency)
        if guard is not None:
            keys.append(guard)
        rows = counters.lock(self._connection, keys)
        own = set(rows)
        # Of other remedies: asked about, but nothing is added there. A row of a shape that is not kept may be left over
        # from a version that is over; nobody has added to it since.
        others = [spec.key for spec in specs if spec.key not in own and spec.shape in self._shapes]
        rows |= counters.read(self._connection, others)
        at = footprint.at
        return {spec.key: self._used(spec, rows.get(spec.key), at, is_locked=spec.key in own) for spec in specs}

    def _used(self, spec: CounterSpec, row: counters.Counter | None, at: datetime, *, is_locked: bool) -> Usage:
        if row is not None and row.holds_at(at):
            return row.usage
        if row is None or not is_locked:
            return counters.sum_entries(self._connection, spec, at, self._zone).usage
        return counters.recount(self._connection, spec, at, self._zone)

    def peek(self, specs: Sequence[CounterSpec], at: datetime) -> Mapping[str, Usage]:
        """What was used at an instant, as far as this transaction sees; nothing is locked or written."""
        shapes = set(kept(self._connection))
        rows = counters.read(self._connection, [spec.key for spec in specs if spec.shape in shapes])
        used = {}
        for spec in specs:
            row = rows.get(spec.key)
            if row is not None and row.holds_at(at):
                used[spec.key] = row.usage
            else:
                used[spec.key] = counters.sum_entries(self._connection, spec, at, self._zone).usage
        return used

    def received(self, order: str | None, case: str | None, currency: str) -> Received:
        """What the order already received, or the case by entries without an order."""
        if order is not None:
            rows = self._connection.execute(_RECEIVED_BY_ORDER, {"ref": order, "of_currency": currency})
        elif case is not None:
            rows = self._connection.execute(_RECEIVED_BY_CASE, {"ref": case, "of_currency": currency})
        else:
            return Received()
        return _sum_received(rows.all())

    def append(self, entry: Entry, head: Reservation, held: Held | None = None) -> None:
        """Append an entry, add its changes to the counters, and make or move the head."""
        change = entry.change
        if any(change.usage) or change.refunded_minor or change.owed:
            counted = self._counters_locked(entry.footprint)
            if any(change.usage):
                counters.add(self._connection, counted, entry.footprint.at, change.usage)
        self._connection.execute(_INSERT_ENTRY, _entry_row(entry, head, held))
        self._connection.execute(*_head_statement(head, is_new=held is not None))

    def _counters_locked(self, footprint: Footprint) -> tuple[CounterSpec, ...]:
        if self._locked is None or self._locked[0] != footprint:
            self.lock(footprint, ())
        assert self._locked is not None
        return self._locked[1]

    def reservation(self, decision: str) -> tuple[Reservation, Held]:
        """The locked head of a decision and what it first held.

        Raises:
            NotFound: nothing was ever held for it.
        """
        self._kept_from_here()
        row = self._connection.execute(_HEAD_OF, {"of_decision": decision}).one_or_none()
        if row is None:
            raise NotFound("reservation", decision)
        return _read_head(row)

    def next_due(self, now: datetime) -> tuple[Reservation, Held] | None:
        """The hold that has been due longest and that nobody else is ending; locked. None where there is none."""
        self._kept_from_here()
        row = self._connection.execute(_NEXT_DUE, {"now": now}).one_or_none()
        return None if row is None else _read_head(row)

    def _kept_from_here(self) -> Counting:
        """What is counted, fixed until the transaction ends.

        The barrier comes before every lock of this room, so that whoever publishes limits waits for transactions that
        can finish.
        """
        if self._counting is None:
            barrier.share(self._connection)
            shapes = kept(self._connection)
            self._shapes = frozenset(shapes)
            self._counting = Counting(shapes, self._zone)
        return self._counting


_RECEIVED = select(_entry.c.refunded_minor, _entry.c.owed).where(_entry.c.currency == bindparam("of_currency"))
_RECEIVED_BY_ORDER = _RECEIVED.where(_entry.c.order_ref == bindparam("ref"))
_RECEIVED_BY_CASE = _RECEIVED.where(_entry.c.case_ref == bindparam("ref"), _entry.c.order_ref.is_(None))


def _sum_received(rows: Sequence[Row[*tuple[Any, ...]]]) -> Received:
    refunded = 0
    owed: dict[str, tuple[int, int]] = {}
    for row in rows:
        refunded += row.refunded_minor
        for rule, change in row.owed.items():
            before = owed.get(rule, (0, 0))
            owed[rule] = (before[0] + change[0], before[1] + change[1])
    return Received(refunded, {rule: sums for rule, sums in sorted(owed.items()) if sums != (0, 0)})


_HEAD: Select[Any] = (
    select(
        _reservation,
        *(
            _entry.c[name].label(f"entry_{name}")
            for name in (
                "decided_at",
                "agent",
                "team",
                "customer",
                "case_ref",
                "order_ref",
                "incident",
                "reason",
                "remedy",
                "currency",
                *Usage._fields,
                "refunded_minor",
                "owed",
            )
        ),
    )
    .join_from(_reservation, _entry, _entry.c.decision_id == _reservation.c.decision_id)
    .where(_entry.c.number == 0)
)
_HEAD_OF = _HEAD.where(_reservation.c.decision_id == bindparam("of_decision")).with_for_update(of=_reservation)
_NEXT_DUE = (
    _HEAD.where(_reservation.c.status == Status.RESERVED.value, _reservation.c.expires_at <= bindparam("now"))
    .order_by(_reservation.c.expires_at, _reservation.c.decision_id)
    .limit(1)
    .with_for_update(of=_reservation, skip_locked=True)
)


def _read_head(row: Row[*tuple[Any, ...]]) -> tuple[Reservation, Held]:
    head = Reservation(
        row.decision_id,
        Status(row.status),
        row.amount_minor,
        row.number,
        row.changed_at,
        row.expires_at,
        WhenHoldEnds(row.when_hold_ends),
    )
    footprint = Footprint(
        row.entry_decided_at,
        row.entry_reason,
        row.entry_remedy,
        row.entry_currency,
        row.entry_agent,
        row.entry_team,
        row.entry_customer,
        row.entry_case_ref,
        row.entry_order_ref,
        row.entry_incident,
    )
    held = Held(
        row.decision_id,
        footprint,
        row.entry_entitled_face,
        row.entry_goodwill_face,
        row.entry_entitled_cost,
        row.entry_goodwill_cost,
        tuple(Owed(rule, sums[0], sums[2]) for rule, sums in row.entry_owed.items()),
        row.entry_refunded_minor > 0,
    )
    return head, held


_INSERT_ENTRY = insert(_entry)


def _entry_row(entry: Entry, head: Reservation, held: Held | None) -> dict[str, Any]:
    footprint, change = entry.footprint, entry.change
    return {
        "decision_id": entry.decision,
        "number": entry.number,
        "kind": entry.kind.value,
        "at": entry.at,
        "decided_at": footprint.at,
        "agent": footprint.agent,
        "team": footprint.team,
        "customer": footprint.customer,
        "case_ref": footprint.case,
        "order_ref": footprint.order,
        "incident": footprint.incident,
        "reason": footprint.reason,
        "remedy": footprint.remedy,
        "currency": footprint.currency,
        **change.usage._asdict(),
        "refunded_minor": change.refunded_minor,
        "owed": _owed_as_json(change.owed, held),
        "amount_minor": entry.amount_minor,
        "late": entry.late,
        "note": entry.note,
        "external_ref": entry.external_ref,
        "expires_at": head.expires_at if held else None,
        "when_hold_ends": head.when_hold_ends.value if held else None,
    }


def _owed_as_json(change: Mapping[str, tuple[int, int]], held: Held | None) -> dict[str, list[int]]:
    """A hold adds `after_minor`, so that a part of it can be split from its entry alone."""
    if held is None:
        return {rule: list(sums) for rule, sums in change.items()}
    return {owed.rule: [*change[owed.rule], owed.after_minor] for owed in held.owed}


_INSERT_HEAD = insert(_reservation)
_MOVE_HEAD = (
    update(_reservation)
    .where(_reservation.c.decision_id == bindparam("of_decision"))
    .values(
        status=bindparam("new_status"),
        amount_minor=bindparam("new_amount"),
        number=bindparam("new_number"),
        changed_at=bindparam("new_changed_at"),
    )
)


def _head_statement(head: Reservation, *, is_new: bool) -> tuple[Any, dict[str, Any]]:
    if is_new:
        return _INSERT_HEAD, {
            "decision_id": head.decision,
            "status": head.status.value,
            "amount_minor": head.amount_minor,
            "number": head.number,
            "expires_at": head.expires_at,
            "when_hold_ends": head.when_hold_ends.value,
            "changed_at": head.changed_at,
        }
    return _MOVE_HEAD, {
        "of_decision": head.decision,
        "new_status": head.status.value,
        "new_amount": head.amount_minor,
        "new_number": head.number,
        "new_changed_at": head.changed_at,
    }
