"""The sums that are kept, and how far they reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Insert, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from policyservice.db import tables
from policyservice.db.types import canonical_json
from policyservice.reports.figures import Key, Vector, add, nothing
from policyservice.reports.speed.cases import Counting, Point

DAY, MONTH = "day", "month"
_sum, _head, _escalated = tables.report_sum, tables.report_head, tables.report_escalation
_CHUNK = 300


@dataclass(frozen=True, slots=True)
class Head:
    """How far the sums reach: numbers of decisions, entries and outcomes up to which every row is in them.

    Cases are counted in days of `zone`, with what was heard of them within `outcome_days`.
    """

    zone: str
    outcome_days: int
    decision: int = 0
    entry: int = 0
    outcome: int = 0
    generation: int = 0

    @property
    def counting(self) -> Counting:
        """How cases are counted in them."""
        return Counting(ZoneInfo(self.zone), self.outcome_days)

    @property
    def point(self) -> Point:
        """The point of the log that they reach."""
        return Point(self.decision, self.entry, self.outcome)


@dataclass(frozen=True, slots=True)
class Behind:
    """How many rows are not in the sums, at most, and since when the oldest of them waits (None: there is none)."""

    rows: int
    since: datetime | None


class Kept(NamedTuple):
    """What a kept row is of: a day or a month, and the rest of a `Key`."""

    span: str
    starts: str
    reason: str
    channel: str
    team: str
    trust_level: str
    currency: str
    costs_version: int
    path: str


def head(conn: Connection) -> Head | None:
    """How far the sums reach; None where nothing was ever summed up."""
    row = conn.execute(select(_head)).one_or_none()
    if row is None:
        return None
    return Head(row.zone, row.outcome_days, row.decision_seq, row.entry_seq, row.outcome_seq, row.generation)


def behind(conn: Connection, head: Head) -> Behind:
    """How far the sums of a head are behind the log; a look at the ends of indexes."""
    rows = 0
    waiting: list[datetime] = []
    for table, reached, instant in (
        (tables.decision, head.decision, tables.decision.c.logged_at),
        (tables.entry, head.entry, tables.entry.c.at),
        (tables.outcome, head.outcome, tables.outcome.c.received_at),
    ):
        newest = conn.execute(select(func.max(table.c.seq))).scalar_one() or 0
        oldest = select(instant).where(table.c.seq > reached).order_by(table.c.seq).limit(1)
        rows += max(0, newest - reached)
        waiting += conn.execute(oldest).scalars().all()
    return Behind(rows, min(waiting, default=None))


def advance(conn: Connection, was: Head | None, now: Head) -> bool:
    """Move the head, unless somebody else did since it was read: then False, and nothing is to be added."""
    values = _row(now)
    if was is None:
        begun = _ours(conn)(_head).values(id=1, **values).on_conflict_do_nothing().returning(_head.c.id)
        return conn.execute(begun).first() is not None
    unmoved = (_head.c[name] == value for name, value in _row(was).items())
    return conn.execute(update(_head).where(*unmoved).values(**values)).rowcount == 1


def start_again(conn: Connection, counting: Counting) -> None:
    """Forget every sum; whoever is adding some at this moment comes too late."""
    was = head(conn)
    begun = begin(counting, generation=1 if was is None else was.generation + 1)
    conn.execute(delete(_head))
    conn.execute(insert(_head).values(id=1, **_row(begun)))
    conn.execute(delete(_sum))
    conn.execute(delete(_escalated))


def begin(counting: Counting, *, generation: int = 0) -> Head:
    """The head of no sums."""
    return Head(counting.zone.key, counting.outcome_days, generation=generation)


def _row(head: Head) -> dict[str, Any]:
    return {
        "zone": head.zone,
        "outcome_days": head.outcome_days,
        "decision_seq": head.decision,
        "entry_seq": head.entry,
        "outcome_seq": head.outcome,
        "generation": head.generation,
    }


def spread(sums: Mapping[Key, Vector]) -> dict[Kept, Vector]:
    """Sums by day as they are kept: by day, and again by month."""
    found: dict[Kept, Vector] = {}
    for key, vector in sums.items():
        day = key.day.isoformat()
        for span, starts in ((DAY, day), (MONTH, day[:7])):
            add(found.setdefault(Kept(span, starts, *key[1:]), nothing()), vector)
    return found


def add_up(conn: Connection, sums: Mapping[Key, Vector]) -> None:
    """Add sums to those that are kept."""
    rows = [
        {"id": _digest(kept), **kept._asdict(), **dict(zip(tables.SUMMED, vector, strict=True))}
        for kept, vector in spread(sums).items()
    ]
    statement = _ours(conn)(_sum)
    added = {name: _sum.c[name] + statement.excluded[name] for name in tables.SUMMED}
    upsert: Insert = statement.on_conflict_do_update(index_elements=["id"], set_=added)
    rows.sort(key=lambda row: str(row["id"]))
    for start in range(0, len(rows), _CHUNK):
        conn.execute(upsert, rows[start : start + _CHUNK])


def add_escalated(conn: Connection, found: Mapping[str, Key]) -> None:
    """Add what escalated decisions are of, by their ids."""
    rows = [escalated_row(decision_id, key) for decision_id, key in found.items()]
    if rows:
        conn.execute(insert(_escalated), rows)


def escalated_row(decision_id: str, key: Key) -> dict[str, Any]:
    """What an escalated decision is of, as it is kept."""
    names = ("reason", "channel", "team", "trust_level", "currency", "costs_version")
    return {
        "decision_id": decision_id,
        "starts": key.day.isoformat(),
        **{name: getattr(key, name) for name in names},
    }


def escalated(conn: Connection) -> Iterator[dict[str, Any]]:
    """What all escalated decisions are of that are kept."""
    for row in conn.execute(select(_escalated)):
        yield dict(row._mapping)


def everything(conn: Connection) -> Iterator[tuple[Kept, Vector]]:
    """All that is kept."""
    for row in conn.execute(select(_sum)):
        yield kept_of(row), [row._mapping[name] for name in tables.SUMMED]


def kept_of(row: Any) -> Kept:
    """What a row is of."""
    return Kept(*(row._mapping[name] for name in Kept._fields))


def without_zeros(sums: Iterable[tuple[Kept, Vector]]) -> dict[Kept, Vector]:
    """Sums that are not all zero: a row of zeros says as much as no row."""
    return {kept: vector for kept, vector in sums if any(vector)}


def _digest(kept: Kept) -> str:
    return sha256(canonical_json(list(kept)).encode()).hexdigest()


def _ours(conn: Connection) -> Any:
    return sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
