"""Counters in SQL: lock them, sum them from the entries, add to them.

A counter is a cache of a sum over entries and nothing else. `summed_at` and `stale_at` of a rolling window say for
which instants, the first included and the second excluded, the cached sum is the right one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Row,
    Text,
    TextClause,
    TextualSelect,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    update,
)

from policyservice.db.tables import counter, entry
from policyservice.db.types import Minor, UtcInstant
from policyservice.domain.limits import Scope, Shape, Usage, WindowKind
from policyservice.ledger.keys import CounterSpec
from policyservice.ledger.windows import leaves_at, rolling_start, span


class Counter(NamedTuple):
    """A counter's row."""

    key: str
    usage: Usage
    counted: bool
    summed_at: datetime | None
    stale_at: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Whether the row is the right sum at an instant; a row without `summed_at` is not of a rolling window."""
        if not self.counted:
            return False
        if self.summed_at is None:
            return True
        return self.summed_at <= at and (self.stale_at is None or at < self.stale_at)


class Summed(NamedTuple):
    """A sum over entries, and the instant of the oldest of them."""

    usage: Usage
    oldest: datetime | None


_USAGE = Usage._fields
_COLUMNS = ("key", *_USAGE, "counted", "summed_at", "stale_at")


@lru_cache(maxsize=128)
def _lock_statement(count: int) -> TextualSelect:
    """Insert-or-lock of `count` counters in the order given; both databases take the rows' locks in that order."""
    zeros = ", ".join("0" for _ in _USAGE)
    rows = ", ".join(f"(:key_{n}, {zeros}, false, NULL, NULL)" for n in range(count))
    names = ", ".join(_COLUMNS)
    statement: TextClause = text(
        f"INSERT INTO counter ({names}) VALUES {rows} "
        f"ON CONFLICT (key) DO UPDATE SET counted = counter.counted RETURNING {names}"
    )
    return statement.columns(
        key=Text(),
        **dict.fromkeys(_USAGE, Minor()),
        counted=Boolean(),
        summed_at=UtcInstant(),
        stale_at=UtcInstant(),
    )


def lock(connection: Connection, keys: Sequence[str]) -> dict[str, Counter]:
    """Lock counters until the transaction ends, in key order; one that is not there yet is made, not yet counted."""
    in_order = sorted(set(keys))
    if not in_order:
        return {}
    given = {f"key_{n}": key for n, key in enumerate(in_order)}
    return {row.key: _counter(row) for row in connection.execute(_lock_statement(len(in_order)), given)}


_READ = select(*(counter.c[name] for name in _COLUMNS)).where(counter.c.key.in_(bindparam("keys", expanding=True)))


def read(connection: Connection, keys: Sequence[str]) -> dict[str, Counter]:
    """Counters as they stand, without locks."""
    if not keys:
        return {}
    return {row.key: _counter(row) for row in connection.execute(_READ, {"keys": list(keys)})}


_READ_ALL = select(*(counter.c[name] for name in _COLUMNS)).order_by(counter.c.key)


def read_all(connection: Connection) -> list[Counter]:
    """Every counter there is, by key."""
    return [_counter(row) for row in connection.execute(_READ_ALL)]


def drop(connection: Connection, key: str) -> None:
    """Take a counter away; it is summed from the entries if it is ever needed."""
    connection.execute(delete(counter).where(counter.c.key == key))


def _counter(row: Row[*tuple[Any, ...]]) -> Counter:
    return Counter(row[0], Usage._make(row[1:7]), row[7], row[8], row[9])


_STORE = (
    update(counter)
    .where(counter.c.key == bindparam("of_key"))
    .values(
        {name: bindparam(name) for name in _USAGE}
        | {"counted": True, "summed_at": bindparam("at"), "stale_at": bindparam("stale")}
    )
)


def recount(connection: Connection, spec: CounterSpec, at: datetime, zone: ZoneInfo) -> Usage:
    """Sum a locked counter from the entries as of an instant, and keep the sum in its row."""
    summed = sum_entries(connection, spec, at, zone)
    is_rolling = spec.shape.window.kind is WindowKind.ROLLING
    stale = leaves_at(spec.shape.window, summed.oldest) if is_rolling and summed.oldest else None
    connection.execute(
        _STORE,
        {"of_key": spec.key, "at": at if is_rolling else None, "stale": stale, **summed.usage._asdict()},
    )
    return summed.usage


_SUMS = tuple(func.coalesce(func.sum(entry.c[name]), 0) for name in _USAGE)
_SUBJECT = {
    Scope.AGENT: entry.c.agent,
    Scope.TEAM: entry.c.team,
    Scope.CUSTOMER: entry.c.customer,
    Scope.CASE: entry.c.case_ref,
    Scope.ORDER: entry.c.order_ref,
    Scope.INCIDENT: entry.c.incident,
    Scope.REASON: entry.c.reason,
}


def sum_entries(connection: Connection, spec: CounterSpec, at: datetime, zone: ZoneInfo) -> Summed:
    """What a counter must be by the entries alone; `at` matters to rolling windows only."""
    counted = [entry.c.currency == spec.shape.currency, *_of_subject(spec), *_in_window(spec, at, zone)]
    counted += _filtered(spec.shape)
    row = connection.execute(select(*_SUMS, func.min(entry.c.decided_at)).where(and_(*counted))).one()
    return Summed(Usage._make(int(amount) for amount in row[:6]), row[6])


def _of_subject(spec: CounterSpec) -> list[ColumnElement[bool]]:
    column = _SUBJECT.get(spec.shape.scope)
    return [] if column is None else [column == spec.subject]


def _in_window(spec: CounterSpec, at: datetime, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    decided_at = entry.c.decided_at
    if spec.shape.window.kind is WindowKind.ROLLING:
        return [decided_at > rolling_start(spec.shape.window, at)]
    start, before = span(spec.window_key, zone)
    if start is None or before is None:
        return []
    return [decided_at >= start, decided_at < before]


def _filtered(shape: Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.remedies:
        found.append(entry.c.remedy.in_(shape.remedies))
    if shape.reasons:
        found.append(or_(*(_matches(pattern) for pattern in shape.reasons)))
    return found


def _matches(pattern: str) -> ColumnElement[bool]:
    if not pattern.endswith(".*"):
        return entry.c.reason == pattern
    group = pattern[:-1]
    return func.substr(entry.c.reason, 1, len(group)) == group  # LIKE would read "_" and capitals in its own way


_CHANGES = {counter.c[name]: counter.c[name] + bindparam(f"change_{name}", type_=Minor()) for name in _USAGE}
_THESE = and_(counter.c.key.in_(bindparam("keys", expanding=True)), counter.c.counted)
_leaves = bindparam("leaves", type_=UtcInstant())
_ADD = update(counter).where(_THESE).values(_CHANGES)
_ADD_ROLLING = (
    update(counter)
    .where(_THESE, counter.c.summed_at < _leaves)
    .values(
        _CHANGES
        | {
            counter.c.stale_at: case(
                (counter.c.stale_at < _leaves, counter.c.stale_at),
                else_=_leaves,
            )
        }
    )
)


def add(connection: Connection, specs: Iterable[CounterSpec], decided_at: datetime, change: Usage) -> None:
    """Add an entry's changes to the locked counters it falls in; one that is not counted yet is left to be summed."""
    given = {f"change_{name}": amount for name, amount in change._asdict().items()}
    fixed: list[str] = []
    rolling: dict[timedelta, list[str]] = {}
    for spec in specs:
        window = spec.shape.window
        if window.kind is WindowKind.ROLLING:
            rolling.setdefault(leaves_at(window, decided_at) - decided_at, []).append(spec.key)
        else:
            fixed.append(spec.key)
    if fixed:
        connection.execute(_ADD, {"keys": fixed, **given})
    for length, keys in rolling.items():
        connection.execute(_ADD_ROLLING, {"keys": keys, "leaves": decided_at + length, **given})
