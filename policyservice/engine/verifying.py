"""How much may be given while what it rests on is not all verified.

Source: decision.md section 2, step 5. A claim counts up to the sum that is demanded of its rule; above that sum it
counts where the facts demanded are verified. What may be given by the claims that count is never cut because another
one does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyservice.domain.decision import Context
from policyservice.engine.combine import Spoken, total
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.limiting import UNBOUNDED, Limits, RemedyCost


def verified_up_to(
    book: CompiledRulebook, spoken: Spoken, context: Context, remedy: str, cost: RemedyCost
) -> int | None:
    """The sum above which facts have to be verified first, in minor units; None where none have."""
    demands, verified = book.demands, context.verified
    if not demands:
        return None
    bounds: dict[str, int] = {}  # by rule: up to which sum its claims count
    for claim in (*spoken.entitled, *spoken.permitted):
        demand = demands.get(claim.rule.id)
        if demand is not None and not demand.facts <= verified:
            bounds[claim.rule.id] = demand.above_minor
    return _most(spoken, bounds, context, remedy, cost) if bounds else None


def _most(spoken: Spoken, bounds: Mapping[str, int], context: Context, remedy: str, cost: RemedyCost) -> int:
    """Up to the lowest bound every claim counts; beyond it as much may be given as those give that count."""
    lowest, *higher = sorted(set(bounds.values()))
    most = lowest
    for step in (*higher, UNBOUNDED):
        entitled = [claim for claim in spoken.entitled if bounds.get(claim.rule.id, UNBOUNDED) >= step]
        permitted = [claim for claim in spoken.permitted if bounds.get(claim.rule.id, UNBOUNDED) >= step]
        if entitled or permitted:
            owed = total(entitled)
            beyond = max(0, max((claim.minor or 0 for claim in permitted), default=0) - owed)
            given = owed + Limits(context.limits, remedy, cost, owed).within(beyond)
            most = max(most, min(step, given))
    return most
