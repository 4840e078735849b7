"""Reads rows of the log as they are stored, for their leaves: no type of ours stands between, so that nothing an
altered file holds can look like what was there, or stop the reading.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Connection, Select, Text, cast, func, select, text, type_coerce
from sqlalchemy.types import NullType

from policyservice.db import tables
from policyservice.db.types import UtcInstant
from policyservice.decisions.seal.leaves import Leaf, digest_of, flag, instant, row_text

_BATCH = 500
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
    query, names = _query(table, conn.dialect.name)
    seq = tables.metadata.tables[table].c.seq
    if after is not None:
        query = query.where(seq > after)
    if upto is not None:
        query = query.where(seq <= upto)
    streamed = {"yield_per": _BATCH} if most is None else {}
    with conn.execute(query.order_by(seq).limit(most), execution_options=streamed) as found:
        for values in found:
            yield _row(table, conn.dialect.name, dict(zip(names, values, strict=True)))


def one_decision(conn: Connection, decision_id: str) -> Row | None:
    """The row of one decision."""
    query, names = _query("decision", conn.dialect.name)
    values = conn.execute(query.where(tables.decision.c.id == decision_id)).one_or_none()
    return None if values is None else _row("decision", conn.dialect.name, dict(zip(names, values, strict=True)))


@cache
def _query(table: str, dialect: str) -> tuple[Select[Any], tuple[str, ...]]:
    columns = tables.metadata.tables[table].columns
    return select(*(stored(column, dialect) for column in columns)), tuple(column.name for column in columns)


def stored(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """A column as the database has it, without our type; an instant in UTC and as text."""
    if isinstance(column.type, UtcInstant) and dialect == "postgresql":
        return cast(func.timezone("UTC", column), Text)
    return type_coerce(column, NullType())


def _row(table: str, dialect: str, values: dict[str, Any]) -> Row:
    for column in tables.metadata.tables[table].columns:
        value = values[column.name]
        if isinstance(column.type, UtcInstant):
            values[column.name] = stored_instant(value, dialect)
        elif isinstance(column.type, Boolean):
            values[column.name] = flag(value)
    seq = values.pop("seq")
    name = values["id"] if table == "decision" else f"{values['kind']} of {values['decision_id']}"
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
