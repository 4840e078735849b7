"""Amounts and reckoned facts as formulas: exact, rounded once; what is unknown makes the whole unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import z3

from policyservice.assurance.symbolic import parameters
from policyservice.assurance.symbolic.terms import (
    FALSE,
    TRUE,
    Number,
    Sum,
    conj,
    disj,
    largest_of,
    least_of,
    neg,
    rounded_up,
    same_sort,
    times,
    when,
    whole,
)
from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Difference,
    Each,
    FactRef,
    FirstKnown,
    Fixed,
    Largest,
    Least,
    ParameterRef,
    Share,
    SumOf,
    Unpriced,
)

if TYPE_CHECKING:
    from policyservice.assurance.symbolic.findings import Findings

_SPELLED_OUT = 64
"""Up to so many values of a count a product of two unknowns is written case by case, which a solver takes better."""


class Amounts:
    """Reads amounts over the facts of one case."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def of(self, amount: Amount) -> Sum:
        """An amount, exact; round it with `rounded_up`."""
        match amount:
            case Fixed(value=value):
                return Sum(TRUE, FALSE, whole(value))
            case Unpriced():
                return Sum(TRUE, TRUE, whole(0))
            case FactRef(name=name):
                fact = self._findings.fact(name)
                return Sum(fact.known, FALSE, fact.term)
            case ParameterRef():
                return self._parameter(amount)
            case Share(part=part, of=of):
                return self._share(part, self.of(of))
            case Each():
                return self._each(amount)
            case SumOf(of=parts):
                return self._folded(parts, lambda terms: _added(terms))
            case Least(of=parts):
                return self._folded(parts, least_of)
            case Largest(of=parts):
                return self._folded(parts, largest_of)
            case Difference(minuend=minuend, subtrahend=subtrahend):
                return self._folded((minuend, subtrahend), _difference)
            case FirstKnown(of=parts):
                return self._first_known([self.of(part) for part in parts])
            case Bounded():
                return self._bounded(amount)

    def _parameter(self, stated: ParameterRef) -> Sum:
        values = self._findings.values_of(stated)
        terms = [parameters.exact(value) for _, value in values]
        term: Number = whole(0)
        for (in_force, _), one in zip(reversed(values), reversed(same_sort(*terms) if terms else []), strict=True):
            term = when(in_force, *same_sort(one, term))
        return Sum(disj(*(in_force for in_force, _ in values)), FALSE, term)

    def _share(self, part: Fraction | ParameterRef, of: Sum) -> Sum:
        if isinstance(part, Fraction):
            return Sum(of.known, of.unpriced, times(of.term, part))
        values = self._findings.values_of(part)
        term: Number = whole(0)
        for in_force, share in reversed(values):
            term = when(in_force, *same_sort(times(of.term, Fraction(share)), term))
        return Sum(conj(of.known, disj(*(in_force for in_force, _ in values))), of.unpriced, term)

    def _each(self, amount: Each) -> Sum:
        each, per = self.of(amount.each), self.of(amount.per)
        count = per.term
        if amount.period is not None:
            count = (count + (amount.period - 1 if amount.started else 0)) / amount.period
        count = when(count < 0, whole(0), count)
        product = self._product(each.term, z3.simplify(count), amount)
        return Sum(conj(each.known, per.known), disj(each.unpriced, per.unpriced), product)

    def _product(self, each: Number, count: Number, amount: Each) -> Number:
        constant = z3.simplify(each)
        if z3.is_int_value(constant) or z3.is_rational_value(constant) or z3.is_int_value(count):
            return _multiplied(constant, count)
        most = self._most(amount)
        if most is None:
            return _multiplied(each, count)
        term: Number = whole(0)
        for number in range(most, 0, -1):
            term = when(count == number, *same_sort(each * number, term))
        return term

    def _most(self, amount: Each) -> int | None:
        """The highest count where it is small and bounded by the vocabulary."""
        if not isinstance(amount.per, FactRef) or amount.period is not None:
            return None
        fact = self._findings.symbols.rulebook.facts.get(amount.per.name)
        highest = None if fact is None else fact.highest
        return highest if highest is not None and highest <= _SPELLED_OUT else None

    def _folded(self, parts: Sequence[Amount], fold: Callable[[list[Number]], Number]) -> Sum:
        read = [self.of(part) for part in parts]
        known, unpriced = conj(*(p.known for p in read)), disj(*(p.unpriced for p in read))
        return Sum(known, unpriced, fold([p.term for p in read]))

    def _first_known(self, read: list[Sum]) -> Sum:
        last = read[-1]
        term, unpriced = last.term, last.unpriced
        for part in reversed(read[:-1]):
            term = when(part.known, *same_sort(part.term, term))
            unpriced = disj(conj(part.known, part.unpriced), conj(neg(part.known), unpriced))
        return Sum(disj(*(part.known for part in read)), unpriced, term)

    def _bounded(self, amount: Bounded) -> Sum:
        inner = self.of(amount.amount)
        bounds = [
            None if stated is None else self.of(stated)
            for stated in (amount.nothing_below, amount.at_least, amount.at_most)
        ]
        term: Any = inner.term
        nothing_below, at_least, at_most = bounds
        if at_least is not None:
            term = largest_of([term, at_least.term])
        if at_most is not None:
            term = least_of([term, at_most.term])
        if nothing_below is not None:
            small = rounded_up(inner.term) < nothing_below.term
            term = when(small, *same_sort(whole(0), term))
        stated = [bound for bound in (inner, *bounds) if bound is not None]
        return Sum(conj(*(b.known for b in stated)), disj(*(b.unpriced for b in stated)), term)


def _added(terms: list[Number]) -> Number:
    first, *others = same_sort(*terms)
    return sum(others, first)


def _difference(terms: list[Number]) -> Number:
    minuend, subtrahend = same_sort(*terms)
    return minuend - subtrahend


def _multiplied(one: Number, other: Number) -> Number:
    a, b = same_sort(one, other)
    return a * b
