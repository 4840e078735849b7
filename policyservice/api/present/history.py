"""Past decisions in short, as they are sent."""

from __future__ import annotations

from typing import Any

from policyservice.api.present.decision import escalation_of, standing_of
from policyservice.api.wire import in_language, instant, sum_of
from policyservice.decisions.log import StoredDecision


def past(stored: StoredDecision, language: str) -> dict[str, Any]:
    """`PastSchema`: what was promised, without the facts it was decided from."""
    decision, request = stored.decision, stored.request
    return {
        "id": stored.id,
        "at": instant(stored.context.now),
        "agent": request.agent,
        "channel": request.channel,
        "case": request.case,
        "order": request.order,
        "incident": request.incident,
        "reason": request.reason,
        "remedy": decision.remedy,
        "amount": sum_of(decision.amount_minor, decision.currency),
        "standing": standing_of(stored),
        "currency": decision.currency,
        "outcome": decision.outcome.value,
        "status": stored.status.value,
        "basis": decision.basis.value if decision.basis else None,
        "say": in_language(decision.say, language),
        "escalation": escalation_of(stored),
        "given_before": decision.after_the_fact,
    }
