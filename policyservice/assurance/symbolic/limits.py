"""What limits leave, as formulas: a bound for the trust level, less whatever history may have used of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from policyservice.assurance.symbolic.case import Symbols
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.terms import (
    FALSE,
    TRUE,
    Formula,
    Number,
    conj,
    disj,
    least_of,
    neg,
    rounded_up,
    times,
    when,
    whole,
)
from policyservice.domain.limits import Counts, Limit, Measure, Scope
from policyservice.engine.limiting import UNBOUNDED
from policyservice.rulebook.model import Remedy

ALWAYS_MET = (Scope.DECISION, Scope.AGENT, Scope.TEAM, Scope.REASON, Scope.ORGANISATION)
"""Scopes that every request has a subject for; of the others it may have none, and then does not meet the limit."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a remedy costs the company: a fixed sum where the facts give one (`fixed`), else a share of its face."""

    is_fixed: Formula
    fixed: Number
    factor: Fraction
    is_known: Formula

    def of(self, face: Number) -> Number:
        """The cost of a face value, never understated."""
        return when(self.is_fixed, self.fixed, rounded_up(times(face, self.factor)))

    def face_within(self, cost: Number) -> Number:
        """The largest face value whose cost is within a sum; -1 where none is, or where the cost is not known."""
        by_factor = whole(UNBOUNDED) if self.factor == 0 else _floor(cost, 1 / self.factor)
        by_fixed = when(self.fixed <= cost, whole(UNBOUNDED), whole(-1))
        return when(self.is_known, when(self.is_fixed, by_fixed, by_factor), whole(-1))


def _floor(term: Number, part: Fraction) -> Number:
    return (term * part.numerator) / part.denominator


def cost_of(findings: Findings, remedy: Remedy) -> Cost:
    """The cost of a remedy in a case."""
    is_fixed, fixed = FALSE, whole(0)
    if remedy.cost is not None:
        found = findings.amounts.of(remedy.cost)
        term = rounded_up(found.term)
        is_fixed, fixed = found.is_sum, when(term < 0, whole(0), term)
    if remedy.has_amount:
        return Cost(is_fixed, fixed, remedy.cost_factor, TRUE)
    return Cost(is_fixed, fixed, Fraction(0), is_fixed if remedy.cost is not None else TRUE)


@dataclass(frozen=True, slots=True)
class Left:
    """What one limit leaves of the discretionary part of a face value; less than 0 where not even none of it.

    `limit` is None for one that is any limit.
    """

    limit: Limit | None
    met: Formula
    face: Number


class Limits:
    """The limits that a case meets for one remedy."""

    def __init__(self, symbols: Symbols, limits: Sequence[Limit], remedy: Remedy, cost: Cost) -> None:
        self._symbols = symbols
        self._cost = cost
        self._limits = [
            limit
            for limit in limits
            if limit.currency == symbols.currency
            and limit.bound_for(symbols.trust_level) is not None
            and limit.is_for(symbols.reason)
            and (not limit.remedies or remedy.name in limit.remedies)
        ]

    def left(self, entitled: Number) -> list[Left]:
        """What each leaves where so much is owed anyway."""
        return [Left(limit, self._met(limit), self._face(limit, entitled)) for limit in self._limits]

    def within(self, face: Number, entitled: Number) -> Number:
        """The part of a discretionary sum that every limit leaves."""
        found = face
        for left in self.left(entitled):
            lowered = least_of([found, when(left.face < 0, whole(0), left.face)])
            found = when(left.met, lowered, found)
        return when(face > 0, found, face)

    def _met(self, limit: Limit) -> Formula:
        return TRUE if limit.scope in ALWAYS_MET else self._symbols.truth(f"met {limit.id}")

    def _face(self, limit: Limit, entitled: Number) -> Number:
        bound = limit.bound_for(self._symbols.trust_level)
        assert bound is not None
        face = whole(UNBOUNDED)
        if bound.amount_minor is not None:
            face = self._by_amount(limit, bound.amount_minor, entitled)
        if bound.count is not None:
            face = when(bound.count - self._used(limit, "count") < 1, whole(-1), face)
        return face

    def _by_amount(self, limit: Limit, bound: int, entitled: Number) -> Number:
        left = bound - self._used(limit, "amount")
        counts_all = limit.counts is Counts.ALL
        if limit.measure is Measure.FACE:
            return left - entitled if counts_all else left
        face = when(left >= 0, self._cost.face_within(left), whole(-1))
        return face - entitled if counts_all else face

    def _used(self, limit: Limit, dimension: str) -> Number:
        """What history used of a limit: any value; a cap on one decision has no history."""
        if limit.scope is Scope.DECISION:
            return whole(0)
        return self._symbols.number(f"used {dimension} {limit.id}", 0)


class AnyLimits:
    """Limits that leave anything at all: what is equal under them is so under any that count goodwill alone."""

    def __init__(self, symbols: Symbols) -> None:
        self._cap = symbols.number("left by caps", 0)
        self._budget = symbols.number("left by budgets")

    def left(self, entitled: Number) -> list[Left]:
        """One budget that leaves any sum, or less than none."""
        return [Left(None, TRUE, self._budget)]

    def within(self, face: Number, entitled: Number) -> Number:
        """The part of a discretionary sum that is left."""
        lowered = least_of([face, self._cap, when(self._budget < 0, whole(0), self._budget)])
        return when(face > 0, lowered, face)


def all_leave_some(left: Sequence[Left]) -> Formula:
    """Where every limit that is met leaves at least a decision without a sum."""
    return conj(*(disj(neg(one.met), one.face >= 0) for one in left))


def least_budget(left: Sequence[Left]) -> Number:
    """The least that limits which add up over time leave of a face value."""
    budgets = [one for one in left if one.limit is None or one.limit.scope is not Scope.DECISION]
    return least_of([whole(UNBOUNDED), *(when(one.met, one.face, whole(UNBOUNDED)) for one in budgets)])
