"""The cases that are kept summed up, by how they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from policyservice.db import tables
from policyservice.db.types import canonical_json
from policyservice.reports.speed.cases import CaseKey

_table = tables.report_speed
_CHUNK = 300
DAY, MONTH = "day", "month"


class KeptCases(NamedTuple):
    """What a kept number of cases is of: a day or a month, and the rest of a `CaseKey`."""

    span: str
    starts: str
    reason: str
    channel: str
    team: str
    trust_level: str
    currency: str
    minutes: int
    settled: bool


def spread(changes: Mapping[CaseKey, int]) -> dict[KeptCases, int]:
    """Numbers of cases as they are kept: by day, and again by month; without zeros."""
    found: dict[KeptCases, int] = {}
    for key, cases in changes.items():
        day = key.day.isoformat()
        for span, starts in ((DAY, day), (MONTH, day[:7])):
            kept = KeptCases(span, starts, *key[1:])
            found[kept] = found.get(kept, 0) + cases
    return {kept: cases for kept, cases in found.items() if cases}


def add_up(conn: Connection, changes: Mapping[CaseKey, int]) -> None:
    """Add changes to what is kept."""
    rows: list[dict[str, Any]] = [
        {"id": _digest(kept), **kept._asdict(), "cases": cases} for kept, cases in spread(changes).items()
    ]
    statement = (sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert)(_table)
    added = _table.c.cases + statement.excluded.cases
    upsert = statement.on_conflict_do_update(index_elements=["id"], set_={"cases": added})
    rows.sort(key=lambda row: str(row["id"]))
    for start in range(0, len(rows), _CHUNK):
        conn.execute(upsert, rows[start : start + _CHUNK])


def start_again(conn: Connection) -> None:
    """Forget every one."""
    conn.execute(delete(_table))


def everything(conn: Connection) -> Iterator[tuple[KeptCases, int]]:
    """All that is kept, without zeros: a row of none says as much as no row."""
    for row in conn.execute(select(_table).where(_table.c.cases != 0)):
        yield KeptCases(*(row._mapping[name] for name in KeptCases._fields)), row.cases


def _digest(kept: KeptCases) -> str:
    return sha256(canonical_json(list(kept)).encode()).hexdigest()
