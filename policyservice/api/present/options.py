"""The options of a case as they are sent."""

from __future__ import annotations

from typing import Any

from policyservice.api.present import parts
from policyservice.api.wire import in_language, instant, sum_of
from policyservice.decisions.options import EscalateOnly, Option, Options
from policyservice.domain.decision import EscalateTo


def listed(found: Options, currency: str, language: str) -> dict[str, Any]:
    """`OptionsSchema`; `currency` is that of the request."""
    return {
        "options": [_option(option, language) for option in found.options],
        "escalate_only": [_only_others(other, currency, language) for other in found.escalate_only],
    }


def _option(option: Option, language: str) -> dict[str, Any]:
    return {
        "remedy": option.remedy,
        "up_to": sum_of(option.up_to_minor, option.currency),
        "currency": option.currency,
        "basis": option.basis.value,
        "reasons": parts.reasons(option.because, language),
        "say": in_language(option.say, language),
        "advice": parts.advice(option.because, language),
        "binding_limit": parts.binding_limit(option.binding_limit, option.currency),
        "cost": parts.cost(option.cost, option.currency),
    }


def _only_others(other: EscalateOnly, currency: str, language: str) -> dict[str, Any]:
    return {
        "remedy": other.remedy,
        "reasons": parts.reasons(other.because, language),
        "binding_limit": parts.binding_limit(other.binding_limit, currency),
        "escalation": _who(other.escalate_to),
        "missing": list(other.missing),
    }


def _who(to: EscalateTo | None) -> dict[str, Any] | None:
    return None if to is None else {"to": to.to, "due_at": instant(to.due_at)}
