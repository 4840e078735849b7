"""Reads rows of the log as they are stored, for their leaves: no type of ours stands between, so that nothing an
altered file holds can look like what was there, or stop the reading.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Connection, Select, Text, cast, func, select, text, type_coerce
from sqlalchemy.types import NullType

from policyservice.db import tables
from policyservice.db.types import UtcInstant
from policyservice.decisions.seal.leaves import Leaf, digest_of, flag, instant, row_text

_BATCH = 500
_Readers = tuple[tuple[str, Callable[[Any], Any] | None], ...]
_SHORT_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,6}))?", re.ASCII)


class Row(NamedTuple):
    """A row as it stands in the table now: what it is called, and its text."""

    seq: int
    name: str
    text: str

    def leaf(self, table: str) -> Leaf:
        """Its leaf."""
        return Leaf(table, self.seq, digest_of(self.text))


def read(
    conn: Connection, table: str, *, after: int | None = None, upto: int | None = None, most: int | None = None
) -> Iterator[Row]:
    """The rows numbered above `after`, up to and including `upto`, in order; streamed, unless there are `most` of them.

    To be used inside `as_stored`, as everything here.
    """
    query, readers = _query(table, conn.dialect.name)
    seq = tables.metadata.tables[table].c.seq
    if after is not None:
        query = query.where(seq > after)
    if upto is not None:
        query = query.where(seq <= upto)
    streamed = {"yield_per": _BATCH} if most is None else {}
    with conn.execute(query.order_by(seq).limit(most), execution_options=streamed) as found:
        for values in found:
            yield _row(readers, values)


def one_decision(conn: Connection, decision_id: str) -> Row | None:
    """The row of one decision."""
    query, readers = _query("decision", conn.dialect.name)
    values = conn.execute(query.where(tables.decision.c.id == decision_id)).one_or_none()
    return None if values is None else _row(readers, values)


@cache
def _query(table: str, dialect: str) -> tuple[Select[Any], _Readers]:
    """The whole rows of a table, and how each column is read."""
    columns = tables.metadata.tables[table].columns
    query = select(*(stored(column, dialect) for column in columns))
    return query, tuple((column.name, _reader(column, dialect)) for column in columns)


def _reader(column: ColumnElement[Any], dialect: str) -> Callable[[Any], Any] | None:
    if isinstance(column.type, UtcInstant):
        return lambda value: stored_instant(value, dialect)
    return flag if isinstance(column.type, Boolean) else None


def stored(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """A column as the database has it, without our type; an instant in UTC and as text."""
    if isinstance(column.type, UtcInstant) and dialect == "postgresql":
        return cast(func.timezone("UTC", column), Text)
    return type_coerce(column, NullType())


def _row(readers: _Readers, stored: Iterable[Any]) -> Row:
    values = {}
    for (name, read), value in zip(readers, stored, strict=True):
        if value is not None:
            values[name] = value if read is None else read(value)
    seq = values.pop("seq")
    name = values.get("id") or f"{values.get('kind')} of {values.get('decision_id')}"  # of a decision, of an entry
    return Row(seq, str(name), row_text(values))


def stored_instant(value: Any, dialect: str) -> Any:
    """What `stored` gave of an instant, as `leaves.instant` writes it; PostgreSQL leaves out zeros at the end."""
    found = _SHORT_INSTANT.fullmatch(value) if dialect == "postgresql" and value is not None else None
    return instant(f"{found[1]}.{(found[2] or '').ljust(6, '0')}" if found else value)


@contextmanager
def as_stored(conn: Connection) -> Iterator[None]:
    """Makes the database give what is stored: PostgreSQL writes instants in ISO order, SQLite texts byte by byte."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET LOCAL datestyle = 'ISO, YMD'"))
        yield
        return
    driver = conn.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    before = driver.text_factory
    driver.text_factory = _byte_by_byte
    try:
        yield
    finally:
        driver.text_factory = before


def _byte_by_byte(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
