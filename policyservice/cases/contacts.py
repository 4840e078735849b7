"""Contacts: each time somebody spoke or wrote with a customer about a case, in any channel; never changed.

Where the minutes that one took were wrong, a further row puts them right: the last one stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from policyservice.db import tables
from policyservice.db.prepared import Prepared, Writes

_table = tables.contact
_ADD = Prepared(insert(_table))


class Direction(StrEnum):
    """Who turned to whom: the customer to the company, or the other way round."""

    IN = "in"
    OUT = "out"


class Told(StrEnum):
    """What a customer can be told of a case on the path of communication."""

    ANSWER = "answer"  # the customer was answered
    NEXT = "next"  # what happens next, and by when
    END = "end"  # how it ended


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact; references are pseudonyms, `note` is the seal of a text, `at` when it took place.

    `minutes` is how long it was handled (None: not known). One that `corrects` another puts its minutes right and is no
    contact itself; its note says why.
    """

    id: str
    case: str
    customer: str | None
    at: datetime
    logged_at: datetime
    channel: str
    direction: Direction
    agent: str
    team: str | None
    told: tuple[Told, ...]
    note: str | None
    minutes: int | None = None
    corrects: str | None = None


def add(writes: Writes, contact: Contact) -> None:
    """Have a contact kept."""
    writes.add(
        _ADD,
        {
            "id": contact.id,
            "case_ref": contact.case,
            "customer": contact.customer,
            "at": contact.at,
            "logged_at": contact.logged_at,
            "channel": contact.channel,
            "direction": contact.direction.value,
            "agent": contact.agent,
            "team": contact.team,
            "told": [told.value for told in contact.told],
            "note": contact.note,
            "minutes": contact.minutes,
            "corrects": contact.corrects,
        },
    )


def where(conn: Connection, *conditions: ColumnElement[bool]) -> Sequence[Contact]:
    """The contacts that conditions on the table hold for, newest first."""
    query = select(_table).where(*conditions).order_by(_table.c.at.desc(), _table.c.id.desc())
    return [of_row(row) for row in conn.execute(query)]


def is_one() -> ColumnElement[bool]:
    """Whether a row of the table is a contact, and no correction of one."""
    return _table.c.corrects.is_(None)


def minutes(conn: Connection, *conditions: ColumnElement[bool]) -> Mapping[str, int | None]:
    """The minutes that stand of contacts, by id: of those rows, contacts and corrections, that conditions hold for."""
    query = select(_table.c.id, _table.c.corrects, _table.c.minutes).where(*conditions)
    found: dict[str, int | None] = {}
    for row in conn.execute(query.order_by(_table.c.corrects.is_not(None), _table.c.logged_at, _table.c.id)):
        found[row.corrects or row.id] = row.minutes
    return found


def of_row(row: Any) -> Contact:
    """A row of the table as a value."""
    return Contact(
        row.id,
        row.case_ref,
        row.customer,
        row.at,
        row.logged_at,
        row.channel,
        Direction(row.direction),
        row.agent,
        row.team,
        tuple(Told(told) for told in row.told),
        row.note,
        row.minutes,
        row.corrects,
    )
