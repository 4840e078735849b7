"""The ledger in SQL, for one transaction: entries appended, counters and heads moved with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from policyservice.db import barrier, tables
from policyservice.db.prepared import Prepared, Writes
from policyservice.domain.decision import Owed, Received, Status
from policyservice.domain.errors import NotFound
from policyservice.domain.limits import Usage
from policyservice.ledger import counters
from policyservice.ledger.counters import Counter
from policyservice.ledger.keys import CounterSpec, received_key
from policyservice.ledger.meeting import Counting
from policyservice.ledger.receiving import ReceivedSum
from policyservice.ledger.shapes import counting
from policyservice.ledger.values import Entry, Footprint, Held, Part, Reservation
from policyservice.rulebook.model import WhenHoldEnds

_entry = tables.entry
_reservation = tables.reservation


class SqlLedger:
    """A `LedgerStore` on one connection, for one transaction of `Database.transaction`.

    `peek` and `received` also serve a reading. `zone` is the organisation's. With `writes` what is appended waits
    there until it is run, and is known here all the same. `counting` is given by a transaction that shares the barrier
    (`db.barrier`) already.
    """

    def __init__(
        self, connection: Connection, zone: ZoneInfo, *, counting: Counting | None = None, writes: Writes | None = None
    ) -> None:
        self._connection = connection
        self._zone = zone
        self._counting = counting
        self._writes = writes
        self._counted: dict[Footprint, tuple[CounterSpec, ...]] = {}  # of footprints whose counters are locked
        self._rows: dict[str, Counter] = {}  # locked, as they will be when everything is written
        self._received: dict[str, ReceivedSum] = {}  # of orders whose guard is locked
        self._held: dict[str, tuple[Reservation, Held]] = {}  # by this transaction

    @property
    def connection(self) -> Connection:
        """The connection whose transaction this works in."""
        return self._connection

    @property
    def waiting(self) -> tuple[Held, ...]:
        """What this transaction holds that waits to be written: no statement sees it yet."""
        return tuple(held for _, held in self._held.values()) if self._writes is not None else ()

    def lock(self, footprint: Footprint, specs: Sequence[CounterSpec]) -> Mapping[str, Usage]:
        """Lock every counter the footprint counts in, and what its order received; tell what was used of `specs`."""
        self.lock_all([footprint])
        return self.peek(specs, footprint.at)

    def lock_all(self, footprints: Sequence[Footprint]) -> None:
        """Lock what several decisions may change: in key order over all of them, as every transaction does."""
        counting = self._kept_from_here()
        wanted = set()
        for footprint in footprints:
            if footprint not in self._counted:
                counted = self._counted[footprint] = counting.counters(footprint)
                wanted.update([spec.key for spec in counted])
                guard = received_key(footprint.order, footprint.case, footprint.currency)
                if guard is not None:
                    wanted.add(guard)
        if wanted:
            self._rows.update(counters.lock(self._connection, wanted - self._rows.keys()))
            self._receive(footprints)

    def peek(self, specs: Sequence[CounterSpec], at: datetime) -> Mapping[str, Usage]:
        """What was used at an instant, as far as this transaction sees; only what is locked is written, where it had
        to be summed.
        """
        rows = {spec.key: self._rows[spec.key] for spec in specs if spec.key in self._rows}
        unlocked = [spec for spec in specs if spec.key not in rows]
        if unlocked:
            rows |= self._unlocked(unlocked)
        unlike = [spec for spec in specs if spec.key not in rows or not rows[spec.key].holds_at(at)]
        for key, row in counters.recounted(self._connection, unlike, at, self._zone).items():
            rows[key] = row
            if key in self._rows:
                self._store(row)
        return {spec.key: rows[spec.key].usage for spec in specs}

    def _unlocked(self, specs: Sequence[CounterSpec]) -> dict[str, Counter]:
        """The rows there are; those of shapes that are no longer kept missed what happened since."""
        kept = self._counting or counting(self._connection, self._zone)
        return counters.read(self._connection, [spec.key for spec in specs if spec.shape in kept.shapes])

    def received(self, order: str | None, case: str | None, currency: str) -> Received:
        """What the order already received, or the case by entries without an order."""
        guard = received_key(order, case, currency)
        if guard is None:
            return Received()
        known = self._received.get(guard)
        if known is None:
            statement, ref = (_RECEIVED_BY_ORDER, order) if order is not None else (_RECEIVED_BY_CASE, case)
            known = _sum_received(statement.rows(self._connection, {"ref": ref, "of_currency": currency}))
        return known.as_received()

    def _receive(self, footprints: Iterable[Footprint]) -> None:
        """Read what orders received, and cases without one, whose guard was just locked: nobody else changes it now."""
        for statement, by_order in ((_RECEIVED_BY_ORDER, True), (_RECEIVED_BY_CASE, False)):
            wanted = {
                guard: {"ref": each.order if by_order else each.case, "of_currency": each.currency}
                for each in footprints
                if (each.order is not None) is by_order
                and (guard := received_key(each.order, each.case, each.currency)) is not None
                and guard not in self._received
            }
            if wanted:
                rows = statement.rows_of_each(self._connection, list(wanted.values()))
                self._received |= {guard: _sum_received(each) for guard, each in zip(wanted, rows, strict=True)}

    def append(self, entry: Entry, head: Reservation, held: Held | None = None) -> None:
        """Append an entry, add its changes to the counters, and make or move the head."""
        footprint, change = entry.footprint, entry.change
        if any(change.usage) or change.refunded_minor or change.owed:
            self.lock_all([footprint])
            self._count(footprint, change)
        self._write(_INSERT_ENTRY, _entry_row(entry, head, held))
        if held is not None:
            self._write(_INSERT_HEAD, _head_row(head))
            self._held[head.decision] = (head, held)
        else:
            self._write(_MOVE_HEAD, _moved_head(head))
            if head.decision in self._held:
                self._held[head.decision] = (head, self._held[head.decision][1])

    def _count(self, footprint: Footprint, change: Part) -> None:
        if any(change.usage):
            for spec in self._counted[footprint]:
                row = self._rows[spec.key]
                changed = row.with_entry(spec, footprint.at, change.usage)
                if changed is not row:
                    self._store(changed)
        guard = received_key(footprint.order, footprint.case, footprint.currency)
        if guard in self._received:
            self._received[guard].add(change.refunded_minor, change.owed)

    def _store(self, row: Counter) -> None:
        self._rows[row.key] = row
        self._write(counters.STORE, counters.stored(row), key=row.key)

    def _write(self, statement: Prepared, values: dict[str, Any], *, key: str | None = None) -> None:
        if self._writes is None:
            statement.run(self._connection, values)
        else:
            self._writes.add(statement, values, key=key)

    def reservation(self, decision: str) -> tuple[Reservation, Held]:
        """The locked head of a decision and what it first held.

        Raises:
            NotFound: nothing was ever held for it.
        """
        if decision in self._held:
            return self._held[decision]
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
            self._counting = counting(self._connection, self._zone)
        return self._counting


_RECEIVED = select(_entry.c.refunded_minor, _entry.c.owed).where(_entry.c.currency == bindparam("of_currency"))
_RECEIVED_BY_ORDER = Prepared(_RECEIVED.where(_entry.c.order_ref == bindparam("ref")))
_RECEIVED_BY_CASE = Prepared(_RECEIVED.where(_entry.c.case_ref == bindparam("ref"), _entry.c.order_ref.is_(None)))


def _sum_received(rows: Iterable[tuple[Any, ...]]) -> ReceivedSum:
    found = ReceivedSum()
    for refunded_minor, owed in rows:
        found.add(refunded_minor, owed)
    return found


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


_INSERT_ENTRY = Prepared(insert(_entry))


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


_INSERT_HEAD = Prepared(insert(_reservation))
_MOVE_HEAD = Prepared(
    update(_reservation)
    .where(_reservation.c.decision_id == bindparam("of_decision"))
    .values(
        status=bindparam("new_status"),
        amount_minor=bindparam("new_amount"),
        number=bindparam("new_number"),
        changed_at=bindparam("new_changed_at"),
    )
)


def _head_row(head: Reservation) -> dict[str, Any]:
    return {
        "decision_id": head.decision,
        "status": head.status.value,
        "amount_minor": head.amount_minor,
        "number": head.number,
        "expires_at": head.expires_at,
        "when_hold_ends": head.when_hold_ends.value,
        "changed_at": head.changed_at,
    }


def _moved_head(head: Reservation) -> dict[str, Any]:
    return {
        "of_decision": head.decision,
        "new_status": head.status.value,
        "new_amount": head.amount_minor,
        "new_number": head.number,
        "new_changed_at": head.changed_at,
    }
