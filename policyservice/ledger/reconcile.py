"""Proves that counters and heads are what the entries say, and that the entries are what the decisions say.

Counters and heads are caches and can be rebuilt; entries and decisions are append-only, so a difference between those
two is not mended by a program but looked into by a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from policyservice.db import barrier
from policyservice.domain.limits import Usage, WindowKind
from policyservice.ledger import counters, heads
from policyservice.ledger.counters import Counter
from policyservice.ledger.keys import RECEIVED, CounterSpec, read_key
from policyservice.ledger.shapes import kept
from policyservice.ledger.windows import leaves_at


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where what is kept differs from what it should be.

    `what` is "counter", "head", "entries" or "decision"; `where` its key or the decision's id; `column` what differs.
    """

    what: str
    where: str
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.what} {self.where}: {self.column} is {self.found}, should be {self.expected}"


def reconcile(connection: Connection, zone: ZoneInfo) -> list[Difference]:
    """Every difference there is, none where all agree. Reads only; give it one snapshot (`Database.reading`)."""
    found = list(_counter_differences(connection, zone))
    found += [Difference(*each) for each in heads.differences(connection)]
    found += [Difference(*each) for each in heads.decisions_unlike_their_hold(connection)]
    return found


def rebuild(connection: Connection, zone: ZoneInfo) -> list[Difference]:
    """Make counters and heads anew from the entries; the differences there were before.

    Runs in one transaction, and decisions wait for it. Differences of decision and entries remain (see above).
    """
    barrier.alone(connection)
    before = reconcile(connection, zone)
    shapes = set(kept(connection))
    for row in counters.read_all(connection):
        spec = read_key(row.key)
        if spec is None or spec.shape not in shapes:
            counters.drop(connection, row.key)
        elif row.counted:
            ((_, again),) = counters.recounted(connection, [spec], row.summed_at or _ANY_INSTANT, zone)
            counters.STORE.run(connection, counters.stored(again))
    heads.rebuild(connection)
    return before


def _counter_differences(connection: Connection, zone: ZoneInfo) -> Iterator[Difference]:
    shapes = set(kept(connection))
    for row in counters.read_all(connection):
        if row.key.startswith(f"{RECEIVED}|"):
            if any(row.usage):
                yield Difference("counter", row.key, "usage", str(tuple(row.usage)), str(tuple(Usage())))
            continue
        spec = read_key(row.key)
        if spec is None:
            yield Difference("counter", row.key, "key", "unreadable", "the key of a counter")
        elif row.counted and spec.shape in shapes:
            yield from _unlike_entries(connection, row, spec, zone)


_ANY_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
"""For windows whose sums do not depend on the instant they are taken at."""


def _unlike_entries(connection: Connection, row: Counter, spec: CounterSpec, zone: ZoneInfo) -> Iterator[Difference]:
    summed = counters.sum_entries(connection, spec, row.summed_at or _ANY_INSTANT, zone)
    for column, found, expected in zip(Usage._fields, row.usage, summed.usage, strict=True):
        if found != expected:
            yield Difference("counter", row.key, column, str(found), str(expected))
    if spec.shape.window.kind is WindowKind.ROLLING and summed.oldest is not None:
        leaves = leaves_at(spec.shape.window, summed.oldest)
        if row.stale_at is None or row.stale_at > leaves:
            yield Difference("counter", row.key, "stale_at", str(row.stale_at), str(leaves))
