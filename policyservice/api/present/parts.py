"""Parts that several answers share, as they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from policyservice.api.wire import instant, sum_of
from policyservice.decisions.verified import conflicting
from policyservice.domain.decision import Because, BindingLimit, CostEstimate, Range, Verified
from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import FactType, FactValue

ADVICE = "advice"


def reasons(because: Iterable[Because], language: str) -> list[dict[str, Any]]:
    """The reasons of an answer; what only advises the agent is apart, see `advice`."""
    return [
        {
            "code": one.code,
            "rule": one.rule,
            "text": one.text.get(language),
            "basis": one.basis.value if one.basis else None,
            "reference": one.reference,
        }
        for one in because
        if one.code != ADVICE
    ]


def advice(because: Iterable[Because], language: str) -> list[str]:
    """What rules advise the agent."""
    return [one.text.get(language) for one in because if one.code == ADVICE]


def binding_limit(limit: BindingLimit | None, currency: str) -> dict[str, Any] | None:
    """The limit that binds."""
    if limit is None:
        return None
    return {
        "limit": limit.limit,
        "scope": limit.scope.value,
        "left": sum_of(limit.left_minor, currency),
        "bound": sum_of(limit.bound_minor, currency),
        "left_count": limit.left_count,
        "bound_count": limit.bound_count,
        "renews_at": instant(limit.renews_at),
    }


def cost(estimate: CostEstimate | None, currency: str) -> dict[str, Any] | None:
    """The cost of the remedy beside the estimated cost of escalating."""
    if estimate is None:
        return None
    return {
        "remedy": decimal_string(estimate.remedy_minor, currency),
        "escalation": _range(estimate.escalation, currency),
        "saving": _range(estimate.saving, currency),
        "parameters": estimate.parameters,
        "views": {
            name: {"escalation": _range(escalation, currency), "saving": _range(saving, currency)}
            for name, (escalation, saving) in estimate.views.items()
        },
    }


def _range(estimated: Range, currency: str) -> dict[str, str]:
    return {
        "expected": decimal_string(estimated.expected, currency),
        "low": decimal_string(estimated.low, currency),
        "high": decimal_string(estimated.high, currency),
    }


def conflicts(
    sources: Mapping[str, Verified], given: Mapping[str, FactValue], types: Mapping[str, FactType], currency: str
) -> list[dict[str, Any]]:
    """The facts of a decision that were stated otherwise than they are verified."""
    return [
        {
            "fact": name,
            "stated": fact(source.stated, types.get(name), currency),
            "verified": fact(given[name], types.get(name), currency),
            "source": source.source,
            "at": instant(source.at),
        }
        for name, source in conflicting(sources).items()
        if source.stated is not None
    ]


def facts(values: Mapping[str, FactValue], types: Mapping[str, FactType], currency: str) -> dict[str, Any]:
    """Facts as callers give them: money as decimal strings, dates as ISO dates."""
    return {name: fact(value, types.get(name), currency) for name, value in sorted(values.items())}


def fact(value: FactValue, kind: FactType | None, currency: str) -> Any:
    """One fact as callers give it."""
    if kind is FactType.MONEY:
        return decimal_string(int(value), currency)
    if kind is FactType.DATE:
        return date.fromordinal(int(value)).isoformat()
    return value
