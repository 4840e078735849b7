"""What happened to escalations, and the work it took: rows that are added, never changed.

A correction is a further row: its figures are the changes that make the sums right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from policyservice.db import tables

_table = tables.escalation_event


class EventKind(StrEnum):
    """What can happen to an escalation."""

    TAKE = "take"
    HAND_ON = "hand_on"
    CONTACT = "contact"
    RISE = "rise"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    INCIDENT = "incident"  # an incident decides for all alike
    REOPEN = "reopen"  # that incident turned out to be none, or the case not to belong to it


class Work(NamedTuple):
    """Changes of what an escalation took, signed: work of one tier, contacts with the customer and speaking in them,
    waiting.

    `is_stated` where somebody said how long the work took; else it was measured, or there was none.
    """

    worked_seconds: int = 0
    contacts: int = 0
    waited_seconds: int = 0
    is_stated: bool = False
    spoken_seconds: int = 0


NOTHING = Work()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `by` and `holder` are pseudonyms, `note` is the seal of a text.

    `by` is None where it happened by itself; `was` and `to` say who decided before and who does now.
    """

    kind: EventKind
    at: datetime
    tier: int
    by: str | None = None
    was: str | None = None
    to: str | None = None
    holder: str | None = None
    work: Work = NOTHING
    note: str | None = None


class Effort(NamedTuple):
    """What an escalation took so far: seconds of work by tier, contacts and seconds of speaking in them, seconds the
    customer waited.
    """

    worked_seconds: Mapping[int, int]
    contacts: int
    waited_seconds: int
    spoken_seconds: int


def append(conn: Connection, escalation_id: str, event: Event, api_key: str | None) -> None:
    """Add what happened to an escalation that is locked."""
    counted = select(func.count()).select_from(_table).where(_table.c.escalation_id == escalation_id)
    conn.execute(
        insert(_table).values(
            {
                "escalation_id": escalation_id,
                "number": conn.execute(counted).scalar_one() + 1,
                "kind": event.kind.value,
                "at": event.at,
                "by": event.by,
                "api_key": api_key,
                "from": event.was,
                "to": event.to,
                "holder": event.holder,
                "tier": event.tier,
                "worked_seconds": event.work.worked_seconds,
                "contacts": event.work.contacts,
                "waited_seconds": event.work.waited_seconds,
                "stated": event.work.is_stated,
                "spoken_seconds": event.work.spoken_seconds,
                "note": event.note,
            }
        )
    )


def of_escalations(conn: Connection, escalation_ids: Iterable[str]) -> Mapping[str, tuple[Event, ...]]:
    """What happened to escalations, in order, by the escalation's id; those to which nothing did are left out."""
    wanted = list(escalation_ids)
    if not wanted:
        return {}
    found: dict[str, list[Event]] = {}
    for row in _rows(conn, _table.c.escalation_id.in_(wanted)):
        found.setdefault(row.escalation_id, []).append(_event(row))
    return {escalation_id: tuple(events) for escalation_id, events in found.items()}


def by_agent(conn: Connection, agent: str) -> list[tuple[str, Event]]:
    """What an agent, by pseudonym, did or was handed, with the ids of the escalations."""
    mine = (_table.c.by == agent) | (_table.c.holder == agent)
    return [(row.escalation_id, _event(row)) for row in _rows(conn, mine)]


def effort(events: Iterable[Event]) -> Effort:
    """The sums of what happened; a tier without work is left out."""
    worked: dict[int, int] = {}
    contacts = waited = spoken = 0
    for event in events:
        worked[event.tier] = worked.get(event.tier, 0) + event.work.worked_seconds
        contacts += event.work.contacts
        waited += event.work.waited_seconds
        spoken += event.work.spoken_seconds
    return Effort({tier: seconds for tier, seconds in sorted(worked.items()) if seconds}, contacts, waited, spoken)


def _rows(conn: Connection, condition: ColumnElement[bool]) -> Iterable[Row[Any]]:
    return conn.execute(select(_table).where(condition).order_by(_table.c.escalation_id, _table.c.number))


def _event(row: Row[Any]) -> Event:
    columns = row._mapping
    work = Work(row.worked_seconds, row.contacts, row.waited_seconds, row.stated, row.spoken_seconds)
    return Event(EventKind(row.kind), row.at, row.tier, row.by, columns["from"], row.to, row.holder, work, row.note)
