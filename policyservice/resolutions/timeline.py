"""One timeline of a case or a customer across channels: what several sources know, newest first.

A source is a small function that gives its own entries, newest first, from a place on; `SOURCES` lists them. To add
one, write it and put it at the end of the list: its place there is part of the cursors that were handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, or_, select

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.decisions.sight import dealt_with, of_a_case
from policyservice.decisions.values import an_instant
from policyservice.domain.errors import FieldProblem, InvalidRequest

_BETWEEN = "~"
_LONGEST_KEY = 60
_MOST_CASES = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, in which case and channel, by whom (a pseudonym), about what by its id.

    `details` are the source's own, by name: plain values, instants, pseudonyms and seals; `amount_minor` is in minor
    units of `currency` beside it. `key` tells entries of one source and instant apart, and sorts them.
    """

    at: datetime
    kind: str
    id: str
    case: str
    channel: str | None
    agent: str | None
    details: Mapping[str, Any]
    key: str | int


class Place(NamedTuple):
    """An entry of the timeline, by what it is sorted by: entries from behind it on are wanted."""

    at: datetime
    source: int
    key: str | int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose timeline, by pseudonym: a case's or a customer's; as a key may see it, from behind a place on.

    `cases` are the customer's: what was said in them before the customer was named belongs to the customer as well.
    """

    case: str | None = None
    customer: str | None = None
    cases: tuple[str, ...] = ()
    seen_by: ApiKey | None = None
    behind: Place | None = None
    limit: int = 50

    def of(self, table: FromClause) -> ColumnElement[bool]:
        """The rows of a table with `case_ref` and `customer` that are wanted, whoever may see them."""
        if self.case is not None:
            return table.c.case_ref == self.case
        return table.c.customer == self.customer

    def said_of(self, table: FromClause) -> ColumnElement[bool]:
        """As `of`, with those that name no customer in one of the customer's cases."""
        if not self.cases:
            return self.of(table)
        return or_(self.of(table), and_(table.c.customer.is_(None), table.c.case_ref.in_(self.cases)))

    def page(
        self, query: Select[Any], at: ColumnElement[datetime], key: ColumnElement[Any], source: int
    ) -> Select[Any]:
        """The rows of a query from behind the place on, newest first, at most as many as are wanted."""
        if self.behind is not None:
            there, place, last = self.behind
            query = query.where(at <= there)
            if source == place:
                query = query.where((at < there) | (key < last))
            elif source < place:
                query = query.where(at < there)
        return query.order_by(at.desc(), key.desc()).limit(self.limit)


Source = Callable[[Connection, Wanted, int], Sequence[Entry]]
"""Gives a source's entries; the number is its place in `SOURCES`."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries, newest first, and the cursor of those after them; None where there are none."""

    entries: tuple[Entry, ...]
    next: str | None


def timeline(conn: Connection, wanted: Wanted) -> Timeline:
    """Everything that happened, newest first; at one instant in the order of the sources."""
    found = [
        [(entry.at, -place, entry.key, entry) for entry in source(conn, wanted, place)]
        for place, source in enumerate(SOURCES)
    ]
    newest = merge(*found, key=lambda each: (each[0], each[1]), reverse=True)
    page = list(islice(newest, wanted.limit))
    is_full = len(page) == wanted.limit and sum(len(each) for each in found) >= wanted.limit
    last = Place(page[-1][0], -page[-1][1], page[-1][2]) if page and is_full else None
    return Timeline(tuple(entry for *_, entry in page), cursor_of(last) if last else None)


def cases_of(conn: Connection, customer: str, *, seen_by: ApiKey | None) -> tuple[str, ...]:
    """The latest cases of a customer, by what was decided, as a key may see it."""
    table = tables.decision
    query = select(table.c.case_ref).where(table.c.customer == customer, dealt_with(seen_by))
    return tuple(dict.fromkeys(conn.execute(query.order_by(table.c.at.desc()).limit(_MOST_CASES)).scalars()))


def cursor_of(place: Place) -> str:
    """A place as it is handed out."""
    at = place.at.astimezone(UTC).isoformat().replace("+00:00", "Z")  # "+" would be a blank in an address
    return f"{at}{_BETWEEN}{place.source}{_BETWEEN}{place.key}"


def place_of(cursor: str) -> Place:
    """The place of a cursor.

    Raises:
        FieldProblem: it was not handed out.
    """
    at, _, rest = cursor.partition(_BETWEEN)
    source, _, key = rest.partition(_BETWEEN)
    wrong = FieldProblem("timeline_cursor", "is not a cursor of this list; use `timeline_next` of the page before.")
    if not (source.isascii() and source.isdigit() and len(source) < 3 and int(source) < len(SOURCES)):
        raise wrong
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise wrong
    try:
        instant = an_instant("timeline_cursor", at)
    except InvalidRequest:
        raise wrong from None
    if SOURCES[int(source)] not in _BY_NUMBER:
        return Place(instant, int(source), key)
    if not (key.isdigit() and len(key) <= 18):
        raise wrong
    return Place(instant, int(source), int(key))


def decided(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """What was decided, and how it stands now."""
    table, held, opened = tables.decision, tables.reservation, tables.escalation
    query = (
        select(
            table.c.id,
            table.c.at,
            table.c.case_ref,
            table.c.channel,
            table.c.agent,
            table.c.outcome,
            table.c.reason,
            table.c.remedy,
            table.c.amount_minor,
            table.c.currency,
            table.c.basis,
            held.c.status,
            held.c.amount_minor.label("standing_minor"),
            opened.c.id.label("escalation"),
            opened.c.to,
            opened.c.due_at,
        )
        .select_from(table.outerjoin(held, held.c.decision_id == table.c.id).outerjoin(opened))
        .where(wanted.of(table), dealt_with(wanted.seen_by))
    )
    rows = conn.execute(wanted.page(query, table.c.at, table.c.id, place))
    return [
        Entry(
            row.at,
            "decision",
            row.id,
            row.case_ref,
            row.channel,
            row.agent,
            {
                "outcome": row.outcome,
                "status": row.status or _STATUS_OF[row.outcome],
                "reason": row.reason,
                "remedy": row.remedy,
                "amount_minor": row.amount_minor,
                "standing_minor": row.standing_minor,
                "currency": row.currency,
                "basis": row.basis,
                "to": row.to,
                "due_at": row.due_at,
            },
            row.id,
        )
        for row in rows
    ]


def settled(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """What became of what was held: given, not given, ended, taken back."""
    entry, table = tables.entry, tables.decision
    query = (
        select(entry, table.c.channel)
        .join(table, table.c.id == entry.c.decision_id)
        .where(wanted.of(entry), entry.c.kind != "hold", dealt_with(wanted.seen_by))
    )
    rows = conn.execute(wanted.page(query, entry.c.at, entry.c.seq, place))
    return [
        Entry(
            row.at,
            "settlement",
            row.decision_id,
            row.case_ref,
            row.channel,
            None,
            {
                "step": row.kind,
                "remedy": row.remedy,
                "standing_minor": row.amount_minor,
                "currency": row.currency,
            },
            row.seq,
        )
        for row in rows
    ]


def resolved(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """Escalations that were resolved."""
    opened, table = tables.escalation, tables.decision
    query = (
        select(opened, table.c.case_ref, table.c.channel)
        .join(table, table.c.id == opened.c.decision_id)
        .where(wanted.of(table), opened.c.resolved_at.is_not(None), dealt_with(wanted.seen_by))
    )
    rows = conn.execute(wanted.page(query, opened.c.resolved_at, opened.c.id, place))
    return [
        Entry(
            row.resolved_at,
            "escalation",
            row.id,
            row.case_ref,
            row.channel,
            row.resolved_by,
            {"result": row.result, "decision": row.decision_id, "granted_by": row.result_decision_id, "note": row.note},
            row.id,
        )
        for row in rows
    ]


def met(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """Contacts, in any channel."""
    table = tables.contact
    query = select(table).where(wanted.said_of(table), of_a_case(wanted.seen_by, table))
    rows = conn.execute(wanted.page(query, table.c.at, table.c.id, place))
    return [
        Entry(
            row.at,
            "contact",
            row.id,
            row.case_ref,
            row.channel,
            row.agent,
            {"direction": row.direction, "told": row.told, "note": row.note},
            row.id,
        )
        for row in rows
    ]


def promised(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """What was promised, and how it stands now."""
    table = tables.promise
    query = select(table).where(wanted.said_of(table), of_a_case(wanted.seen_by, table))
    rows = conn.execute(wanted.page(query, table.c.made_at, table.c.id, place))
    return [
        Entry(
            row.made_at,
            "promise",
            row.id,
            row.case_ref,
            row.channel,
            row.agent,
            {
                "promised": row.kind,
                "what": row.what,
                "due_at": row.due_at,
                "owner": row.owner,
                "team": row.owner_team,
                "status": row.status,
            },
            row.id,
        )
        for row in rows
    ]


def kept_or_not(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """What became of promises: moved, kept, broken."""
    table = tables.promise_step
    query = select(table).where(wanted.said_of(table), of_a_case(wanted.seen_by, table))
    rows = conn.execute(wanted.page(query, table.c.at, table.c.seq, place))
    return [
        Entry(
            row.at,
            "promise_step",
            row.promise_id,
            row.case_ref,
            None,
            row.agent,
            {"step": row.kind, "due_at": row.due_at, "note": row.note},
            row.seq,
        )
        for row in rows
    ]


def contradicted(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """Facts that were stated otherwise than the company's systems have them."""
    table = tables.fact_conflict
    query = select(table).where(wanted.of(table), of_a_case(wanted.seen_by, table))
    rows = conn.execute(wanted.page(query, table.c.at, table.c.seq, place))
    return [
        Entry(
            row.at,
            "conflict",
            row.decision_id,
            row.case_ref,
            None,
            row.agent,
            {"fact": row.fact, "source": row.source},
            row.seq,
        )
        for row in rows
    ]


_STATUS_OF = {"escalate": "escalated", "deny": "denied"}
SOURCES: tuple[Source, ...] = (decided, settled, resolved, met, promised, kept_or_not, contradicted)
"""What a timeline is made of."""
_BY_NUMBER = frozenset({settled, kept_or_not, contradicted})
"""Sources whose keys are numbers."""
