"""Parameters by day: a chain of the values in force."""

from __future__ import annotations

from fractions import Fraction

import z3

from policyservice.assurance.symbolic.terms import TRUE, Formula, Number, Value, conj
from policyservice.rulebook.model import Parameter

Stretch = tuple[Formula, int | str | Fraction]
"""When a value is in force, and the value."""


def in_force(parameter: Parameter, day: Value) -> list[Stretch]:
    """The values of a parameter, each with when it is in force; none where it has no value yet."""
    found: list[Stretch] = []
    for index, dated in enumerate(parameter.values):
        if dated.value is None:
            continue
        begun = day.term >= dated.start.toordinal()
        later = parameter.values[index + 1 : index + 2]
        ended = day.term < later[0].start.toordinal() if later else TRUE
        found.append((conj(day.known, begun, ended), dated.value))
    return found


def exact(value: int | Fraction) -> Number:
    """A number as a term."""
    if isinstance(value, Fraction) and value.denominator != 1:
        return z3.RealVal(f"{value.numerator}/{value.denominator}")
    return z3.IntVal(int(value))
