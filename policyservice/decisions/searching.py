"""Searching the decision log by its columns, newest first, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.decisions.log import stored, stored_rows
from policyservice.decisions.sight import own
from policyservice.decisions.stored import StoredDecision
from policyservice.domain.decision import Outcome, Status
from policyservice.domain.errors import FieldProblem
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.named import is_of

_decision, _reservation = tables.decision, tables.reservation


@dataclass(frozen=True, slots=True)
class LogFilters:
    """Which decisions are wanted; None is all. `since` is included, `before` excluded, both by the decision's
    instant. References are plain, for as long as they are kept, or pseudonyms.
    """

    agent: str | None = None
    team: str | None = None
    customer: str | None = None
    case: str | None = None
    order: str | None = None
    incident: str | None = None
    reason: str | None = None
    remedy: str | None = None
    outcome: Outcome | None = None
    status: Status | None = None
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions, and the cursor of those after them; None where there are none."""

    items: tuple[StoredDecision, ...]
    next: str | None


def search(
    conn: Connection,
    filters: LogFilters,
    *,
    cursor: str | None = None,
    limit: int = 50,
    seen_by: ApiKey | None = None,
) -> Page:
    """The decisions that pass the filters, newest first, from behind `cursor` on; at most `limit`.

    `seen_by` leaves a key its own decisions.

    Raises:
        FieldProblem: the cursor is not one that was handed out.
    """
    query = _filtered(stored_rows(), filters).where(own(seen_by))
    if cursor is not None:
        query = query.where(_decision.c.seq < seq_of(cursor))
    rows = conn.execute(query.order_by(_decision.c.seq.desc()).limit(limit + 1)).all()
    items = stored(conn, rows[:limit])
    return Page(tuple(items), str(rows[limit - 1].seq) if len(rows) > limit else None)


def seq_of(cursor: str) -> int:
    """The number in the log that a cursor stands for.

    Raises:
        FieldProblem: the cursor is not one that was handed out.
    """
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise FieldProblem("cursor", "is not a cursor of this list; use `next` of the page before.")
    return int(cursor)


def _filtered(query: Select[Any], filters: LogFilters) -> Select[Any]:
    personal: Mapping[str, tuple[PersonalKind, str | None]] = {
        "agent": (PersonalKind.AGENT, filters.agent),
        "customer": (PersonalKind.CUSTOMER, filters.customer),
        "case_ref": (PersonalKind.CASE, filters.case),
        "order_ref": (PersonalKind.ORDER, filters.order),
    }
    for name, (kind, reference) in personal.items():
        if reference is not None:
            query = query.where(is_of(_decision.c[name], kind, reference))
    equal: Mapping[str, str | None] = {
        "team": filters.team,
        "incident": filters.incident,
        "reason": filters.reason,
        "remedy": filters.remedy,
        "outcome": filters.outcome.value if filters.outcome else None,
    }
    for name, value in equal.items():
        if value is not None:
            query = query.where(_decision.c[name] == value)
    if filters.since is not None:
        query = query.where(_decision.c.at >= filters.since)
    if filters.before is not None:
        query = query.where(_decision.c.at < filters.before)
    return query if filters.status is None else query.where(_has_status(filters.status))


def _has_status(status: Status) -> Any:
    if status is Status.ESCALATED:
        return _decision.c.outcome == Outcome.ESCALATE.value
    if status is Status.DENIED:
        return _decision.c.outcome == Outcome.DENY.value
    return _reservation.c.status == status.value
