"""Dates that leave a hole: a parameter without a value for a while, or not yet when a rule that needs it begins.

What a rule reckons or compares with it is unknown then, so it gives nothing and says nothing of why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.engine.strata import compares
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
    Parameter,
    ParameterRef,
    Rule,
    Rulebook,
    Share,
    SumOf,
    Unpriced,
)


def valueless(rulebook: Rulebook) -> Iterator[Weakness]:
    """A note for each stretch of days, and for each parameter that begins too late."""
    needing = _needing(rulebook)
    for parameter in rulebook.parameters.values():
        yield from _between(parameter)
        yield from _before(parameter, needing.get(parameter.name, []))


def _between(parameter: Parameter) -> Iterator[Weakness]:
    """A value that is only expected, with one that is known after it."""
    for one, following in pairwise(parameter.values):
        if one.value is None and following.value is not None:
            message = f"`{parameter.name}` has no value from {one.start} until {following.start}"
            yield Weakness(Weight.NOTE, parameter.place, message)


def _before(parameter: Parameter, rules: list[Rule]) -> Iterator[Weakness]:
    """A rule that is in force before the first value; told once, of the rule that begins first.

    A rule and a parameter that are dated by different days have no order between them.
    """
    first = parameter.values[0].start if parameter.values else None
    early = [
        rule
        for rule in rules
        if rule.in_force_by == parameter.in_force_by
        and first is not None
        and (rule.in_force.start is None or rule.in_force.start < first)
    ]
    if early:
        rule = min(early, key=lambda one: one.in_force.start or date.min)
        since = "without a beginning" if rule.in_force.start is None else f"from {rule.in_force.start}"
        others = "" if len(early) == 1 else f", like {len(early) - 1} other(s)"
        message = (
            f"`{parameter.name}` has no value before {first}, and `{rule.id}` ({rule.place}), which needs it, is in "
            f"force {since}{others}: in between it cannot be reckoned"
        )
        yield Weakness(Weight.NOTE, parameter.place, message)


def _needing(rulebook: Rulebook) -> dict[str, list[Rule]]:
    """The rules that need each parameter, in the rulebook's order."""
    found: dict[str, list[Rule]] = {}
    for rule in rulebook.rules:
        for name in sorted(set(_of_rule(rule))):
            found.setdefault(name, []).append(rule)
    return found


def _of_rule(rule: Rule) -> Iterator[str]:
    for compare in compares(rule.when):
        if isinstance(compare.value, ParameterRef):
            yield compare.value.name
    for effect in rule.then:
        if isinstance(effect.value, ParameterRef):
            yield effect.value.name
        if effect.amount is not None:
            yield from _of_amount(effect.amount)


def _of_amount(amount: Amount) -> Iterator[str]:
    """The parameters without which an amount is unknown: not those in whose place something else would be known."""
    match amount:
        case ParameterRef(name=name):
            yield name
        case Share(part=part, of=of):
            if isinstance(part, ParameterRef):
                yield part.name
            yield from _of_amount(of)
        case Each(each=one, per=other) | Difference(minuend=one, subtrahend=other):
            yield from _of_amount(one)
            yield from _of_amount(other)
        case SumOf(of=parts) | Least(of=parts) | Largest(of=parts):
            for each in parts:
                yield from _of_amount(each)
        case FirstKnown(of=parts):
            yield from _of_amount(parts[-1])
        case Bounded(amount=inner, nothing_below=floor, at_least=lowest, at_most=highest):
            for bounded in (inner, floor, lowest, highest):
                if bounded is not None:
                    yield from _of_amount(bounded)
        case Fixed() | FactRef() | Unpriced():  # a reckoned fact takes no parameters
            return
