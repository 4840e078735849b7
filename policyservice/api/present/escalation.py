"""An escalation as it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from policyservice.api.wire import instant, sum_of
from policyservice.cases.escalation_events import Event
from policyservice.cases.escalations import Escalation, EscalationStatus
from policyservice.decisions.stored import StoredDecision
from policyservice.resolutions.working import Worked


def escalation(one: Escalation, now: datetime) -> dict[str, Any]:
    """`EscalationSchema`; overdue is an open one whose customer was promised an answer by now."""
    return {
        "id": one.id,
        "decision_id": one.decision_id,
        "to": one.to,
        "opened_at": instant(one.opened_at),
        "due_at": instant(one.due_at),
        "overdue": one.status is EscalationStatus.OPEN and one.due_at <= now,
        "status": one.status.value,
        "result": one.result.value if one.result else None,
        "resolved_at": instant(one.resolved_at),
        "resolved_by": one.resolved_by,
        "result_decision_id": one.result_decision_id,
        "note": one.note,
        "level": one.level,
        "rises_at": instant(one.rises_at),
        "holder": one.holder,
        "taken_at": instant(one.taken_at),
    }


def worked(one: Worked, now: datetime) -> dict[str, Any]:
    """`WorkedEscalationSchema`."""
    effort = one.effort
    return {
        "escalation": escalation(one.escalation, now),
        "asked": _asked(one.asked),
        "history": [_event(event) for event in one.events],
        "effort": {
            "worked": [{"tier": tier, "minutes": _minutes(spent)} for tier, spent in effort.worked_seconds.items()],
            "contacts": effort.contacts,
            "contact_minutes": _minutes(effort.spoken_seconds),
            "waiting_minutes": _minutes(effort.waited_seconds),
        },
    }


def _minutes(seconds: int) -> int:
    """Whole minutes, the odd seconds rounded to the nearer one, half a minute up."""
    return (seconds + 30) // 60


def _asked(stored: StoredDecision) -> dict[str, Any]:
    request = stored.request
    return {
        "agent": request.agent,
        "case": request.case,
        "customer": request.customer,
        "order": request.order,
        "channel": request.channel,
        "reason": request.reason,
        "remedy": request.remedy,
        "amount": sum_of(request.amount_minor, request.currency),
        "currency": request.currency,
        "justification": request.justification,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "at": instant(event.at),
        "by": event.by,
        "tier": event.tier,
        "was": event.was,
        "to": event.to,
        "holder": event.holder,
        "worked_seconds": event.work.worked_seconds,
        "contacts": event.work.contacts,
        "spoken_seconds": event.work.spoken_seconds,
        "waited_seconds": event.work.waited_seconds,
        "stated": event.work.is_stated,
        "note": event.note,
    }
