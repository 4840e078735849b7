"""The queue of cases that someone with more authority decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, or_, select, update

from policyservice.cases import promises
from policyservice.db import tables
from policyservice.db.prepared import Prepared, Writes
from policyservice.domain.errors import NotFound

_table = tables.escalation
_OPEN = Prepared(insert(_table))


class EscalationStatus(StrEnum):
    """Waiting, or decided."""

    OPEN = "open"
    RESOLVED = "resolved"


class Result(StrEnum):
    """What whoever had the authority decided."""

    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One case in the queue; `to` is who decides, `due_at` when the customer was promised an answer.

    `result_decision_id` is the decision that granted it. `resolved_by` is a pseudonym, `note` the seal of a text.
    """

    id: str
    decision_id: str
    to: str
    opened_at: datetime
    due_at: datetime
    status: EscalationStatus
    result: Result | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    result_decision_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class EscalationFilters:
    """Which escalations are wanted; None is all."""

    status: EscalationStatus | None = None
    to: str | None = None
    overdue_at: datetime | None = None  # open ones that were due at or before this instant


def open_for(
    writes: Writes, escalation_id: str, decision_id: str, to: str, *, opened_at: datetime, due_at: datetime
) -> Escalation:
    """Have a decision's case put into the queue."""
    opened = {
        "id": escalation_id,
        "decision_id": decision_id,
        "to": to,
        "opened_at": opened_at,
        "due_at": due_at,
        "status": EscalationStatus.OPEN.value,
    }
    writes.add(_OPEN, opened)
    return Escalation(escalation_id, decision_id, to, opened_at, due_at, EscalationStatus.OPEN)


def get(
    conn: Connection, escalation_id: str, *, lock: bool = False, among: Select[tuple[str]] | None = None
) -> Escalation:
    """One escalation; `lock` keeps others from resolving it until the transaction ends.

    `among` selects the ids of the decisions whose escalations may be had; None is all.

    Raises:
        NotFound: there is no such escalation, or it is not among them: the same question either way.
    """
    query = select(_table).where(_table.c.id == escalation_id)
    if among is not None:
        query = query.where(_table.c.decision_id.in_(among))
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("escalation", escalation_id)
    return _escalation(row)


def of_decisions(conn: Connection, decision_ids: Iterable[str]) -> Mapping[str, Escalation]:
    """The escalations of decisions, by the decision's id."""
    wanted = list(decision_ids)
    if not wanted:
        return {}
    rows = conn.execute(select(_table).where(_table.c.decision_id.in_(wanted)))
    return {row.decision_id: _escalation(row) for row in rows}


def resolved_by(conn: Connection, agent: str) -> list[Escalation]:
    """The escalations that an agent, by pseudonym, resolved, oldest first."""
    query = select(_table).where(_table.c.resolved_by == agent).order_by(_table.c.resolved_at, _table.c.id)
    return [_escalation(row) for row in conn.execute(query)]


def listed(
    conn: Connection,
    filters: EscalationFilters,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    among: Select[tuple[str]] | None = None,
) -> list[Escalation]:
    """Escalations, those due first at the front; `after` is the (due_at, id) of the last one seen.

    `among` selects the ids of the decisions whose escalations are wanted; None is all.
    """
    query = select(_table).order_by(_table.c.due_at, _table.c.id).limit(limit)
    if filters.status is not None:
        query = query.where(_table.c.status == filters.status.value)
    if among is not None:
        query = query.where(_table.c.decision_id.in_(among))
    if filters.to is not None:
        query = query.where(_table.c.to == filters.to)
    if filters.overdue_at is not None:
        query = query.where(_table.c.status == "open", _table.c.due_at <= filters.overdue_at)
    if after is not None:
        due_at, last_id = after
        later_id = and_(_table.c.due_at == due_at, _table.c.id > last_id)
        query = query.where(or_(_table.c.due_at > due_at, later_id))
    return [_escalation(row) for row in conn.execute(query)]


def resolve(
    conn: Connection,
    escalation_id: str,
    result: Result,
    *,
    by: str,
    at: datetime,
    note: str | None,
    result_decision_id: str | None = None,
) -> None:
    """Resolve an escalation that was read locked and open in this transaction, and keep the promise of an answer."""
    conn.execute(
        update(_table)
        .where(_table.c.id == escalation_id, _table.c.status == EscalationStatus.OPEN.value)
        .values(
            status=EscalationStatus.RESOLVED.value,
            result=result.value,
            resolved_at=at,
            resolved_by=by,
            result_decision_id=result_decision_id,
            note=note,
        )
    )
    promises.keep_answer(conn, escalation_id, at=at, agent=by)


def _escalation(row: Row[Any]) -> Escalation:
    return Escalation(
        row.id,
        row.decision_id,
        row.to,
        row.opened_at,
        row.due_at,
        EscalationStatus(row.status),
        None if row.result is None else Result(row.result),
        row.resolved_at,
        row.resolved_by,
        row.result_decision_id,
        row.note,
    )
