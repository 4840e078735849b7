"""Escalations whose question answered itself leave the queue: what was asked has been given since.

That is so where a later decision of the same case, order, reason and remedy, over at least the same sum, was committed:
whoever asked found the missing fact, or a colleague gave it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, select

from policyservice.cases import escalation_events, escalations
from policyservice.cases.escalation_events import Event, EventKind
from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.db import tables
from policyservice.decisions import log
from policyservice.decisions.services import Services
from policyservice.decisions.transactions import in_transaction
from policyservice.domain.decision import Outcome, Status
from policyservice.resolutions import announcing
from policyservice.resolutions.effort import work_of

_asked, _given = tables.decision.alias("asked"), tables.decision.alias("given")
_escalation, _reservation = tables.escalation, tables.reservation
_ANSWERED = (
    select(_escalation.c.id, _given.c.id)
    .join(_asked, _asked.c.id == _escalation.c.decision_id)
    .join(_given, _given.c.case_ref == _asked.c.case_ref)
    .join(_reservation, _reservation.c.decision_id == _given.c.id)
    .where(
        _escalation.c.status == EscalationStatus.OPEN.value,
        _reservation.c.status == Status.COMMITTED.value,
        _given.c.outcome == Outcome.ALLOW.value,
        _given.c.seq > _asked.c.seq,
        _given.c.reason == _asked.c.reason,
        _given.c.remedy == _asked.c.remedy,
        _given.c.currency == _asked.c.currency,
        func.coalesce(_given.c.order_ref, "") == func.coalesce(_asked.c.order_ref, ""),
        func.coalesce(_given.c.amount_minor, 0) >= func.coalesce(_asked.c.amount_minor, 0),
    )
    .order_by(_escalation.c.id, _given.c.seq)
)


def withdraw_answered(services: Services, *, most: int = 100) -> int:
    """Withdraw up to `most` escalations of which what was asked has been given since; how many were.

    Raises:
        LogUnavailable: the database does not answer; those that were withdrawn before are.
    """
    with services.db.looking() as conn:
        found: dict[str, str] = {}
        for escalation_id, decision_id in conn.execute(_ANSWERED.limit(most)):
            found.setdefault(escalation_id, decision_id)
    now = services.clock.now()
    return sum(in_transaction(services.db, partial(_withdraw, *one, now)) for one in found.items())


def _withdraw(escalation_id: str, given: str, now: datetime, conn: Connection) -> bool:
    escalation = escalations.get(conn, escalation_id, lock=True)
    if escalation.status is not EscalationStatus.OPEN:
        return False  # somebody resolved it meanwhile
    asked = log.read(conn, escalation.decision_id)
    done = work_of(escalation, escalation.holder or "", now, is_answered=True)
    escalations.resolve(conn, escalation_id, Result.WITHDRAWN, by=None, at=now, note=None, result_decision_id=given)
    escalation_events.append(conn, escalation_id, Event(EventKind.WITHDRAW, now, escalation.tier, work=done), None)
    announcing.resolved(conn, asked, escalations.get(conn, escalation_id), now)
    return True
