"""Which facts a rule rests on, followed down to the facts that somebody has to give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import (
    AllOf,
    Amount,
    AnyOf,
    Bounded,
    Compare,
    Condition,
    Difference,
    Each,
    EffectKind,
    FactRef,
    FirstKnown,
    Fixed,
    Largest,
    Least,
    Not,
    ParameterRef,
    Rule,
    Rulebook,
    Share,
    SumOf,
    Unpriced,
)


def facts_read(rulebook: Rulebook) -> dict[str, frozenset[str]]:
    """For each rule id the given facts that its firing or its amounts rest on; `reason` is not one of them."""
    return facts_behind({rule.id: _direct(rule, rulebook) for rule in rulebook.rules}, rulebook)


def facts_behind(named: Mapping[str, Iterable[str]], rulebook: Rulebook) -> dict[str, frozenset[str]]:
    """For each key the given facts that the facts named under it rest on: themselves, where somebody gives them."""
    concluded: dict[str, set[str]] = {}
    for rule in rulebook.rules:
        for effect in rule.then:
            if effect.kind is EffectKind.CONCLUDE and effect.fact is not None:
                concluded.setdefault(effect.fact, set()).update(_direct(rule, rulebook))
    return {key: frozenset(_base(names, rulebook, concluded)) for key, names in named.items()}


def _direct(rule: Rule, rulebook: Rulebook) -> set[str]:
    names = set(in_condition(rule.when, rulebook))
    if rule.in_force_by is not None:
        names.add(rule.in_force_by)
    for effect in rule.then:
        if effect.amount is not None:
            names.update(in_amount(effect.amount, rulebook))
    return names


def _base(names: Iterable[str], rulebook: Rulebook, concluded: Mapping[str, set[str]]) -> set[str]:
    base: set[str] = set()
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen or name == "reason":
            continue
        seen.add(name)
        if name in rulebook.reckoned:
            waiting.extend(in_amount(rulebook.reckoned[name].expression, rulebook))
        elif name in concluded:
            waiting.extend(concluded[name])
        else:
            base.add(name)
    return base


def in_condition(condition: Condition, rulebook: Rulebook) -> Iterator[str]:
    """The facts that a condition names, those that date its parameters included."""
    match condition:
        case Compare(fact=fact, value=value):
            yield fact
            if isinstance(value, ParameterRef):
                yield from in_amount(value, rulebook)
        case AllOf(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from in_condition(part, rulebook)
        case Not(of=part):
            yield from in_condition(part, rulebook)


def texts_compared(rulebook: Rulebook) -> dict[str, frozenset[str]]:
    """For each text fact the words that some rule compares it with: words of the rulebook, not of a caller."""
    found: dict[str, set[str]] = {name: set() for name, fact in rulebook.facts.items() if fact.type is FactType.TEXT}
    if found:
        for rule in rulebook.rules:
            for compare in _compares(rule.when):
                if compare.fact in found:
                    values = compare.value if isinstance(compare.value, tuple) else (compare.value,)
                    found[compare.fact].update(value for value in values if isinstance(value, str))
    return {name: frozenset(words) for name, words in found.items()}


def _compares(condition: Condition) -> Iterator[Compare]:
    match condition:
        case Compare():
            yield condition
        case AllOf(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from _compares(part)
        case Not(of=part):
            yield from _compares(part)


def in_amount(amount: Amount, rulebook: Rulebook) -> Iterator[str]:
    """The facts that an amount is reckoned from, those that date its parameters included."""
    match amount:
        case FactRef(name=name):
            yield name
        case ParameterRef(name=name):
            dated_by = rulebook.parameters[name].in_force_by
            if dated_by is not None:
                yield dated_by
        case Share(part=part, of=of):
            if isinstance(part, ParameterRef):
                yield from in_amount(part, rulebook)
            yield from in_amount(of, rulebook)
        case Each(each=each, per=per):
            yield from in_amount(each, rulebook)
            yield from in_amount(per, rulebook)
        case SumOf(of=parts) | Least(of=parts) | Largest(of=parts) | FirstKnown(of=parts):
            for part_amount in parts:
                yield from in_amount(part_amount, rulebook)
        case Difference(minuend=minuend, subtrahend=subtrahend):
            yield from in_amount(minuend, rulebook)
            yield from in_amount(subtrahend, rulebook)
        case Bounded(amount=inner, nothing_below=floor, at_least=lowest, at_most=highest):
            for bounded in (inner, floor, lowest, highest):
                if bounded is not None:
                    yield from in_amount(bounded, rulebook)
        case Fixed() | Unpriced():
            return
