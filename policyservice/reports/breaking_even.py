"""Up to which amount deciding at once is cheaper than escalating, beside the limit in force, for each reason."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from sqlalchemy import Connection

from policyservice.costs.compare import CostModel
from policyservice.costs.parameters import CostParameters
from policyservice.decisions.policy import Policy, policy_in_force
from policyservice.decisions.services import Services
from policyservice.domain.decision import Range
from policyservice.domain.limits import Limit, Measure, Scope
from policyservice.rulebook.model import CostSet, Remedy, Rulebook

EVERY_LEVEL = "*"


@dataclass(frozen=True, slots=True)
class InForce:
    """A limit per decision: the most by trust level in minor units (`*` for levels that are not named; None: any)."""

    limit: str
    remedies: tuple[str, ...]
    bounds: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class OfRemedies:
    """The break-even of remedies that cost alike, by view, in minor units of face value; None where there is none."""

    remedies: tuple[str, ...]
    views: dict[str, Range | None]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """One reason, by the parameters in force now: the break-even amounts, and the limits per decision."""

    reason: str
    currency: str
    amounts: tuple[OfRemedies, ...]
    limits: tuple[InForce, ...]


def breaking_even(conn: Connection, services: Services, reasons: list[str]) -> tuple[BreakEven, ...]:
    """For each reason that the rulebook in force knows.

    Raises:
        NoRulebookInForce: nothing was published yet.
    """
    policy = policy_in_force(conn, services.clock.now())
    book = services.rulebooks.plain(conn, policy.rules, policy.costs)
    known = [reason for reason in reasons if reason in book.rulebook.reasons]
    return tuple(_of_reason(reason, book.rulebook, book.costs, policy) for reason in known)


def _of_reason(reason: str, rulebook: Rulebook, costs: CostModel, policy: Policy) -> BreakEven:
    pack = rulebook.pack(rulebook.reasons[reason].pack)
    alike: dict[tuple[Fraction, int], list[str]] = {}
    for remedy in rulebook.remedies.values():
        if remedy.pack == pack.name and _has_a_break_even(remedy):
            alike.setdefault((remedy.cost_factor, remedy.fee_minor), []).append(remedy.name)
    parameters = costs.parameters(reason)
    amounts = tuple(
        OfRemedies(tuple(sorted(names)), dict(_reckoned(parameters, factor, fee, pack.currency)))
        for (factor, fee), names in sorted(alike.items())
    )
    limits = tuple(
        InForce(limit.id, limit.remedies, _bounds(limit))
        for limit in policy.limits.limits
        if limit.scope is Scope.DECISION and limit.measure is Measure.FACE and limit.currency == pack.currency
        if limit.is_for(reason)
    )
    return BreakEven(reason, pack.currency, amounts, limits)


def _has_a_break_even(remedy: Remedy) -> bool:
    return remedy.has_amount and remedy.cost is None


def _bounds(limit: Limit) -> dict[str, int | None]:
    return {level or EVERY_LEVEL: bound.amount_minor for level, bound in limit.bounds.items()}


@lru_cache(maxsize=1024)
def _reckoned(
    parameters: CostParameters, factor: Fraction, fee: int, currency: str
) -> tuple[tuple[str, Range | None], ...]:
    """Kept, since it takes tens of milliseconds and reasons share their parameters."""
    model = CostModel((CostSet(reasons=(), values=dict(parameters.items())),))
    return tuple(model.break_even("", factor, fee, currency).items())
