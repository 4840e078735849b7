"""Amounts and reckoned facts: exact arithmetic over facts, rounded once, at the end.

What is not known makes the whole unknown; `unpriced` makes it `UNPRICED` unless something is unknown besides.
Everything is reckoned in whole numbers as long as it is whole, in fractions where a share leaves an odd part.

Source: decision.md section 2, "multiply by counts, then by shares, round once to the minor unit in the customer's
favour, apply floors and ceilings last".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from fractions import Fraction
from typing import Final, Literal, cast

from policyservice.domain.money import in_customers_favour
from policyservice.engine.dated import Facts, in_facts
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
    Rulebook,
    Share,
    SumOf,
    Unpriced,
)


class Price(Enum):
    """What an amount is when it is no sum."""

    UNPRICED = "unpriced"


UNPRICED: Final = Price.UNPRICED

Number = int | Fraction
_Exact = Number | Price | None
_Function = Callable[[Facts, int], _Exact]
_Missing = Callable[[Facts, int], tuple[str, ...]]


class PricedBy:
    """A compiled amount. `facts` are all that are known, given or derived; `day` is an ordinal."""

    __slots__ = ("_exact", "_missing")

    def __init__(self, exact: _Function, missing: _Missing) -> None:
        self._exact = exact
        self._missing = missing

    def value(self, facts: Facts, day: int) -> int | Literal[Price.UNPRICED] | None:
        """Minor units or a whole number, an odd part rounded up; None where unknown; `UNPRICED`: there is no sum."""
        exact = self._exact(facts, day)
        if exact is None or exact is UNPRICED or type(exact) is int:
            return exact
        return in_customers_favour(cast(Fraction, exact))

    def missing(self, facts: Facts, day: int) -> tuple[str, ...]:
        """The facts that would have to be found out to know the value, sorted; empty where it is known.

        A reckoned fact is followed down to what it is reckoned from. Empty, too, where only a parameter has no
        value yet.
        """
        if self._exact(facts, day) is not None:
            return ()
        return tuple(sorted(set(self._missing(facts, day))))


def compile_amount(amount: Amount, rulebook: Rulebook) -> PricedBy:
    """An amount, or the expression of a reckoned fact, made ready to be valued often."""
    exact, missing = _compile(amount, rulebook)
    if isinstance(
        amount, Share
    ):  # the commonest amount of all: nothing follows but the rounding, so it is done at once
        exact, _ = _share(amount.part, amount.of, rulebook, _times_rounded)
    return PricedBy(exact, missing)


def _compile(amount: Amount, rulebook: Rulebook) -> tuple[_Function, _Missing]:
    match amount:
        case Fixed(value=value):
            return (lambda facts, day: value), _nothing
        case Unpriced():
            return (lambda facts, day: UNPRICED), _nothing
        case FactRef(name=name):
            return _fact(name, rulebook)
        case ParameterRef(name=name):
            return _parameter(name, rulebook)
        case Share(part=part, of=of):
            return _share(part, of, rulebook, _times)
        case Each():
            return _each(amount, rulebook)
        case SumOf(of=parts):
            return _folded(parts, rulebook, sum)
        case Least(of=parts):
            return _folded(parts, rulebook, min)
        case Largest(of=parts):
            return _folded(parts, rulebook, max)
        case Difference(minuend=minuend, subtrahend=subtrahend):
            return _folded((minuend, subtrahend), rulebook, lambda pair: pair[0] - pair[1])
        case FirstKnown(of=parts):
            return _first_known(parts, rulebook)
        case Bounded():
            return _bounded(amount, rulebook)


def _nothing(facts: Facts, day: int) -> tuple[str, ...]:
    return ()


def _fact(name: str, rulebook: Rulebook) -> tuple[_Function, _Missing]:
    reckoned = rulebook.reckoned.get(name)
    behind = None if reckoned is None else _compile(reckoned.expression, rulebook)[1]

    def missing(facts: Facts, day: int) -> tuple[str, ...]:
        if name in facts:
            return ()
        return (name,) if behind is None else behind(facts, day)

    return (lambda facts, day: cast("int | None", facts.get(name))), missing


def _parameter(name: str, rulebook: Rulebook) -> tuple[_Function, _Missing]:
    parameter = rulebook.parameters[name]
    dating = parameter.in_force_by

    def missing(facts: Facts, day: int) -> tuple[str, ...]:
        return () if dating is None or dating in facts else (dating,)

    return cast(_Function, in_facts(parameter)), missing


def _share(
    part: Fraction | ParameterRef, of: Amount, rulebook: Rulebook, times: Callable[[_Exact, Fraction], _Exact]
) -> tuple[_Function, _Missing]:
    whole, whole_missing = _compile(of, rulebook)
    if isinstance(part, Fraction):
        return (lambda facts, day: times(whole(facts, day), part)), whole_missing
    share, share_missing = _parameter(part.name, rulebook)

    def exact(facts: Facts, day: int) -> _Exact:
        found = share(facts, day)
        return None if found is None else times(whole(facts, day), Fraction(cast(Number, found)))

    return exact, lambda facts, day: share_missing(facts, day) + whole_missing(facts, day)


def _times(whole: _Exact, part: Fraction) -> _Exact:
    """`whole * part`; stays an int where it comes out whole, since fractions cost ten times as much."""
    if whole is None or isinstance(whole, Price):
        return whole
    if type(whole) is int:
        quotient, rest = divmod(whole * part.numerator, part.denominator)
        if rest == 0:
            return quotient
    return whole * part


def _times_rounded(whole: _Exact, part: Fraction) -> _Exact:
    """The same, rounded up to a whole number where nothing but the rounding follows."""
    if type(whole) is int:
        return -(-whole * part.numerator // part.denominator)
    return _times(whole, part)


def _each(amount: Each, rulebook: Rulebook) -> tuple[_Function, _Missing]:
    period, started = amount.period, amount.started

    def reckon(pair: Sequence[Number]) -> Number:
        each, count = pair
        if period is not None:
            count = -(-count // period) if started else count // period
        return each * max(0, count)

    return _folded((amount.each, amount.per), rulebook, reckon)


def _folded(
    parts: Sequence[Amount], rulebook: Rulebook, fold: Callable[[Sequence[Number]], Number]
) -> tuple[_Function, _Missing]:
    """All parts have to be known; one without a sum leaves the whole without one."""
    compiled = [_compile(part, rulebook) for part in parts]
    functions = [exact for exact, _ in compiled]

    def exact(facts: Facts, day: int) -> _Exact:
        values = [function(facts, day) for function in functions]
        if None in values:
            return None
        if UNPRICED in values:
            return UNPRICED
        return fold(cast("list[Number]", values))

    return exact, _all_missing([missing for _, missing in compiled])


def _all_missing(functions: Sequence[_Missing]) -> _Missing:
    return lambda facts, day: tuple(name for function in functions for name in function(facts, day))


def _first_known(parts: Sequence[Amount], rulebook: Rulebook) -> tuple[_Function, _Missing]:
    compiled = [_compile(part, rulebook) for part in parts]

    def exact(facts: Facts, day: int) -> _Exact:
        for function, _ in compiled:
            value = function(facts, day)
            if value is not None:
                return value
        return None

    def missing(facts: Facts, day: int) -> tuple[str, ...]:
        # The one that comes first is what the rule would rather go by; knowing it settles the amount.
        return next((names for _, function in compiled if (names := function(facts, day))), ())

    return exact, missing


def _bounded(amount: Bounded, rulebook: Rulebook) -> tuple[_Function, _Missing]:
    stated = (amount.amount, amount.nothing_below, amount.at_least, amount.at_most)
    compiled = [None if part is None else _compile(part, rulebook) for part in stated]

    def exact(facts: Facts, day: int) -> _Exact:
        values = [None if part is None else part[0](facts, day) for part in compiled]
        if any(value is None and part is not None for value, part in zip(values, compiled, strict=True)):
            return None
        if UNPRICED in values:
            return UNPRICED
        value, nothing_below, at_least, at_most = cast("list[Number]", values)
        return _within(value, nothing_below, at_least, at_most)

    return exact, _all_missing([part[1] for part in compiled if part is not None])


def _within(value: Number, nothing_below: Number | None, at_least: Number | None, at_most: Number | None) -> Number:
    """What is too small to be paid is nothing, whatever the floor: the floor is for what is paid."""
    if nothing_below is not None and in_customers_favour(value) < nothing_below:
        return 0
    if at_least is not None:
        value = max(value, at_least)
    return value if at_most is None else min(value, at_most)
