"""Seals in the database: read in order, appended one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Row, Select, Table, bindparam, func, insert, select, text

from policyservice.db import tables
from policyservice.decisions.seal.chain import End, Seal, is_hash
from policyservice.decisions.seal.rows import stored, stored_instant

_seal = tables.seal
_FIELDS = tuple(field.name for field in fields(Seal))
_TEXTS = ("sealed_at", "root", "previous", "hash")
_AT_A_TIME = 8
"""Seals fetched together: each may have its leaves of some ten kilobytes."""

_ALONE = text("SELECT pg_advisory_xact_lock(7265003)")
_END = select(*(_seal.c[name] for name in End._fields), _seal.c.sealed_at).order_by(_seal.c.number.desc()).limit(1)


def _oldest(table: Table, instant: Column[datetime]) -> Any:
    later = select(instant).where(table.c.seq > bindparam(table.name))
    return later.order_by(table.c.seq).limit(1).scalar_subquery()


_BACKLOG = select(
    select(func.max(tables.decision.c.seq)).scalar_subquery().label("decision"),
    select(func.max(tables.entry.c.seq)).scalar_subquery().label("entry"),
    _oldest(tables.decision, tables.decision.c.logged_at).label("decided"),
    _oldest(tables.entry, tables.entry.c.at).label("entered"),
)


class Backlog(NamedTuple):
    """What no seal covers yet: how many rows at most (numbers may have been left out), and since when one waits."""

    rows: int
    since: datetime | None


def end(conn: Connection) -> End:
    """Where the chain ends now; without its leaves, which are long."""
    return _end(conn)[0]


def sealed_at(conn: Connection) -> datetime | None:
    """When the last seal was made; None before the first."""
    return _end(conn)[1]


def rows(conn: Connection) -> int:
    """How many rows there are to compare, about: numbers may have been left out."""
    found = conn.execute(_BACKLOG, {"decision": 0, "entry": 0}).one()
    return (found.decision or 0) + (found.entry or 0)


def backlog(conn: Connection) -> Backlog:
    """How far the seals are behind the log."""
    after = end(conn)
    found = conn.execute(_BACKLOG, {"decision": after.last_decision, "entry": after.last_entry}).one()
    waiting = [instant for instant in (found.decided, found.entered) if instant is not None]
    rows = max(0, (found.decision or 0) - after.last_decision) + max(0, (found.entry or 0) - after.last_entry)
    return Backlog(rows, min(waiting, default=None))


def covering(conn: Connection, decision_seq: int) -> Seal | None:
    """The seal in whose range a decision's number lies; None where it is not sealed yet."""
    query = _query(conn.dialect.name).where(_seal.c.last_decision >= decision_seq)
    return _first(conn, query.order_by(_seal.c.number))


def in_order(conn: Connection) -> Iterator[Seal]:
    """Every seal, streamed; what an altered database holds in place of a number is 0, in place of a text "?"."""
    query = _query(conn.dialect.name).order_by(_seal.c.number)
    with conn.execute(query, execution_options={"yield_per": _AT_A_TIME}) as found:
        for row in found:
            yield _as_seal(row, conn.dialect.name)


def hashes(conn: Connection) -> Iterator[bytes]:
    """The hash of every seal in order, 32 bytes each, streamed.

    Raises:
        ValueError: one is no hash; the seals were altered.
    """
    query = select(_seal.c.hash).order_by(_seal.c.number)
    with conn.execute(query, execution_options={"yield_per": 5000}) as found:
        for (value,) in found:
            if not is_hash(value):
                raise ValueError("a seal without a hash")
            yield bytes.fromhex(value)


def append(conn: Connection, seal: Seal) -> bool:
    """Append a seal in the transaction of `conn`; False, and nothing, where it does not follow the last one now."""
    if conn.dialect.name == "postgresql":
        conn.execute(_ALONE)  # SQLite has one writer anyway
    last = end(conn)
    if (seal.number, seal.previous) != (last.number + 1, last.hash):
        return False
    values = {name: getattr(seal, name) for name in _FIELDS}
    conn.execute(insert(_seal), {**values, "sealed_at": datetime.fromisoformat(seal.sealed_at)})
    return True


def _end(conn: Connection) -> tuple[End, datetime | None]:
    row = conn.execute(_END).one_or_none()
    return (End(), None) if row is None else (End(*row[:-1]), row.sealed_at)


@cache
def _query(dialect: str) -> Select[Any]:
    return select(*(stored(_seal.c[name], dialect).label(name) for name in _FIELDS))


def _first(conn: Connection, query: Select[Any]) -> Seal | None:
    row = conn.execute(query.limit(1)).one_or_none()
    return None if row is None else _as_seal(row, conn.dialect.name)


def _as_seal(row: Row[Any], dialect: str) -> Seal:
    values = dict(row._mapping)
    values["sealed_at"] = stored_instant(values["sealed_at"], dialect)
    return Seal(**{name: _of_its_type(name, value) for name, value in values.items()})


def _of_its_type(name: str, value: Any) -> Any:
    if name == "leaves":
        return bytes(value) if isinstance(value, bytes | memoryview) else b"?"
    wanted, otherwise = (str, "?") if name in _TEXTS else (int, 0)
    return value if isinstance(value, wanted) else otherwise
