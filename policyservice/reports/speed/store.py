"""The cases that are kept summed up, by how they stand.

A row has the times of all cases that are of the same: a report reads thousands of rows instead of one for each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from policyservice.db import tables
from policyservice.db.types import canonical_json
from policyservice.reports.speed.cases import CaseKey

DAY, MONTH = "day", "month"
_table = tables.report_speed
_CHUNK = 300
_SETTLED = ("others", "settled")
"""Which column has the cases of which `settled` is false, and true."""


class KeptOf(NamedTuple):
    """What kept cases are of: a day or a month, and the rest of a `CaseKey` but how they stand."""

    span: str
    starts: str
    reason: str
    channel: str
    team: str
    trust_level: str
    currency: str


class KeptCases(NamedTuple):
    """How kept cases stand, and what they are of."""

    of: KeptOf
    minutes: int
    settled: bool


def spread(changes: Mapping[CaseKey, int]) -> dict[KeptCases, int]:
    """Numbers of cases as they are kept: by day, and again by month; without zeros."""
    found: dict[KeptCases, int] = {}
    for key, cases in changes.items():
        day = key.day.isoformat()
        for span, starts in ((DAY, day), (MONTH, day[:7])):
            of = KeptOf(span, starts, key.reason, key.channel, key.team, key.trust_level, key.currency)
            kept = KeptCases(of, key.minutes, key.settled)
            found[kept] = found.get(kept, 0) + cases
    return {kept: cases for kept, cases in found.items() if cases}


def add_up(conn: Connection, changes: Mapping[CaseKey, int]) -> None:
    """Add changes to what is kept; the head of the sums was moved in this transaction, so nobody else does."""
    rows: dict[str, dict[str, Any]] = {}
    counts: dict[str, dict[str, Counter[int]]] = {}
    for kept, cases in spread(changes).items():
        number = _digest(kept.of)
        rows.setdefault(number, {"id": number, **kept.of._asdict()})
        counts.setdefault(number, {name: Counter() for name in _SETTLED})[_SETTLED[kept.settled]][kept.minutes] += cases
    statement = (sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert)(_table)
    changed = {name: statement.excluded[name] for name in _SETTLED}
    upsert = statement.on_conflict_do_update(index_elements=["id"], set_=changed)
    ids = sorted(rows)
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        for row in conn.execute(
            select(_table.c.id, *(_table.c[name] for name in _SETTLED)).where(_table.c.id.in_(some))
        ):
            for name in _SETTLED:
                counts[row.id][name].update(dict(times(row._mapping[name])))
        conn.execute(upsert, [{**rows[one], **{name: _flat(counts[one][name]) for name in _SETTLED}} for one in some])


def start_again(conn: Connection) -> None:
    """Forget every one."""
    conn.execute(delete(_table))


def everything(conn: Connection) -> Iterator[tuple[KeptCases, int]]:
    """All that is kept."""
    for row in conn.execute(select(_table)):
        of = KeptOf(*(row._mapping[name] for name in KeptOf._fields))
        for is_settled, name in enumerate(_SETTLED):
            for minutes, cases in times(row._mapping[name]):
                yield KeptCases(of, minutes, bool(is_settled)), cases


def times(kept: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Minutes and how many cases, of a column."""
    return zip(kept[::2], kept[1::2], strict=True)


def _flat(counts: Counter[int]) -> list[int]:
    return [number for minutes in sorted(counts) if counts[minutes] for number in (minutes, counts[minutes])]


def _digest(of: KeptOf) -> str:
    return sha256(canonical_json(list(of)).encode()).hexdigest()
