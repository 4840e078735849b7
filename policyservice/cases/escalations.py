"""The queue of cases that someone with more authority decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, or_, select, update

from policyservice.cases import promises
from policyservice.db import due, tables
from policyservice.db.among import among
from policyservice.db.asked import Asked
from policyservice.db.prepared import Prepared, Writes
from policyservice.domain.errors import NotFound

_table = tables.escalation
_OPEN = Prepared(insert(_table))
_OF_DECISIONS = Asked(select(_table).where(among(_table.c.decision_id, "decisions")))
_open = _table.c.status == "open"
_IS_ANY_TO_RISE = Prepared(select(due.is_any(_table.c.rises_at, _open)))


class EscalationStatus(StrEnum):
    """Waiting, or decided."""

    OPEN = "open"
    RESOLVED = "resolved"


class Result(StrEnum):
    """What whoever had the authority decided."""

    GRANTED = "granted"
    PARTIAL = "partial"  # less than was asked
    OTHER = "other"  # another remedy
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # nobody needs the answer any more
    INCIDENT = "incident"  # an incident decides for all alike


@dataclass(frozen=True, slots=True)
class Escalation:
    """One case in the queue; `to` is who decides, `due_at` when the customer was promised an answer.

    `result_decision_id` is the decision that granted it. `resolved_by` and `holder`, who has it in hand, are
    pseudonyms, `note` is the seal of a text. `level` is how many times it went to a higher level, `rises_at` when it
    next does by itself (None: not any more).
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
    level: int = 0
    rises_at: datetime | None = None
    holder: str | None = None
    taken_at: datetime | None = None

    @property
    def tier(self) -> int:
        """Whose work it is: 2 for the first that was asked, one more each time it went higher."""
        return 2 + self.level


@dataclass(frozen=True, slots=True)
class EscalationFilters:
    """Which escalations are wanted; None is all."""

    status: EscalationStatus | None = None
    to: str | None = None
    overdue_at: datetime | None = None  # open ones that were due at or before this instant
    holder: str | None = None  # a pseudonym
    result_decision_id: str | None = None


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
        "level": 0,
        "rises_at": due_at,
    }
    writes.add(_OPEN, opened)
    return Escalation(escalation_id, decision_id, to, opened_at, due_at, EscalationStatus.OPEN, rises_at=due_at)


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
    return {row.decision_id: _escalation(row) for row in _OF_DECISIONS.rows(conn, {"decisions": wanted})}


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
    if filters.holder is not None:
        query = query.where(_table.c.holder == filters.holder)
    if filters.result_decision_id is not None:
        query = query.where(_table.c.result_decision_id == filters.result_decision_id)
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
    by: str | None,
    at: datetime,
    note: str | None,
    result_decision_id: str | None = None,
) -> None:
    """Resolve an escalation that was read locked and open in this transaction: it is in nobody's hands then, and the
    promise of an answer is kept.
    """
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
            rises_at=None,
            holder=None,
            taken_at=None,
        )
    )
    promises.keep_answer(conn, escalation_id, at=at, agent=by)


def reopen(conn: Connection, escalation: Escalation, *, at: datetime) -> None:
    """Put an escalation that was read locked back into the queue, and open the promise of an answer again that its
    resolution had kept. What is late by now rises at once.
    """
    conn.execute(
        update(_table)
        .where(_table.c.id == escalation.id)
        .values(
            status=EscalationStatus.OPEN.value,
            result=None,
            resolved_at=None,
            resolved_by=None,
            result_decision_id=None,
            note=None,
            rises_at=max(at, escalation.due_at),
        )
    )
    promises.open_again(conn, escalation.id, kept_at=escalation.resolved_at, at=at)


def take(conn: Connection, escalation_id: str, holder: str | None, at: datetime | None) -> None:
    """Put an escalation that was read locked into somebody's hands, by pseudonym, or into nobody's (None)."""
    conn.execute(update(_table).where(_table.c.id == escalation_id).values(holder=holder, taken_at=at))


def direct(conn: Connection, escalation_id: str, to: str, *, level: int, rises_at: datetime | None) -> None:
    """Say who decides an escalation that was read locked, how often it went higher, and when it next rises."""
    changed = {"to": to, "level": level, "rises_at": rises_at}
    conn.execute(update(_table).where(_table.c.id == escalation_id).values(changed))


def is_any_to_rise(conn: Connection, now: datetime) -> bool:
    """Whether any escalation is due to rise."""
    row = _IS_ANY_TO_RISE.one(conn, {"now": now})
    return bool(row and row[0])


def next_to_rise(conn: Connection, now: datetime) -> Escalation | None:
    """The open escalation that has been due to rise for the longest, locked; one that another has locked is left."""
    query = (
        select(_table)
        .where(_open, _table.c.rises_at <= now)
        .order_by(_table.c.rises_at, _table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _escalation(row)


def resulted_in(conn: Connection, decision_id: str) -> str | None:
    """The id of the escalation that a decision answered; None where it answered none."""
    query = select(_table.c.id).where(_table.c.result_decision_id == decision_id).order_by(_table.c.id).limit(1)
    return conn.execute(query).scalar_one_or_none()


def _escalation(row: Any) -> Escalation:
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
        row.level,
        row.rises_at,
        row.holder,
        row.taken_at,
    )
