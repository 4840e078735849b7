"""The arithmetic of the ledger, pure: what of a decision counts while a part of its amount stands.

Which limits a request meets is reckoned in `meeting`, whose functions can be had from here.
Source: docs/explanation/reservations.md.
"""

from __future__ import annotations

from policyservice.domain.decision import Decision, Owed
from policyservice.domain.limits import Usage
from policyservice.ledger.meeting import Met, bound_by, meet, shapes_of, specs_of, states, trust_level_by
from policyservice.ledger.values import Footprint, Held, Part

__all__ = [
    "Met",
    "bound_by",
    "difference",
    "held_by",
    "meet",
    "shapes_of",
    "specs_of",
    "split",
    "states",
    "trust_level_by",
]


def held_by(decision: Decision, footprint: Footprint, *, is_refund: bool) -> Held:
    """What an allowed decision holds."""
    return Held(
        decision.id,
        footprint,
        decision.entitled_minor,
        decision.goodwill_minor,
        decision.entitled_cost_minor,
        decision.goodwill_cost_minor,
        decision.owed,
        is_refund,
    )


NO_PART = Part()


def split(held: Held, standing_minor: int | None) -> Part:
    """What counts of a decision while `standing_minor` of its amount stands; None is when nothing of it does.

    The entitled part stays first, the discretionary part is what remains; costs stand in proportion to their part,
    rounded up. A decision counts once: as goodwill while any discretionary part stands, else as entitled.
    """
    if standing_minor is None or (held.has_amount and standing_minor == 0):
        return NO_PART
    entitled = min(held.entitled_minor, standing_minor)
    goodwill = standing_minor - entitled
    entitled_cost = _in_proportion(held.entitled_cost_minor, entitled, held.entitled_minor)
    goodwill_cost = _in_proportion(held.goodwill_cost_minor, goodwill, held.goodwill_minor)
    is_entitled = goodwill == 0 and (entitled > 0 or bool(held.owed))
    usage = Usage(goodwill, entitled, goodwill_cost, entitled_cost, 0 if is_entitled else 1, 1 if is_entitled else 0)
    refunded = standing_minor if held.is_refund else 0
    return Part(usage, refunded, {owed.rule: (_owed_part(owed, standing_minor), 1) for owed in held.owed})


def _owed_part(owed: Owed, standing_minor: int) -> int:
    return max(0, min(owed.minor, standing_minor - owed.after_minor))


def _in_proportion(cost: int, standing: int, whole: int) -> int:
    """The cost of the standing part, rounded up; the cost of a remedy without a sum stands while the remedy does."""
    if whole == 0:
        return cost
    return -(-cost * standing // whole)


def difference(after: Part, before: Part) -> Part:
    """What changes from one part to another, signed."""
    if after is before:
        return NO_PART
    rules = {*after.owed, *before.owed}
    owed = {rule: _minus(after.owed.get(rule, (0, 0)), before.owed.get(rule, (0, 0))) for rule in rules}
    return Part(
        after.usage.minus(before.usage),
        after.refunded_minor - before.refunded_minor,
        {rule: change for rule, change in sorted(owed.items()) if change != (0, 0)},
    )


def _minus(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    return a[0] - b[0], a[1] - b[1]
