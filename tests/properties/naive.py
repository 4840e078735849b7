"""The contract's steps 4 to 6 read sentence by sentence, as plain and slow as can be: every sum is tried one by one.

It shares nothing with the engine but the values it is given: whether rules hold comes from the naive reading of
`tests/engine/oracle.py`, and what may be given is found by asking of each cent whether it may.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Outcome, owed_key
from policyservice.domain.limits import Counts, LimitState, Measure
from policyservice.domain.vocabulary import RemedyKind
from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Compare,
    Condition,
    Effect,
    EffectKind,
    FactRef,
    FirstKnown,
    Fixed,
    Not,
    Rule,
    Rulebook,
    Share,
    Unpriced,
)
from tests.engine.oracle import Oracle
from tests.properties.rulebooks import MOST, NOON

UNPRICED = "unpriced"
TOP = 4 * MOST
GIVES = (EffectKind.ENTITLE, EffectKind.PERMIT)
STOPS = (EffectKind.FORBID, EffectKind.ESCALATE)


@dataclass
class Claim:
    """An effect that gives something now; `cents` is None where it has no sum."""

    rule: Rule
    effect: Effect
    cents: int | None


@dataclass
class Reading:
    """What the contract says of one remedy in one case."""

    entitled: list[Claim] = field(default_factory=list)
    permitted: list[Claim] = field(default_factory=list)
    forbidden: bool = False
    held_back: bool = False  # by an escalate, or by a forbid or escalate that is not known
    waits: bool = False

    @property
    def speaks(self) -> bool:
        return bool(self.entitled or self.permitted)

    @property
    def owed(self) -> int:
        single = max((c.cents or 0 for c in self.entitled if not c.effect.cumulative), default=0)
        return single + sum(c.cents or 0 for c in self.entitled if c.effect.cumulative)

    @property
    def cap(self) -> int:
        """The largest sum that rules give at all: the larger of entitlement and permit, not the sum."""
        return max([self.owed, *(c.cents or 0 for c in self.permitted)])


class Naive:
    """One case under one rulebook."""

    def __init__(self, book: Rulebook, request: Request, context: Context) -> None:
        self.book, self.request, self.context = book, request, context
        given = {**request.facts, "reason": request.reason}
        self.oracle = Oracle(book, given, NOON.date().toordinal(), "EUR")
        self.remedy = book.remedies[request.remedy]
        self.reading = self._read()

    # --- step 4 --------------------------------------------------------------------------------------

    def _read(self) -> Reading:
        found = Reading()
        states = [(rule, self.oracle.rule(rule)) for rule in self.book.rules]
        claims = []
        for rule, state in states:
            mine = [e for e in rule.then if e.kind in GIVES and e.remedy == self.remedy.name]
            found.waits |= state is None and bool(mine)
            claims += [claim for e in mine if state for claim in self._claims(rule, e, found)]
        for rank in (3, 2, 1):
            of_rank = [(r, e, s) for r, s in states if s is not False for e in r.then if self._stops(e, rank)]
            if any(s is True and e.kind is EffectKind.FORBID for _, e, s in of_rank):
                found.forbidden = True
            elif of_rank:
                found.held_back = True
            else:
                continue
            claims = [c for c in claims if c.effect.basis.rank > rank]
            break
        found.entitled = [c for c in claims if c.effect.kind is EffectKind.ENTITLE]
        found.permitted = [c for c in claims if c.effect.kind is EffectKind.PERMIT]
        return found

    def _stops(self, effect: Effect, rank: int) -> bool:
        return effect.kind in STOPS and effect.basis.rank == rank and effect.remedy in (self.remedy.name, None)

    def _claims(self, rule: Rule, effect: Effect, found: Reading) -> list[Claim]:
        before = (0, 0)
        if effect.kind is EffectKind.ENTITLE:
            same = [e for e in rule.then if e.kind in GIVES and e.remedy == effect.remedy]
            number = next(n for n, e in enumerate(same, start=1) if e is effect)
            key = owed_key(rule.id, effect.remedy or "") + (f" {number}" if number > 1 else "")
            before = self.context.received.owed.get(key, (0, 0))
        if effect.amount is None:
            return [] if before[1] else [Claim(rule, effect, None)]
        value = self.amount(effect.amount)
        if value is None:
            found.waits = True
            return []
        if isinstance(value, str):
            return [Claim(rule, effect, None)]
        left = ceil(value) - before[0]
        return [Claim(rule, effect, left)] if left > 0 else []

    def amount(self, amount: Amount) -> int | Fraction | str | None:
        match amount:
            case Fixed(value=value):
                return value
            case Unpriced():
                return UNPRICED
            case FactRef(name=name):
                return self.oracle.fact(name)[0]  # type: ignore[return-value]
            case Share(part=Fraction() as part, of=of):
                whole = self.amount(of)
                return None if whole is None else whole * part  # type: ignore[operator]
            case FirstKnown(of=parts):
                return next((v for p in parts if (v := self.amount(p)) is not None), None)
            case Bounded(amount=inner, nothing_below=Fixed(value=floor)):
                value = self.amount(inner)
                return None if value is None else 0 if value < floor else value  # type: ignore[operator]
        raise AssertionError(amount)

    # --- step 5 --------------------------------------------------------------------------------------

    @property
    def paid_left(self) -> int | None:
        """What is left of what was paid; None where that bounds nothing."""
        paid = self.oracle.fact("order.paid")[0]
        if self.remedy.kind is not RemedyKind.REFUND or paid is None:
            return None
        return max(0, int(paid) - self.context.received.refunded_minor)

    @property
    def paid_unknown(self) -> bool:
        return self.remedy.kind is RemedyKind.REFUND and self.oracle.fact("order.paid")[0] is None

    def cost(self, cents: int) -> int | None:
        if self.remedy.cost is not None:
            return self.amount(self.remedy.cost)  # type: ignore[return-value]
        return ceil(self.remedy.cost_factor * cents)

    def within_limits(self, owed: int, beyond: int) -> bool:
        """Whether `beyond` what is owed fits every limit; the owed part alone never has to."""
        return not self.in_the_way(owed, beyond)

    def in_the_way(self, owed: int, beyond: int) -> list[LimitState]:
        """The limits that `beyond` what is owed does not fit."""
        return [limit for limit in self._mine() if not self._within(limit, owed, beyond)]

    def _mine(self) -> list[LimitState]:
        return [s for s in self.context.limits if not s.remedies or self.remedy.name in s.remedies]

    def _within(self, limit: LimitState, owed: int, beyond: int) -> bool:
        used, everything = limit.used, limit.counts is Counts.ALL
        times = used.goodwill_count + (used.entitled_count if everything else 0)
        if limit.bound.count is not None and times + 1 > limit.bound.count:
            return False
        if limit.bound.amount_minor is None:
            return True
        if limit.measure is Measure.FACE:
            total = used.goodwill_face + beyond
            total += used.entitled_face + owed if everything else 0
        else:
            cost = self.cost(owed + beyond if everything else beyond)
            if cost is None:
                return False
            total = used.goodwill_cost + cost + (used.entitled_cost if everything else 0)
        return total <= limit.bound.amount_minor

    def _may_by(self, entitled: list[Claim], permitted: list[Claim], cents: int) -> bool:
        part = Reading(entitled=entitled, permitted=permitted)
        if cents <= part.owed:
            return True
        return cents <= part.cap and self.within_limits(part.owed, cents - part.owed)

    def may(self, cents: int) -> bool:
        """Whether the agent may give a sum now."""
        reading = self.reading
        if self.paid_unknown or (self.paid_left is not None and cents > self.paid_left):
            return False
        entitled, permitted = reading.entitled, reading.permitted
        counting = [[c for c in claims if self._counts(c.rule, cents)] for claims in (entitled, permitted)]
        return self._may_by(entitled, permitted, cents) and self._may_by(counting[0], counting[1], cents)

    def _counts(self, rule: Rule, cents: int) -> bool:
        """Whether a rule may be rested on for a sum: it is not above what needs no check, or all is verified."""
        above, wanted = self.book.packs[0].verify_above_minor, _facts_of(rule)
        if rule.verify is not None:
            above = rule.verify.above_minor
            wanted = set(rule.verify.facts) or wanted
        return above is None or cents <= above or wanted <= self.context.verified

    @property
    def available(self) -> int | None:
        """The largest sum that may be given now."""
        return max((cents for cents in range(1, TOP) if self.may(cents)), default=None)

    # --- step 6 --------------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """The outcome, stretches aside."""
        reading, asked = self.reading, self.request.amount_minor
        if asked is None:
            return self._without_a_sum()
        may_be_owed = any(claim.cents is None for claim in reading.entitled)
        if reading.forbidden and asked > reading.owed and not may_be_owed:
            return Outcome.DENY
        if self.paid_left is not None and asked > self.paid_left:
            return Outcome.DENY
        if self._is_closed():
            return Outcome.DENY
        return Outcome.ALLOW if reading.speaks and self.may(asked) else Outcome.ESCALATE

    def _without_a_sum(self) -> Outcome:
        reading = self.reading
        if reading.entitled:
            return Outcome.ALLOW
        if reading.forbidden or self._is_closed():
            return Outcome.DENY
        return Outcome.ALLOW if reading.permitted and self.within_limits(0, 0) else Outcome.ESCALATE

    def _is_closed(self) -> bool:
        reading = self.reading
        said = reading.speaks or reading.forbidden or reading.held_back or reading.waits
        reason = self.book.reasons[self.request.reason]
        return not said and (reason.closed or self.request.remedy in reason.closes)


def _facts_of(rule: Rule) -> set[str]:
    found = {c for c in _compared(rule.when) if c != "reason"}
    for effect in rule.then:
        if effect.amount is not None:
            found |= _in_amount(effect.amount)
    return found


def _compared(condition: Condition) -> set[str]:
    if isinstance(condition, Compare):
        return {condition.fact}
    parts = (condition.of,) if isinstance(condition, Not) else condition.of
    return set().union(*(_compared(part) for part in parts))


def _in_amount(amount: Amount) -> set[str]:
    match amount:
        case FactRef(name=name):
            return {name}
        case Share(of=of):
            return _in_amount(of)
        case Bounded(amount=inner):
            return _in_amount(inner)
        case FirstKnown(of=parts):
            return set().union(*(_in_amount(part) for part in parts))
    return set()
