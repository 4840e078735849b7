"""How much of one remedy this agent may give now, whatever sum is asked.

Source: decision.md section 2, steps 4 and 5. The answer to a request, its alternatives and the options list are
all read from this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policyservice.domain.case import Request
from policyservice.domain.decision import Because, Context
from policyservice.domain.limits import Measure
from policyservice.domain.vocabulary import FactValue, RemedyKind
from policyservice.engine import words
from policyservice.engine.combine import Spoken, combine
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.evaluator import Findings
from policyservice.engine.limiting import UNBOUNDED, Left, Limits, RemedyCost
from policyservice.engine.verifying import verified_up_to
from policyservice.rulebook.model import Remedy


class Room(NamedTuple):
    """What may be given of one remedy now, and what bounds it; sums in minor units.

    `discretionary` is what limits and caps leave beyond the entitled part, `available` the whole that may be given
    (0 where nothing). `paid_left` bounds a refund; `paid_unknown` names the fact that would say so. `verify_above`
    is the sum above which facts have to be verified first, None where none have.
    """

    remedy: Remedy
    spoken: Spoken
    cost: RemedyCost
    limits: Limits
    discretionary: int
    available: int
    paid_left: int | None
    paid_unknown: str | None
    verify_above: int | None

    @property
    def left(self) -> list[Left]:
        """What each limit that is for this remedy leaves."""
        return self.limits.left

    @property
    def givable(self) -> bool:
        """Whether anything of it may be given now: a sum, or a remedy that has none."""
        if not self.spoken.speaks or self.paid_unknown is not None:
            return False
        if self.remedy.has_amount:
            return self.available > 0
        return bool(self.spoken.entitled) or self._leaves_one

    @property
    def givable_unpriced(self) -> bool:
        """Whether it may be given without saying how much: owed without a sum, or within every limit as one more."""
        owed = any(claim.minor is None for claim in self.spoken.entitled)
        return self.spoken.unpriced and (owed or self._leaves_one)

    @property
    def _leaves_one(self) -> bool:
        return all(left.face_minor >= 0 for left in self.left)


def room_for(
    book: CompiledRulebook,
    findings: Findings,
    remedy_name: str,
    reason: str,
    currency: str,
    day: int,
    context: Context,
) -> Room:
    """What may be given of `remedy_name` for `reason` now."""
    remedy = book.rulebook.remedies[remedy_name]
    spoken = combine(book, findings, remedy_name, day, context.received)
    cost = cost_of(book, remedy, findings.facts, day)
    if not cost.is_known:
        _wait_for_cost(book, remedy, findings.facts, day, context, spoken)
    limits = Limits(context.limits, remedy_name, cost, spoken.entitled_minor)
    discretionary = limits.within(max(0, spoken.permitted_minor - spoken.entitled_minor))
    paid_left, paid_unknown = _paid(book, remedy, reason, findings.facts, context)
    verify_above = verified_up_to(book, spoken, context, remedy_name, cost)
    available = spoken.entitled_minor + discretionary
    for ceiling in (paid_left, verify_above):
        if ceiling is not None:
            available = min(available, ceiling)
    return Room(remedy, spoken, cost, limits, discretionary, max(0, available), paid_left, paid_unknown, verify_above)


def cost_of(book: CompiledRulebook, remedy: Remedy, facts: Mapping[str, FactValue], day: int) -> RemedyCost:
    """What giving the remedy costs the company, by the facts where they tell."""
    priced = book.remedy_costs.get(remedy.name)
    if priced is not None:
        value = priced.value(facts, day)
        if isinstance(value, int):
            return RemedyCost(1, 1, max(0, value))
    if not remedy.has_amount:
        return RemedyCost(0, 1, is_known=priced is None)
    return RemedyCost(remedy.cost_factor.numerator, remedy.cost_factor.denominator)


def _paid(
    book: CompiledRulebook, remedy: Remedy, reason: str, facts: Mapping[str, FactValue], context: Context
) -> tuple[int | None, str | None]:
    """What is left of what was paid, for a refund; or the fact that is not known and has to be."""
    fact = book.paid_fact.get(reason)
    if remedy.kind is not RemedyKind.REFUND or fact is None:
        return None, None
    paid = facts.get(fact)
    if paid is None:
        return None, fact if reason in book.paid_awaited else None
    if not remedy.has_amount:
        return None, None  # there is no sum that could exceed what was paid
    return max(0, int(paid) - context.received.refunded_minor), None


def _wait_for_cost(
    book: CompiledRulebook,
    remedy: Remedy,
    facts: Mapping[str, FactValue],
    day: int,
    context: Context,
    spoken: Spoken,
) -> None:
    """Note the facts that a cost waits for, where a limit on cost bounds the remedy."""
    if any(
        state.measure is Measure.COST and (not state.remedies or remedy.name in state.remedies)
        for state in context.limits
    ):
        missing = book.remedy_costs[remedy.name].missing(facts, day)
        spoken.missing = tuple(sorted({*spoken.missing, *missing}))


def binding(room: Room, discretionary_asked: int) -> list[Left]:
    """The limits that keep `discretionary_asked` from being given."""
    return [left for left in room.left if left.face_minor < min(discretionary_asked, UNBOUNDED)]


def verified_first(book: CompiledRulebook, request: Request, context: Context, room: Room) -> Iterator[Because]:
    """What is to be verified before the asked sum may be given, for each rule that it would rest on."""
    asked = request.amount_minor or 1
    if room.verify_above is None or not room.remedy.has_amount or asked <= room.verify_above:
        return
    for rule in {claim.rule.id: claim.rule for claim in room.spoken.supporting(asked)}.values():
        demand = book.demands.get(rule.id)
        if demand is not None and asked > demand.above_minor and not demand.facts <= context.verified:
            titles = [book.rulebook.facts[name].title for name in sorted(demand.facts - context.verified)]
            yield words.verify(rule, demand.above_minor, titles, request.currency)
