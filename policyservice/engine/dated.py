"""Values that a date picks: the parameters of a rulebook, looked up by the decision's day or by a date fact."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from fractions import Fraction

from policyservice.domain.vocabulary import FactValue
from policyservice.rulebook.model import Parameter

ParameterValue = int | str | Fraction
Lookup = Callable[[int], ParameterValue | None]
Facts = Mapping[str, FactValue]


def by_day(parameter: Parameter) -> Lookup:
    """`Parameter.at`, made fast: from a day (`date.toordinal()`) to the value in force, None where there is none."""
    starts = [dated.start.toordinal() for dated in parameter.values]
    values = [None, *(dated.value for dated in parameter.values)]

    def at(day: int) -> ParameterValue | None:
        return values[bisect_right(starts, day)]

    return at


def in_facts(parameter: Parameter) -> Callable[[Facts, int], ParameterValue | None]:
    """From facts and the decision's day to the value: by the date fact that dates the parameter where it names one.

    None where that fact is not known, or no value is in force yet.
    """
    at = by_day(parameter)
    dating = parameter.in_force_by
    if dating is None:
        return lambda facts, day: at(day)

    def by_fact(facts: Facts, day: int) -> ParameterValue | None:
        dated = facts.get(dating)
        return None if dated is None else at(int(dated))

    return by_fact
