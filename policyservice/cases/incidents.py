"""Incidents: a shared cause behind many cases, with the states it goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, insert, or_, select, update

from policyservice.db import tables
from policyservice.domain.errors import NotFound

_table = tables.incident


class State(StrEnum):
    """How far it has come."""

    OPEN = "open"  # reported: nobody has confirmed it
    CONFIRMED = "confirmed"
    FIXING = "fixing"
    FIXED = "fixed"
    CLOSED = "closed"
    DISMISSED = "dismissed"  # it was none: each case stands for itself


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.CONFIRMED, State.DISMISSED}),
    State.CONFIRMED: frozenset({State.FIXING, State.FIXED, State.DISMISSED}),
    State.FIXING: frozenset({State.FIXED}),
    State.FIXED: frozenset({State.FIXING, State.CLOSED}),
    State.CLOSED: frozenset(),
    State.DISMISSED: frozenset(),
}
"""From each state the states that may follow it; what is fixed may break again."""
ENDED = frozenset({State.CLOSED, State.DISMISSED})


@dataclass(frozen=True, slots=True)
class SharedRemedy:
    """The one remedy for all alike: its sum and the whole budget in minor units, and facts that hold for all."""

    remedy: str
    amount_minor: int
    currency: str
    budget_minor: int
    facts: Mapping[str, Any]
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing that is done about it; `owner` is a pseudonym."""

    what: str
    owner: str
    due_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A shared cause. `rule` is a condition as rules write it; decisions made from `began_at`, before `rule_until`, for
    which it holds are linked.

    `linked_through` and `told_through` say how far the work behind the requests has come.
    """

    id: str
    title: str
    reason: str
    status: State
    began_at: datetime
    opened_at: datetime
    changed_at: datetime
    rule: str | None = None
    rule_until: datetime | None = None
    linked_through: int = 0
    told_through: int = 0
    action: Action | None = None
    remedy: SharedRemedy | None = None

    def as_of(self, status: State) -> Incident:
        """The incident as it was in another state."""
        return replace(self, status=status)


def add(conn: Connection, incident: Incident) -> None:
    """Open an incident."""
    conn.execute(insert(_table).values(_columns(incident)))


def save(conn: Connection, incident: Incident) -> None:
    """Write an incident that was read locked as it is now."""
    conn.execute(update(_table).where(_table.c.id == incident.id).values(_columns(incident)))


def linked_through(conn: Connection, incident_id: str, seq: int) -> None:
    """Say up to which number every decision was looked at; it never goes back."""
    later = and_(_table.c.id == incident_id, _table.c.linked_through < seq)
    conn.execute(update(_table).where(later).values(linked_through=seq))


def told_through(conn: Connection, incident_id: str, seq: int) -> None:
    """Say up to which change every reporter was told; it never goes back."""
    later = and_(_table.c.id == incident_id, _table.c.told_through < seq)
    conn.execute(update(_table).where(later).values(told_through=seq))


def get(conn: Connection, incident_id: str, *, lock: bool = False) -> Incident:
    """One incident; `lock` keeps others from changing it until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    query = select(_table).where(_table.c.id == incident_id)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("incident", incident_id)
    return _incident(row)


def listed(
    conn: Connection, status: State | None = None, *, after: tuple[datetime, str] | None = None, limit: int = 50
) -> list[Incident]:
    """Incidents, the newest first; `after` is the (opened_at, id) of the last one seen."""
    query = select(_table).order_by(_table.c.opened_at.desc(), _table.c.id.desc()).limit(limit)
    if status is not None:
        query = query.where(_table.c.status == status.value)
    if after is not None:
        opened_at, last_id = after
        query = query.where(
            or_(_table.c.opened_at < opened_at, and_(_table.c.opened_at == opened_at, _table.c.id < last_id))
        )
    return [_incident(row) for row in conn.execute(query)]


def going_on(conn: Connection) -> list[Incident]:
    """The incidents that have not ended, the oldest first."""
    return _where(conn, _table.c.status.not_in([state.value for state in ENDED]))


def with_untold_changes(conn: Connection) -> list[Incident]:
    """The incidents whose changes of state not every reporter was told of."""
    event = tables.incident_event.c
    untold = exists().where(event.incident_id == _table.c.id, event.kind == "state", event.seq > _table.c.told_through)
    return _where(conn, untold)


def with_late_action(conn: Connection, now: datetime) -> list[Incident]:
    """The incidents whose corrective action is overdue, not done, and not announced as overdue."""
    late = and_(_table.c.action_due_at <= now, _table.c.action_done_at.is_(None), _table.c.action_late_at.is_(None))
    return _where(conn, and_(late, _table.c.status.not_in([state.value for state in ENDED])))


def action_is_late(conn: Connection, incident_id: str, at: datetime) -> bool:
    """Note that its action was announced as overdue; False where somebody else did."""
    first = and_(_table.c.id == incident_id, _table.c.action_late_at.is_(None))
    return conn.execute(update(_table).where(first).values(action_late_at=at)).rowcount == 1


def _where(conn: Connection, condition: ColumnElement[bool]) -> list[Incident]:
    query = select(_table).where(condition).order_by(_table.c.opened_at, _table.c.id)
    return [_incident(row) for row in conn.execute(query)]


def _columns(incident: Incident) -> dict[str, Any]:
    action, remedy = incident.action, incident.remedy
    return {
        "id": incident.id,
        "title": incident.title,
        "reason": incident.reason,
        "status": incident.status.value,
        "began_at": incident.began_at,
        "opened_at": incident.opened_at,
        "changed_at": incident.changed_at,
        "rule": incident.rule,
        "rule_until": incident.rule_until,
        "linked_through": incident.linked_through,
        "told_through": incident.told_through,
        "action": action.what if action else None,
        "owner": action.owner if action else None,
        "action_due_at": action.due_at if action else None,
        "action_done_at": action.done_at if action else None,
        "remedy": remedy.remedy if remedy else None,
        "amount_minor": remedy.amount_minor if remedy else None,
        "currency": remedy.currency if remedy else None,
        "budget_minor": remedy.budget_minor if remedy else None,
        "facts": dict(remedy.facts) if remedy else None,
        "remedy_set_at": remedy.set_at if remedy else None,
    }


def _incident(row: Row[Any]) -> Incident:
    action = row.action and Action(row.action, row.owner, row.action_due_at, row.action_done_at)
    remedy = row.remedy and SharedRemedy(
        row.remedy, row.amount_minor, row.currency, row.budget_minor, row.facts, row.remedy_set_at
    )
    return Incident(
        row.id,
        row.title,
        row.reason,
        State(row.status),
        row.began_at,
        row.opened_at,
        row.changed_at,
        row.rule,
        row.rule_until,
        row.linked_through,
        row.told_through,
        action or None,
        remedy or None,
    )
