"""A context for a case without a history: for policy tests and for `evaluate`.

The opening limits are met fresh, or with what the case says was used of them. Without a trust level no bound that names
trust levels holds; limits per customer, case, order or incident are met only where the case says what was used of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from policyservice.domain.decision import AgentView, Context, Received
from policyservice.domain.limits import LimitState, Scope, Usage, ladder, matches_reason
from policyservice.domain.vocabulary import AgentKind
from policyservice.rulebook.model import Rulebook

_ALWAYS_MET = (Scope.DECISION, Scope.AGENT, Scope.TEAM, Scope.REASON, Scope.ORGANISATION)


def context_for(
    rulebook: Rulebook,
    *,
    as_of: date,
    reason: str,
    remedy: str,
    currency: str,
    trust_level: str | None = None,
    received: Received | None = None,
    used: Mapping[str, Usage] | None = None,
    verified: frozenset[str] = frozenset(),
) -> Context:
    """The context of a case on a day, at noon UTC, under the rulebook's opening limits."""
    agent = AgentView("agent", "team", AgentKind.HUMAN, trust_level) if trust_level is not None else None
    return Context(
        now=datetime.combine(as_of, time(12), UTC),
        id="dec_hypothetical",
        timezone="UTC",
        hold_seconds=86400,
        agent=agent,
        limits=_met(rulebook, reason, currency, trust_level, used or {}),
        ladder=ladder(rulebook.opening_limits, [t.name for t in rulebook.trust_levels], remedy, reason, currency),
        received=received or Received(),
        verified=verified,
    )


def _met(
    rulebook: Rulebook, reason: str, currency: str, trust_level: str | None, used: Mapping[str, Usage]
) -> tuple[LimitState, ...]:
    states = []
    for limit in rulebook.opening_limits.limits:
        bound = limit.bound_for(trust_level)
        of_reason = not limit.reasons or any(matches_reason(p, reason) for p in limit.reasons)
        met = limit.id in used or limit.scope in _ALWAYS_MET
        if bound is None or not of_reason or not met or limit.currency != currency:
            continue
        states.append(
            LimitState(
                limit=limit.id,
                scope=limit.scope,
                subject="hypothetical",
                window=str(limit.window),
                currency=currency,
                measure=limit.measure,
                counts=limit.counts,
                bound=bound,
                used=used.get(limit.id, Usage()),
                remedies=limit.remedies,
            )
        )
    return tuple(states)
