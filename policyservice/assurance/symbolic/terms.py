"""Values of formulas that may be unknown: truths in three values, facts, and sums.

The solver's terms are built by overloaded operators and carry their own sorts, so they are `Any` here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

Formula = Any
"""A term of the solver of sort Bool."""

Number = Any
"""A term of the solver of sort Int or Real."""

TRUE: Formula = z3.BoolVal(True)
FALSE: Formula = z3.BoolVal(False)


@dataclass(frozen=True, slots=True)
class Truth:
    """Holds where `yes`, does not where `no`; unknown where neither."""

    yes: Formula
    no: Formula

    @property
    def unknown(self) -> Formula:
        """Where it cannot be told."""
        return conj(neg(self.yes), neg(self.no))


@dataclass(frozen=True, slots=True)
class Value:
    """A fact: where it is known, and what it is then."""

    known: Formula
    term: Any


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount: where it is known, where it is known to have no sum, and what it is where it has one."""

    known: Formula
    unpriced: Formula
    term: Number

    @property
    def is_sum(self) -> Formula:
        """Where there is a number."""
        return conj(self.known, neg(self.unpriced))


def conj(*parts: Formula) -> Formula:
    """All of them; what is plainly true or false is worked out, which keeps formulas small."""
    left = [part for part in parts if not is_true(part)]
    if any(is_false(part) for part in left):
        return FALSE
    return TRUE if not left else left[0] if len(left) == 1 else _joined(z3.Z3_mk_and, left)


def disj(*parts: Formula) -> Formula:
    """Any of them."""
    left = [part for part in parts if not is_false(part)]
    if any(is_true(part) for part in left):
        return TRUE
    return FALSE if not left else left[0] if len(left) == 1 else _joined(z3.Z3_mk_or, left)


def _joined(make: Any, parts: list[Formula]) -> Formula:
    """What `z3.And` and `z3.Or` make; they look at the sort of each part first, which takes ten times as long."""
    context = z3.main_ctx()
    return z3.BoolRef(make(context.ref(), len(parts), (z3.Ast * len(parts))(*(part.ast for part in parts))), context)


def neg(part: Formula) -> Formula:
    """The opposite."""
    if is_true(part):
        return FALSE
    context = z3.main_ctx()
    return TRUE if is_false(part) else z3.BoolRef(z3.Z3_mk_not(context.ref(), part.as_ast()), context)


def when(condition: Formula, then: Any, otherwise: Any) -> Any:
    """One or the other."""
    if is_true(condition):
        return then
    return otherwise if is_false(condition) else z3.If(condition, then, otherwise)


def is_true(part: Formula) -> bool:
    """Whether a formula is plainly true; the solver keeps one term of a kind, so its address tells, and fast."""
    return bool(part.ast.value == TRUE.ast.value)


def is_false(part: Formula) -> bool:
    """Whether a formula is plainly false."""
    return bool(part.ast.value == FALSE.ast.value)


def whole(value: int) -> Number:
    """A whole number."""
    return z3.IntVal(value)


def times(term: Number, part: Fraction) -> Number:
    """An exact share of a number; whole where the share is."""
    if part.denominator == 1:
        return term * z3.IntVal(part.numerator)
    real = z3.ToReal(term) if z3.is_int(term) else term
    return real * z3.RealVal(f"{part.numerator}/{part.denominator}")


def rounded_up(term: Number) -> Number:
    """The least whole number that is not below a number."""
    return term if z3.is_int(term) else -z3.ToInt(-term)


def same_sort(*terms: Number) -> list[Number]:
    """The numbers in one sort: real where one of them is."""
    if all(z3.is_int(term) for term in terms):
        return list(terms)
    return [z3.ToReal(term) if z3.is_int(term) else term for term in terms]


def largest_of(terms: Iterable[Number]) -> Number:
    """The largest of some numbers."""
    return _picked(terms, lambda a, b: a >= b)


def least_of(terms: Iterable[Number]) -> Number:
    """The least of some numbers."""
    return _picked(terms, lambda a, b: a <= b)


def _picked(terms: Iterable[Number], first: Any) -> Number:
    found, *others = same_sort(*terms)
    for other in others:
        found = when(first(found, other), found, other)
    return found
