"""Sources of a timeline: what was said and promised, and where somebody said otherwise than systems do."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from policyservice.cases.contacts import is_one
from policyservice.db import tables
from policyservice.decisions.whose import Shape
from policyservice.resolutions.timeline.entry import Entry
from policyservice.resolutions.timeline.source import Source

_contact, _promise, _step, _conflict = tables.contact, tables.promise, tables.promise_step, tables.fact_conflict


def _contacts(shape: Shape) -> Select[Any]:
    return select(_contact).where(is_one(), shape.said_of(_contact), shape.of_a_case(_contact))


def _met(row: Any) -> Entry:
    details = {"direction": row.direction, "told": row.told, "note": row.note}
    return Entry(row.at, "contact", row.id, row.case_ref, row.channel, row.agent, details, row.id)


def _promises(shape: Shape) -> Select[Any]:
    return select(_promise).where(shape.said_of(_promise), shape.of_a_case(_promise))


def _promised(row: Any) -> Entry:
    details = {
        "promised": row.kind,
        "what": row.what,
        "due_at": row.due_at,
        "owner": row.owner,
        "team": row.owner_team,
        "status": row.status,
    }
    return Entry(row.made_at, "promise", row.id, row.case_ref, row.channel, row.agent, details, row.id)


def _steps(shape: Shape) -> Select[Any]:
    return select(_step).where(shape.said_of(_step), shape.of_a_case(_step))


def _stepped(row: Any) -> Entry:
    details = {"step": row.kind, "due_at": row.due_at, "note": row.note}
    return Entry(row.at, "promise_step", row.promise_id, row.case_ref, None, row.agent, details, row.seq)


def _conflicts(shape: Shape) -> Select[Any]:
    return select(_conflict).where(shape.of(_conflict), shape.of_a_case(_conflict))


def _contradicted(row: Any) -> Entry:
    details = {"fact": row.fact, "source": row.source}
    return Entry(row.at, "conflict", row.decision_id, row.case_ref, None, row.agent, details, row.seq)


MET = Source(_contacts, _contact.c.at, _contact.c.id, _met)
"""Contacts, in any channel."""
PROMISED = Source(_promises, _promise.c.made_at, _promise.c.id, _promised)
"""What was promised, and how it stands now."""
KEPT_OR_NOT = Source(_steps, _step.c.at, _step.c.seq, _stepped, is_numbered=True)
"""What became of promises: moved, kept, broken."""
CONTRADICTED = Source(_conflicts, _conflict.c.at, _conflict.c.seq, _contradicted, is_numbered=True)
"""Facts that were stated otherwise than the company's systems have them."""
