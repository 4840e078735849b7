"""Counters in SQL: lock them, sum them from the entries, store them.

A counter is a cache of a sum over entries and nothing else. `summed_at` and `stale_at` of a rolling window say for
which instants, the first included and the second excluded, the cached sum is the right one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)

from policyservice.db.prepared import Prepared
from policyservice.db.tables import counter, entry
from policyservice.db.types import Minor, UtcInstant
from policyservice.domain.limits import NOTHING_USED, Scope, Shape, Usage, WindowKind
from policyservice.ledger.keys import CounterSpec
from policyservice.ledger.windows import leaves_at, rolling_start, span


class Counter(NamedTuple):
    """A counter's row, as it is or as it shall be."""

    key: str
    usage: Usage = NOTHING_USED
    counted: bool = False
    summed_at: datetime | None = None
    stale_at: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """Whether the row is the right sum at an instant; a row without `summed_at` is not of a rolling window."""
        if not self.counted:
            return False
        if self.summed_at is None:
            return True
        return self.summed_at <= at and (self.stale_at is None or at < self.stale_at)

    def with_entry(self, spec: CounterSpec, decided_at: datetime, change: Usage) -> Counter:
        """The row with an entry's change; itself where it is not counted yet, or of instants after the entry left."""
        if not self.counted:
            return self
        usage = self.usage.plus(change)
        if self.summed_at is None:
            return self._replace(usage=usage)
        leaves = leaves_at(spec.shape.window, decided_at)
        if leaves <= self.summed_at:
            return self
        stale = leaves if self.stale_at is None else min(self.stale_at, leaves)
        return self._replace(usage=usage, stale_at=stale)


class Summed(NamedTuple):
    """A sum over entries, and the instant of the oldest of them."""

    usage: Usage
    oldest: datetime | None


_USAGE = Usage._fields
_COLUMNS = ("key", *_USAGE, "counted", "summed_at", "stale_at")


@lru_cache(maxsize=512)
def _lock_statement(count: int) -> Prepared:
    """Insert-or-lock of `count` counters in the order given; both databases take the rows' locks in that order."""
    zeros = ", ".join("0" for _ in _USAGE)
    rows = ", ".join(f"(:key_{n}, {zeros}, false, NULL, NULL)" for n in range(count))
    names = ", ".join(_COLUMNS)
    statement = text(
        f"INSERT INTO counter ({names}) VALUES {rows} "
        f"ON CONFLICT (key) DO UPDATE SET counted = counter.counted RETURNING {names}"
    )
    return Prepared(
        statement.columns(
            key=Text(),
            **dict.fromkeys(_USAGE, Minor()),
            counted=Boolean(),
            summed_at=UtcInstant(),
            stale_at=UtcInstant(),
        )
    )


_MOST_AT_ONCE = 500
"""Counters locked by one statement: far below what either database takes."""


def lock(connection: Connection, keys: Iterable[str]) -> dict[str, Counter]:
    """Lock counters until the transaction ends, in key order; one that is not there yet is made, not yet counted."""
    in_order = sorted(set(keys))
    found = {}
    for first in range(0, len(in_order), _MOST_AT_ONCE):
        some = in_order[first : first + _MOST_AT_ONCE]
        given = {f"key_{n}": key for n, key in enumerate(some)}
        found.update({row[0]: _counter(row) for row in _lock_statement(len(some)).rows(connection, given)})
    return found


@lru_cache(maxsize=512)
def _read_statement(count: int) -> Prepared:
    wanted = [bindparam(f"key_{n}", type_=Text()) for n in range(count)]
    return Prepared(
        select(*(counter.c[name] for name in _COLUMNS)).where(or_(*(counter.c.key == key for key in wanted)))
    )


def read(connection: Connection, keys: Sequence[str]) -> dict[str, Counter]:
    """Counters as they stand, without locks."""
    if not keys:
        return {}
    given = {f"key_{n}": key for n, key in enumerate(keys)}
    return {row[0]: _counter(row) for row in _read_statement(len(keys)).rows(connection, given)}


_READ_ALL = Prepared(select(*(counter.c[name] for name in _COLUMNS)).order_by(counter.c.key))


def read_all(connection: Connection) -> list[Counter]:
    """Every counter there is, by key."""
    return [_counter(row) for row in _READ_ALL.rows(connection, {})]


def drop(connection: Connection, key: str) -> None:
    """Take a counter away; it is summed from the entries if it is ever needed."""
    connection.execute(delete(counter).where(counter.c.key == key))


def _counter(row: tuple[Any, ...]) -> Counter:
    return Counter(row[0], Usage._make(row[1:7]), row[7], row[8], row[9])


STORE = Prepared(
    update(counter)
    .where(counter.c.key == bindparam("of_key"))
    .values({name: bindparam(name) for name in (*_USAGE, "counted", "summed_at", "stale_at")})
)
"""Makes a locked row what `stored` gives."""


def stored(row: Counter) -> dict[str, Any]:
    """A row's values for `STORE`."""
    return {
        "of_key": row.key,
        **row.usage._asdict(),
        "counted": row.counted,
        "summed_at": row.summed_at,
        "stale_at": row.stale_at,
    }


def recounted(
    connection: Connection, specs: Sequence[CounterSpec], at: datetime, zone: ZoneInfo
) -> list[tuple[CounterSpec, Counter]]:
    """What the rows of counters must be by the entries that are written; nothing is stored."""
    return recounts(specs, sums(connection, specs, at, zone), at)


def recounts(specs: Sequence[CounterSpec], summed: Sequence[Summed], at: datetime) -> list[tuple[CounterSpec, Counter]]:
    """The rows of counters by what their entries add up to."""
    return [(spec, _recounted(spec, each, at)) for spec, each in zip(specs, summed, strict=True)]


def _recounted(spec: CounterSpec, summed: Summed, at: datetime) -> Counter:
    if spec.shape.window.kind is not WindowKind.ROLLING:
        return Counter(spec.key, summed.usage, True)
    stale = leaves_at(spec.shape.window, summed.oldest) if summed.oldest else None
    return Counter(spec.key, summed.usage, True, at, stale)


_SUBJECT = {
    Scope.AGENT: entry.c.agent,
    Scope.TEAM: entry.c.team,
    Scope.CUSTOMER: entry.c.customer,
    Scope.CASE: entry.c.case_ref,
    Scope.ORDER: entry.c.order_ref,
    Scope.INCIDENT: entry.c.incident,
    Scope.REASON: entry.c.reason,
}


def sums(connection: Connection, specs: Sequence[CounterSpec], at: datetime, zone: ZoneInfo) -> list[Summed]:
    """What counters must be by the entries alone, in one statement; `at` matters to rolling windows only."""
    if not specs:
        return []
    statement, values = summing(specs, at, zone)
    return read_sums(statement.rows(connection, values))


def summing(specs: Sequence[CounterSpec], at: datetime, zone: ZoneInfo) -> tuple[Prepared, dict[str, Any]]:
    """The statement that tells what counters must be, with its values; `read_sums` reads its rows."""
    values: dict[str, Any] = {}
    for n, spec in enumerate(specs):
        start, before = _reach(spec, at, zone)
        values |= {f"subject_{n}": spec.subject, f"start_{n}": start, f"before_{n}": before}
    return _sums_statement(tuple(spec.shape for spec in specs)), values


def read_sums(rows: Iterable[tuple[Any, ...]]) -> list[Summed]:
    """The sums of counters, in the order they were asked for."""
    return [Summed(Usage._make(int(amount) for amount in row[1:7]), row[7]) for row in sorted(rows)]


def sum_entries(connection: Connection, spec: CounterSpec, at: datetime, zone: ZoneInfo) -> Summed:
    """What one counter must be by the entries alone."""
    return sums(connection, [spec], at, zone)[0]


def _reach(spec: CounterSpec, at: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From where (excluded where the window rolls) and before where the decisions of a window lie."""
    if spec.shape.window.kind is WindowKind.ROLLING:
        return rolling_start(spec.shape.window, at), None
    return span(spec.window_key, zone)


_SUMS = tuple(func.coalesce(func.sum(entry.c[name]), literal_column("0")) for name in _USAGE)


@lru_cache(maxsize=256)
def _sums_statement(shapes: tuple[Shape, ...]) -> Prepared:
    return Prepared(
        union_all(
            *(
                select(literal_column(str(n)), *_SUMS, func.min(entry.c.decided_at)).where(and_(*_counted(shape, n)))
                for n, shape in enumerate(shapes)
            )
        )
    )


def _counted(shape: Shape, n: int) -> list[ColumnElement[bool]]:
    """Which entries a counter of a shape adds up, with the values of the `n`th."""
    wanted = [entry.c.currency == shape.currency, *_in_window(shape, n), *_filtered(shape)]
    subject = _SUBJECT.get(shape.scope)
    return wanted if subject is None else [subject == bindparam(f"subject_{n}"), *wanted]


def _in_window(shape: Shape, n: int) -> list[ColumnElement[bool]]:
    decided_at, start = entry.c.decided_at, bindparam(f"start_{n}", type_=UtcInstant())
    if shape.window.kind is WindowKind.ROLLING:
        return [decided_at > start]
    if shape.window.kind is WindowKind.ONCE:
        return []
    return [decided_at >= start, decided_at < bindparam(f"before_{n}", type_=UtcInstant())]


def _filtered(shape: Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.remedies:
        found.append(or_(*(entry.c.remedy == remedy for remedy in shape.remedies)))
    if shape.reasons:
        found.append(or_(*(_matches(pattern) for pattern in shape.reasons)))
    return found


def _matches(pattern: str) -> ColumnElement[bool]:
    if not pattern.endswith(".*"):
        return entry.c.reason == pattern
    group = pattern[:-1]
    return func.substr(entry.c.reason, 1, len(group)) == group  # LIKE would read "_" and capitals in its own way
