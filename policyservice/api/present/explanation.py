"""An explanation as it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyservice.api.present import parts
from policyservice.api.wire import instant, sum_of
from policyservice.decisions.log import StoredDecision
from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import FactType
from policyservice.engine.explain import Explanation, LimitTold, RuleTold, VerifyTold


def explanation(
    stored: StoredDecision, explained: Explanation, types: Mapping[str, FactType], language: str
) -> dict[str, Any]:
    """`ExplanationSchema`."""
    currency = stored.decision.currency
    return {
        "id": stored.id,
        "outcome": stored.decision.outcome.value,
        "currency": currency,
        "entitled": decimal_string(explained.entitled_minor, currency),
        "permitted": decimal_string(explained.permitted_minor, currency),
        "rules": [_rule(rule, currency, language) for rule in explained.rules],
        "limits": [_limit(limit) for limit in explained.limits],
        "facts": [_fact(stored, name, types.get(name)) for name in sorted(stored.decision.facts) if name != "reason"],
    }


def _fact(stored: StoredDecision, name: str, kind: FactType | None) -> dict[str, Any]:
    decision, currency = stored.decision, stored.decision.currency
    verified = stored.context.sources.get(name)
    stated = None if verified is None else verified.stated
    return {
        "fact": name,
        "value": parts.fact(decision.facts[name], kind, currency),
        "source": _source(stored, name),
        "by": verified.source if verified else None,
        "at": instant(verified.at) if verified else None,
        "stated": None if stated is None else parts.fact(stated, kind, currency),
    }


def _source(stored: StoredDecision, name: str) -> str:
    if name in stored.context.sources:
        return "verified"
    if name in stored.decision.presumed:
        return "presumed"
    return "derived" if name in stored.decision.derived else "stated"


def _rule(rule: RuleTold, currency: str, language: str) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "title": rule.title.get(language),
        "basis": rule.basis.value,
        "reference": rule.reference,
        "state": rule.state.value,
        "effects": list(rule.effects),
        "conditions": [{"text": told.text.get(language), "holds": told.holds} for told in rule.conditions],
        "missing": list(rule.missing),
        "verify": None if rule.verify is None else _verify(rule.verify, currency, language),
    }


def _verify(told: VerifyTold, currency: str, language: str) -> dict[str, Any]:
    return {
        "text": told.text.get(language),
        "above": decimal_string(told.above_minor, currency),
        "facts": list(told.facts),
        "unverified": list(told.unverified),
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
