"""Events about escalations, for other systems to hear of: they leave with the transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from policyservice.cases.escalations import Escalation
from policyservice.decisions.log import StoredDecision
from policyservice.outbox import events

RESOLVED = "escalation.resolved"
RISEN = "escalation.risen"
OVERDUE = "escalation.overdue"
REOPENED = "escalation.reopened"


def resolved(conn: Connection, asked: StoredDecision, escalation: Escalation, now: datetime) -> None:
    """Somebody decided it, or it was withdrawn: whoever asked tells the customer."""
    body = {
        **_about(asked, escalation),
        "result": escalation.result.value if escalation.result else None,
        "result_decision": escalation.result_decision_id,
    }
    events.add(conn, kind=RESOLVED, about=escalation.id, body=body, at=now)


def risen(conn: Connection, asked: StoredDecision, escalation: Escalation, was: str, now: datetime) -> None:
    """Nobody decided it in time: the next level does now."""
    body = {**_about(asked, escalation), "from": was, "level": escalation.level}
    events.add(conn, kind=RISEN, about=escalation.id, body=body, at=now)


def overdue(conn: Connection, asked: StoredDecision, escalation: Escalation, now: datetime) -> None:
    """Nobody decided it in time, and nobody stands above whoever should have."""
    events.add(conn, kind=OVERDUE, about=escalation.id, body=_about(asked, escalation), at=now)


def reopened(conn: Connection, asked: StoredDecision, escalation: Escalation, now: datetime) -> None:
    """The incident that was to decide it was none, or its case does not belong to it: it waits again."""
    events.add(conn, kind=REOPENED, about=escalation.id, body=_about(asked, escalation), at=now)


def _about(asked: StoredDecision, escalation: Escalation) -> dict[str, object]:
    return {
        "escalation": escalation.id,
        "decision": asked.id,
        "case": asked.request.case,
        "customer": asked.request.customer,
        "channel": asked.request.channel,
        "reason": asked.request.reason,
        "agent": asked.request.agent,
        "to": escalation.to,
        "due_at": escalation.due_at.isoformat(),
    }
