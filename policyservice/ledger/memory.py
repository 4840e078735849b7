"""The ledger in memory, for back-tests and previews: the same algebra, no entries kept.

It is told all limits it will ever meet, so no counter needs to be summed from history: one never touched is zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from policyservice.domain.decision import Received
from policyservice.domain.errors import NotFound
from policyservice.domain.limits import NOTHING_USED, LimitSet, Usage
from policyservice.ledger.algebra import split
from policyservice.ledger.keys import CounterSpec, received_key
from policyservice.ledger.meeting import Counting, shapes_of
from policyservice.ledger.receiving import ReceivedSum
from policyservice.ledger.values import Entry, Footprint, Held, Part, Reservation


class MemoryLedger:
    """A `LedgerStore` for one thread.

    `limit_sets` are all versions whose limits it will be asked about; zones and windows as in service.
    """

    def __init__(self, zone: ZoneInfo, limit_sets: Iterable[LimitSet]) -> None:
        self._counting = Counting(shapes_of(limit_sets), zone)
        self._fixed: dict[str, Usage] = {}
        self._rolling: dict[str, _RollingSum] = {}
        self._received: dict[str, ReceivedSum] = {}
        self._heads: dict[str, tuple[Reservation, Held]] = {}

    def lock(self, footprint: Footprint, specs: Sequence[CounterSpec]) -> Mapping[str, Usage]:
        """What was used at the footprint's instant; there is nobody to lock out."""
        return self.peek(specs, footprint.at)

    def peek(self, specs: Sequence[CounterSpec], at: datetime) -> Mapping[str, Usage]:
        """What was used at an instant."""
        fixed, rolling = self._fixed, self._rolling
        used = {}
        for key, _, _, _ in specs:
            sums = fixed.get(key)
            if sums is None:
                changes = rolling.get(key)
                sums = changes.at(at) if changes else NOTHING_USED
            used[key] = sums
        return used

    def received(self, order: str | None, case: str | None, currency: str) -> Received:
        """What the order, or the case without order, already received."""
        key = received_key(order, case, currency)
        found = self._received.get(key) if key else None
        return found.as_received() if found else Received()

    def append(self, entry: Entry, head: Reservation, held: Held | None = None) -> None:
        """Count an entry and move the head."""
        self._count(entry.footprint, entry.change)
        self._heads[entry.decision] = (head, held or self._heads[entry.decision][1])

    def book(self, held: Held) -> None:
        """Count a decision as given for good: hold and commit in one, with no head to settle later."""
        self._count(held.footprint, split(held, held.amount_minor))

    def reservation(self, decision: str) -> tuple[Reservation, Held]:
        """The head of a decision and what it first held."""
        try:
            return self._heads[decision]
        except KeyError:
            raise NotFound("reservation", decision) from None

    def _count(self, footprint: Footprint, change: Part) -> None:
        if any(change.usage):
            for key, length in self._counting.keys(footprint):
                self._add(key, length, footprint.at, change.usage)
        if change.refunded_minor or change.owed:
            order = received_key(footprint.order, footprint.case, footprint.currency)
            if order is not None:
                self._received.setdefault(order, ReceivedSum()).add(change.refunded_minor, change.owed)

    def _add(self, key: str, length: timedelta | None, decided_at: datetime, change: Usage) -> None:
        if length is None:
            sums = self._fixed.get(key)
            self._fixed[key] = change if sums is None else sums.plus(change)
            return
        changes = self._rolling.get(key)
        if changes is None:
            changes = self._rolling[key] = _RollingSum()
        changes.add(decided_at + length, change)


class _RollingSum:
    """Changes in the order in which they leave the window, with the sum of those that have not left yet."""

    __slots__ = ("_changes", "_first", "_leaving", "_sums")

    def __init__(self) -> None:
        self._leaving: list[datetime] = []
        self._changes: list[Usage] = []
        self._first = 0  # what stands before it has left
        self._sums = NOTHING_USED

    def at(self, at: datetime) -> Usage:
        while self._first < len(self._leaving) and self._leaving[self._first] <= at:
            self._sums = self._sums.minus(self._changes[self._first])
            self._first += 1
        while self._first and self._leaving[self._first - 1] > at:  # an instant before the last one asked for
            self._first -= 1
            self._sums = self._sums.plus(self._changes[self._first])
        return self._sums

    def add(self, leaves: datetime, change: Usage) -> None:
        place = bisect_right(self._leaving, leaves)
        self._leaving.insert(place, leaves)
        self._changes.insert(place, change)
        if place < self._first:
            self._first += 1
        else:
            self._sums = self._sums.plus(change)
