"""An explanation as it is sent."""

from __future__ import annotations

from typing import Any

from policyservice.api.wire import instant, sum_of
from policyservice.decisions.log import StoredDecision
from policyservice.domain.money import decimal_string
from policyservice.engine.explain import Explanation, LimitTold, RuleTold


def explanation(stored: StoredDecision, explained: Explanation, language: str) -> dict[str, Any]:
    """`ExplanationSchema`."""
    currency = stored.decision.currency
    return {
        "id": stored.id,
        "outcome": stored.decision.outcome.value,
        "currency": currency,
        "entitled": decimal_string(explained.entitled_minor, currency),
        "permitted": decimal_string(explained.permitted_minor, currency),
        "rules": [_rule(rule, language) for rule in explained.rules],
        "limits": [_limit(limit) for limit in explained.limits],
    }


def _rule(rule: RuleTold, language: str) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "title": rule.title.get(language),
        "basis": rule.basis.value,
        "reference": rule.reference,
        "state": rule.state.value,
        "effects": list(rule.effects),
        "conditions": [{"text": told.text.get(language), "holds": told.holds} for told in rule.conditions],
        "missing": list(rule.missing),
    }


def _limit(limit: LimitTold) -> dict[str, Any]:
    state = limit.state
    return {
        "limit": state.limit,
        "scope": state.scope.value,
        "window": state.window,
        "applies": limit.applies,
        "binds": limit.binds,
        "bound": sum_of(state.bound.amount_minor, state.currency),
        "left": sum_of(limit.left_minor, state.currency),
        "bound_count": state.bound.count,
        "left_count": limit.left_count,
        "renews_at": instant(state.renews_at),
    }
