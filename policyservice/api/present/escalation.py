"""An escalation as it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from policyservice.api.wire import instant
from policyservice.cases.escalations import Escalation, EscalationStatus


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
    }
