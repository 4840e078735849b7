"""Rulebooks as values, without a text: what is not named here does not matter to the test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from policyservice.domain.limits import LimitSet
from policyservice.domain.vocabulary import Basis, FactType, FactValue, Text
from policyservice.rulebook.model import (
    AllOf,
    Amount,
    Compare,
    Condition,
    DatedValue,
    Effect,
    EffectKind,
    Fact,
    Interval,
    Op,
    Parameter,
    ParameterRef,
    ParameterUnit,
    ProvidedBy,
    Reason,
    Reckoned,
    Rule,
    Rulebook,
)

TITLE = Text("title", "otsikko")
TODAY = date(2026, 6, 1).toordinal()
EUR = "EUR"


def a_fact(name: str, type: FactType = FactType.INTEGER, **more: Any) -> Fact:
    """A declared fact; by default an integer that the caller gives."""
    return Fact(name=name, type=type, title=TITLE, **more)


def a_tier(name: str = "customer.tier", *values: str, **more: Any) -> Fact:
    """An ordered code."""
    return a_fact(name, FactType.CODE, values=values or ("new", "regular", "loyal"), ordered=True, **more)


def by_rules(name: str, type: FactType = FactType.INTEGER, **more: Any) -> Fact:
    """A fact that rules conclude."""
    return a_fact(name, type, provided_by=ProvidedBy.RULES, **more)


def reckoned(name: str, expression: Amount) -> Reckoned:
    """A reckoned whole number."""
    return Reckoned(name, FactType.INTEGER, expression, TITLE)


def a_parameter(name: str, values: Mapping[date, int | str | Fraction | None], **more: Any) -> Parameter:
    """A parameter with a value from each date on."""
    dated = tuple(DatedValue(start, value) for start, value in values.items())
    settings = {"unit": ParameterUnit.INTEGER, **more}
    return Parameter(name=name, what=name, currency=EUR, values=dated, **settings)


def an_advice() -> Effect:
    """An effect that changes nothing here."""
    return Effect(EffectKind.ADVISE, Basis.GOODWILL, text=TITLE)


def a_conclusion(fact: str, value: FactValue | ParameterRef) -> Effect:
    """The effect of concluding a fact."""
    return Effect(EffectKind.CONCLUDE, Basis.GOODWILL, fact=fact, value=value)


def a_rule(rule_id: str, when: Condition, *then: Effect, **more: Any) -> Rule:
    """A rule in EUR that is always in force."""
    settings = {"currency": EUR, **more}
    return Rule(
        id=rule_id, title=TITLE, basis=Basis.GOODWILL, when=when, then=then or (an_advice(),), pack="p", **settings
    )


def a_table(table: str, *whens: Condition, then: Iterable[Effect] = (), first: bool = True, **more: Any) -> list[Rule]:
    """The rows of a table, by default one that stops at the first hit; ids are "table/1" and so on."""
    return [
        a_rule(f"{table}/{row + 1}", when, *then, table=table, row=row, first_hit=first, **more)
        for row, when in enumerate(whens)
    ]


def a_rulebook(
    *rules: Rule,
    facts: Iterable[Fact] = (),
    reckoned: Iterable[Reckoned] = (),
    parameters: Iterable[Parameter] = (),
    reasons: Iterable[str] = ("late", "broken"),
) -> Rulebook:
    """A rulebook of these parts; every fact that a rule compares has to be among `facts`."""
    return Rulebook(
        packs=(),
        facts={fact.name: fact for fact in facts},
        reckoned={one.name: one for one in reckoned},
        remedies={},
        reasons={name: Reason(name, TITLE) for name in reasons},
        trust_levels=(),
        rules=rules,
        parameters={parameter.name: parameter for parameter in parameters},
        opening_limits=LimitSet(1, ()),
        costs=(),
        tests=(),
        digest="sha256:0",
    )


def eq(fact: str, value: FactValue | ParameterRef) -> Compare:
    """`fact: value`."""
    return Compare(fact, Op.IS, value)


def at_least(fact: str, value: FactValue | ParameterRef) -> Compare:
    """`fact: {at_least: value}`."""
    return Compare(fact, Op.AT_LEAST, value)


def every(*parts: Condition) -> AllOf:
    """`all: [...]`."""
    return AllOf(parts)


def between(start: date | None, end: date | None = None) -> Interval:
    """In force from `start`, before `end`."""
    return Interval(start, end)
