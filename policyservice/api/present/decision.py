"""A decision of the log as it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyservice.api.present import parts
from policyservice.api.wire import in_language, instant, sum_of
from policyservice.cases.escalations import Escalation
from policyservice.decisions.log import EntryView, StoredDecision
from policyservice.domain.decision import Alternative
from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import FactType

Types = Mapping[str, FactType]


def answered(stored: StoredDecision, types: Types, language: str) -> dict[str, Any]:
    """The answer to a request: `DecisionSchema`. `types` are those of the vocabulary it was decided under."""
    decision, currency = stored.decision, stored.decision.currency
    presumed = {name: decision.facts[name] for name in decision.presumed}
    answer: dict[str, Any] = {
        "id": stored.id,
        "outcome": decision.outcome.value,
        "status": stored.status.value,
        "expires_at": instant(stored.expires_at),
        "remedy": decision.remedy,
        "amount": sum_of(decision.amount_minor, currency),
        "available": sum_of(decision.available_minor, currency),
        "currency": currency,
        "basis": decision.basis.value if decision.basis else None,
        "reasons": parts.reasons(decision.because, language),
        "say": in_language(decision.say, language),
        "advice": parts.advice(decision.because, language),
        "binding_limit": parts.binding_limit(decision.binding_limit, currency),
        "alternatives": [_alternative(one, language) for one in decision.alternatives],
        "escalation": escalation_ref(stored.escalation),
        "stretched": decision.stretched,
        "missing": list(decision.missing),
        "presumed": parts.facts(presumed, types, currency),
        "conflicts": parts.conflicts(stored.context.sources, stored.request.facts, types, currency),
        "fault": decision.fault is not None,
        "cost": parts.cost(decision.cost, currency),
        "policy": {"rules": stored.policy.rules, "limits": stored.policy.limits, "costs": stored.policy.costs},
    }
    if stored.request.given_at is not None:
        answer["given_at"] = instant(stored.request.given_at)
    return answer


def with_history(stored: StoredDecision, types: Types, language: str) -> dict[str, Any]:
    """The answer, what was asked, and what became of it: `StoredDecisionSchema`."""
    return {
        **answered(stored, types, language),
        "at": instant(stored.context.now),
        "asked": _asked(stored, types),
        "standing": _standing(stored),
        "history": [_entry(entry, stored.decision.currency) for entry in stored.entries],
    }


def escalation_ref(escalation: Escalation | None) -> dict[str, Any] | None:
    """Who decides it, where it was escalated."""
    if escalation is None:
        return None
    return {"id": escalation.id, "to": escalation.to, "due_at": instant(escalation.due_at)}


def _standing(stored: StoredDecision) -> str | None:
    """What is held or given now; None where nothing ever was, or the remedy has no sum."""
    if not stored.entries or stored.decision.amount_minor is None:
        return None
    return decimal_string(stored.standing_minor, stored.decision.currency)


def _alternative(alternative: Alternative, language: str) -> dict[str, Any]:
    return {
        "remedy": alternative.remedy,
        "up_to": sum_of(alternative.up_to_minor, alternative.currency),
        "currency": alternative.currency,
        "basis": alternative.basis.value,
        "say": in_language(alternative.say, language),
    }


def _asked(stored: StoredDecision, types: Types) -> dict[str, Any]:
    request, agent = stored.request, stored.context.agent
    return {
        "agent": request.agent,
        "team": agent.team if agent else None,
        "case": request.case,
        "customer": request.customer,
        "channel": request.channel,
        "order": request.order,
        "incident": request.incident,
        "reason": request.reason,
        "justification": request.justification,
        "facts": parts.facts(request.facts, types, request.currency),
    }


def _entry(entry: EntryView, currency: str) -> dict[str, Any]:
    return {
        "number": entry.number,
        "kind": entry.kind,
        "at": instant(entry.at),
        "standing": decimal_string(entry.amount_minor, currency),
        "late": entry.late,
        "note": entry.note,
        "external_ref": entry.external_ref,
    }
