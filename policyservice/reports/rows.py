"""Reads from the rows of the log what each adds to a report."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal_column, select

from policyservice.db import tables
from policyservice.reports.figures import Booking, Key, Part, Path, Vector, add, nothing, of_decision, of_entry, path_of

decision, entry = tables.decision, tables.entry
_hold = tables.entry.alias("hold")
_ANSWERS = select(tables.escalation.c.result_decision_id).where(tables.escalation.c.result_decision_id.is_not(None))
_BATCH = 2_000
_AT_ONCE = 20


class Added(NamedTuple):
    """What one row adds, to what, and of which decision it is."""

    key: Key
    decision_id: str
    sums: Vector


def of_decisions(conn: Connection, zone: ZoneInfo, wanted: Iterable[ColumnElement[bool]]) -> Iterator[Added]:
    """What decisions add; `wanted` are conditions on the table."""
    needed = decision.c.outcome == "escalate"
    query = select(*_described(conn, needed)).where(*wanted)
    for row in streamed(conn, query):
        key = _key(row, zone)
        yield Added(key, row.id, of_decision(key.path, row.cost_minor, row.views))


def of_entries(conn: Connection, zone: ZoneInfo, wanted: Iterable[ColumnElement[bool]]) -> Iterator[Added]:
    """What entries add; `wanted` are conditions on the tables of entries and decisions."""
    needed = entry.c.kind.in_(("commit", "reverse"))
    columns = (
        entry.c.kind,
        entry.c.late,
        entry.c.amount_minor,
        entry.c.goodwill_face,
        entry.c.entitled_face,
        (entry.c.goodwill_cost + entry.c.entitled_cost).label("cost"),
        _hold.c.goodwill_face.label("held_goodwill"),
        _hold.c.entitled_face.label("held_entitled"),
        (_hold.c.goodwill_cost + _hold.c.entitled_cost).label("held_cost"),
    )
    query = (
        select(*_described(conn, needed), *columns)
        .select_from(entry)
        .join(decision, decision.c.id == entry.c.decision_id)
        .join(_hold, (_hold.c.decision_id == entry.c.decision_id) & (_hold.c.number == 0))
        .where(*wanted)
    )
    for row in streamed(conn, query):
        key = _key(row, zone)
        change = Part(row.goodwill_face, row.entitled_face, row.cost)
        held = Part(row.held_goodwill, row.held_entitled, row.held_cost)
        booked = Booking(row.kind, row.late, change, held, row.amount_minor)
        yield Added(key, row.id, of_entry(key.path, booked, row.cost_minor, row.views))


def summed(found: Iterable[Added], sums: dict[Key, Vector] | None = None) -> dict[Key, Vector]:
    """The sums of rows by key, on top of others."""
    sums = {} if sums is None else sums
    for number, one in enumerate(found):
        if number % _AT_ONCE == 0:
            time.sleep(0)  # lets a waiting request have the interpreter now, not when this thread's share ends
        add(sums.setdefault(one.key, nothing()), one.sums)
    return sums


def is_on(path: Path) -> ColumnElement[bool]:
    """Whether a decision was answered on a path."""
    answers = decision.c.id.in_(_ANSWERS)
    if path is Path.ANSWER:
        return answers
    outcome = {Path.ESCALATED: "escalate", Path.DENIED: "deny"}.get(path, "allow")
    found = and_(~answers, decision.c.outcome == outcome)
    return found if outcome != "allow" else and_(found, decision.c.stretched == (path is Path.STRETCHED))


def _described(conn: Connection, needed: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    """The columns that say what a row is of, and its estimate as JSON where it is needed."""
    columns = decision.c
    return (
        columns.id,
        columns.at,
        columns.outcome,
        columns.stretched,
        columns.reason,
        columns.channel,
        func.coalesce(columns.team, "").label("team"),
        func.coalesce(columns.trust_level, "").label("trust_level"),
        columns.currency,
        columns.costs_version,
        columns.cost_minor,
        columns.id.in_(_ANSWERS).label("answers"),
        case((needed, in_record(conn, "decision", "cost", "views")), else_=None).label("views"),
    )


def in_record(conn: Connection, *path: str) -> ColumnElement[Any]:
    """A part of the record as text: each database has its own way to say so."""
    if conn.dialect.name == "sqlite":
        return literal_column(f"json_extract(decision.record, '$.{'.'.join(path)}')")
    return literal_column(f"(CAST(decision.record AS json) #>> '{{{','.join(path)}}}')")


def _key(row: Row[Any], zone: ZoneInfo) -> Key:
    at: datetime = row.at
    path: Path = path_of(row.outcome, row.stretched, row.answers)
    return Key(
        at.astimezone(zone).date(),
        row.reason,
        row.channel,
        row.team,
        row.trust_level,
        row.currency,
        row.costs_version,
        path,
    )


def streamed(conn: Connection, query: Any) -> Iterator[Row[Any]]:
    """The rows of a query, fetched in batches: any number of them."""
    with conn.execute(query, execution_options={"yield_per": _BATCH}) as result:
        yield from result
