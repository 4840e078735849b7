"""Sources of a timeline: what was said and promised, and where somebody said otherwise than systems do."""

from __future__ import annotations

from sqlalchemy import Connection, select

from policyservice.cases.contacts import is_one
from policyservice.db import tables
from policyservice.decisions.sight import of_a_case
from policyservice.resolutions.timeline.entry import Entry, Wanted


def met(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """Contacts, in any channel."""
    table = tables.contact
    query = select(table).where(is_one(), wanted.said_of(table), of_a_case(wanted.seen_by, table))
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
