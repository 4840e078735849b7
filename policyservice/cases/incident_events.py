"""What happened to incidents: rows that are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from policyservice.db import tables

_table = tables.incident_event


class EventKind(StrEnum):
    """What can happen to an incident."""

    OPEN = "open"
    STATE = "state"
    ACTION = "action"
    REMEDY = "remedy"
    ROLL_OUT = "roll_out"
    UNLINK = "unlink"  # a case was taken out; which one stands with its link


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `by` is a pseudonym, None where it happened by itself; `note` is the seal of a text.

    `was` and `to` are the states before and after.
    """

    kind: EventKind
    at: datetime
    by: str | None = None
    was: str | None = None
    to: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None
    seq: int = 0


def append(conn: Connection, incident_id: str, event: Event, api_key: str | None) -> None:
    """Add what happened to an incident that is locked."""
    counted = select(func.count()).select_from(_table).where(_table.c.incident_id == incident_id)
    conn.execute(
        insert(_table).values(
            {
                "incident_id": incident_id,
                "number": conn.execute(counted).scalar_one() + 1,
                "kind": event.kind.value,
                "at": event.at,
                "by": event.by,
                "api_key": api_key,
                "from": event.was,
                "to": event.to,
                "body": dict(event.body),
                "note": event.note,
            }
        )
    )


def of_incident(conn: Connection, incident_id: str) -> tuple[Event, ...]:
    """What happened to an incident, in order."""
    return tuple(event for _, event in _events(conn, _table.c.incident_id == incident_id))


def by_agent(conn: Connection, agent: str) -> list[tuple[str, Event]]:
    """What an agent, by pseudonym, did, with the ids of the incidents."""
    return _events(conn, _table.c.by == agent)


def changes_after(conn: Connection, incident_id: str, seq: int) -> list[Event]:
    """The changes of state behind a number, in order."""
    later = (_table.c.incident_id == incident_id) & (_table.c.kind == EventKind.STATE.value) & (_table.c.seq > seq)
    return [event for _, event in _events(conn, later)]


def _events(conn: Connection, condition: ColumnElement[bool]) -> list[tuple[str, Event]]:
    rows = conn.execute(select(_table).where(condition).order_by(_table.c.seq))
    return [(row.incident_id, _event(row)) for row in rows]


def _event(row: Row[Any]) -> Event:
    columns = row._mapping
    return Event(EventKind(row.kind), row.at, row.by, columns["from"], row.to, row.body, row.note, row.seq)
