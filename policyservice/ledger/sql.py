"""The ledger in SQL, for one transaction: entries appended, counters and heads moved with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from policyservice.db import barrier
from policyservice.db.prepared import Prepared, Values, Writes, rows_together
from policyservice.domain.decision import Received
from policyservice.domain.errors import NotFound
from policyservice.domain.limits import Usage
from policyservice.ledger import counters, rows
from policyservice.ledger.counters import Counter
from policyservice.ledger.keys import CounterSpec, received_key
from policyservice.ledger.meeting import Counting
from policyservice.ledger.receiving import ReceivedSum
from policyservice.ledger.shapes import counting
from policyservice.ledger.values import Entry, Footprint, Held, Part, Reservation


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
        self._waiting: list[tuple[Footprint, Usage]] = []  # changes of entries that no statement sees yet

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
        self.lock_all([footprint], [specs])
        return self.peek(specs, footprint.at)

    def lock_all(self, footprints: Sequence[Footprint], specs: Sequence[Sequence[CounterSpec]] = ()) -> None:
        """Lock what several decisions may change: in key order over all of them, as every transaction does.

        `specs` are the counters that each of them will ask for, so that those which must be summed are summed at once.
        """
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
            self._read(footprints, specs)

    def peek(self, specs: Sequence[CounterSpec], at: datetime) -> Mapping[str, Usage]:
        """What was used at an instant, as far as this transaction sees; only what is locked is written, where it had
        to be summed.
        """
        seen = {spec.key: self._rows[spec.key] for spec in specs if spec.key in self._rows}
        unlocked = [spec for spec in specs if spec.key not in seen]
        if unlocked:
            seen |= self._unlocked(unlocked)
        unlike = [spec for spec in specs if spec.key not in seen or not seen[spec.key].holds_at(at)]
        for spec, counted in counters.recounted(self._connection, unlike, at, self._zone):
            seen[spec.key] = row = self._with_waiting(spec, counted)
            if spec.key in self._rows:
                self._store(row)
        return {spec.key: seen[spec.key].usage for spec in specs}

    def _with_waiting(self, spec: CounterSpec, row: Counter) -> Counter:
        """A row that was summed from what is written, with what this transaction has yet to write.

        Also of a shape that is no longer kept: what is recorded for an instant before meets the limits of then.
        """
        if self._waiting:
            of_shape = Counting([spec.shape], self._zone)
            for footprint, change in self._waiting:
                if spec in of_shape.counters(footprint):
                    row = row.with_entry(spec, footprint.at, change)
        return row

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
            statement, ref = (rows.RECEIVED_BY_ORDER, order) if order is not None else (rows.RECEIVED_BY_CASE, case)
            known = rows.sum_received(statement.rows(self._connection, {"ref": ref, "of_currency": currency}))
        return known.as_received()

    def _read(self, footprints: Sequence[Footprint], specs: Sequence[Sequence[CounterSpec]]) -> None:
        """Read what orders received, and cases without one, and sum up counters: what was just locked nobody else
        changes now. PostgreSQL is asked all of it at once.
        """
        asked: list[tuple[Prepared, Values]] = []
        hear: list[Callable[[list[tuple[Any, ...]]], None]] = []
        for guard, statement, values in self._not_received(footprints):
            asked.append((statement, values))
            hear.append(partial(self._hear_received, guard))
        for unlike, at in self._not_summed(footprints, specs):
            asked.append(counters.summing(unlike, at, self._zone))
            hear.append(partial(self._hear_sums, unlike, at))
        for heard, found in zip(hear, rows_together(self._connection, asked), strict=True):
            heard(found)

    def _not_received(self, footprints: Iterable[Footprint]) -> Iterator[tuple[str, Prepared, Values]]:
        found = set()
        for each in footprints:
            guard = received_key(each.order, each.case, each.currency)
            if guard is None or guard in self._received or guard in found:
                continue
            found.add(guard)
            if each.order is not None:
                yield guard, rows.RECEIVED_BY_ORDER, {"ref": each.order, "of_currency": each.currency}
            else:
                yield guard, rows.RECEIVED_BY_CASE, {"ref": each.case, "of_currency": each.currency}

    def _hear_received(self, guard: str, found: list[tuple[Any, ...]]) -> None:
        self._received[guard] = rows.sum_received(found)

    def _not_summed(
        self, footprints: Sequence[Footprint], specs: Sequence[Sequence[CounterSpec]]
    ) -> Iterator[tuple[list[CounterSpec], datetime]]:
        taken: set[str] = set()
        for footprint, own in zip(footprints, specs, strict=False):
            unlike = [
                spec
                for spec in own
                if spec.key in self._rows and spec.key not in taken and not self._rows[spec.key].holds_at(footprint.at)
            ]
            if unlike:
                taken.update(spec.key for spec in unlike)
                yield unlike, footprint.at

    def _hear_sums(self, specs: list[CounterSpec], at: datetime, found: list[tuple[Any, ...]]) -> None:
        for spec, row in counters.recounts(specs, counters.read_sums(found), at):
            self._store(self._with_waiting(spec, row))

    def append(self, entry: Entry, head: Reservation, held: Held | None = None) -> None:
        """Append an entry, add its changes to the counters, and make or move the head."""
        footprint, change = entry.footprint, entry.change
        if any(change.usage) or change.refunded_minor or change.owed:
            self.lock_all([footprint])
            self._count(footprint, change)
        self._write(rows.INSERT_ENTRY, rows.of_entry(entry, head, held))
        if held is not None:
            self._write(rows.INSERT_HEAD, rows.of_head(head))
            self._held[head.decision] = (head, held)
        else:
            self._write(rows.MOVE_HEAD, rows.of_moved_head(head))
            if head.decision in self._held:
                self._held[head.decision] = (head, self._held[head.decision][1])

    def _count(self, footprint: Footprint, change: Part) -> None:
        if any(change.usage):
            if self._writes is not None:
                self._waiting.append((footprint, change.usage))
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
        row = rows.HEAD_OF.one(self._connection, {"of_decision": decision})
        if row is None:
            raise NotFound("reservation", decision)
        return rows.read_head(row)

    def next_due(self, now: datetime) -> tuple[Reservation, Held] | None:
        """The hold that has been due longest and that nobody else is ending; locked. None where there is none."""
        self._kept_from_here()
        row = rows.NEXT_DUE.one(self._connection, {"now": now})
        return None if row is None else rows.read_head(row)

    def _kept_from_here(self) -> Counting:
        """What is counted, fixed until the transaction ends.

        The barrier comes before every lock of this room, so that whoever publishes limits waits for transactions that
        can finish.
        """
        if self._counting is None:
            barrier.share(self._connection)
            self._counting = counting(self._connection, self._zone)
        return self._counting
