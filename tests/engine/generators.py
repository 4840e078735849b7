"""Rulebooks and facts by chance, from a seed: every type and operator, nested, and values at and beside every bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine.strata import compares
from policyservice.rulebook.model import (
    AllOf,
    Amount,
    AnyOf,
    Compare,
    Condition,
    Difference,
    Each,
    Fact,
    FactRef,
    FirstKnown,
    Fixed,
    Interval,
    Least,
    Not,
    Op,
    Parameter,
    ParameterRef,
    ParameterUnit,
    Reckoned,
    Rule,
    Rulebook,
    SumOf,
)
from tests.engine.models import (
    TODAY,
    a_conclusion,
    a_fact,
    a_parameter,
    a_rule,
    a_rulebook,
    a_table,
    an_advice,
    by_rules,
    reckoned,
)

CODES = ("a", "b", "c", "d", "e")
TEXTS = ("x", 'quo"te', "back\\slash", "ä", "true", "5", "")
NUMBERS = (-5, -1, 0, 1, 2, 3, 10, 2**53 + 1, -(2**62), 2**63 - 1, -(2**63))
REASONS = ("late", "broken", "lost")
DAYS = [date.fromordinal(TODAY) + timedelta(days=d) for d in (-400, -30, -1, 0, 1, 30)]
_ORDER = (Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN)


class Generator:
    """One rulebook and any number of fact sets for it, all from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._facts = self._some_facts()
        self._reckoned = self._some_reckoned()
        self._parameters = self._some_parameters()
        self.rulebook: Rulebook = a_rulebook(
            *self._some_rules(),
            facts=self._facts.values(),
            reckoned=self._reckoned.values(),
            parameters=self._parameters.values(),
            reasons=REASONS,
        )
        self._bounds = self._values_compared_with()

    # --- vocabulary ----------------------------------------------------------------------------------

    def _some_facts(self) -> dict[str, Fact]:
        chance, facts = self._random, []
        for number in range(chance.randint(4, 8)):
            kind = chance.choice(list(FactType))
            more: dict[str, Any] = {}
            if kind is FactType.CODE:
                more = {"values": CODES[: chance.randint(1, 5)], "ordered": chance.random() < 0.5}
            fact = a_fact(f"g.{kind}{number}", kind, **more)
            if chance.random() < 0.25:
                fact = a_fact(fact.name, kind, presume=self._value_of(fact), **more)
            facts.append(fact)
        facts.append(a_fact("g.day", FactType.DATE))
        facts.append(a_fact("g.count"))
        for number in range(chance.choice((0, 0, 1, 2, 3))):
            presume = chance.choice((None, 0, 1))
            facts.append(by_rules(f"c.{number}", presume=presume))
        return {fact.name: fact for fact in facts}

    def _some_reckoned(self) -> dict[str, Reckoned]:
        found: dict[str, Reckoned] = {}
        for number in range(self._random.choice((0, 0, 1, 2))):
            numbers = [n for n, f in self._facts.items() if f.type in (FactType.INTEGER, FactType.MONEY)]
            inputs = [*numbers, *found]
            found[f"r.{number}"] = reckoned(f"r.{number}", self._expression(inputs, 2))
        return found

    def _expression(self, inputs: list[str], depth: int) -> Amount:
        chance = self._random
        if depth == 0 or chance.random() < 0.3:
            return FactRef(chance.choice(inputs)) if chance.random() < 0.8 else Fixed(chance.choice((-3, 0, 1, 7)))
        parts = tuple(self._expression(inputs, depth - 1) for _ in range(2))
        match chance.randrange(5):
            case 0:
                return SumOf(parts)
            case 1:
                return Least(parts)
            case 2:
                return Difference(*parts)
            case 3:
                return FirstKnown(parts)
        return Each(parts[0], parts[1], chance.choice((None, 3)), chance.random() < 0.5)

    def _some_parameters(self) -> dict[str, Parameter]:
        chance, found = self._random, []
        for number in range(chance.choice((0, 1, 2))):
            starts = sorted(chance.sample(DAYS, chance.randint(1, 3)))
            found.append(
                a_parameter(
                    f"p{number}",
                    {start: chance.choice((None, -1, 0, 1, 2, 3)) for start in starts},
                    in_force_by=chance.choice((None, "g.day")),
                )
            )
        starts = sorted(chance.sample(DAYS, 2))
        found.append(a_parameter("p-code", {s: chance.choice(CODES) for s in starts}, unit=ParameterUnit.CODE))
        return {parameter.name: parameter for parameter in found}

    # --- rules ---------------------------------------------------------------------------------------

    def _some_rules(self) -> list[Rule]:
        """In layers: what layer n concludes, c.n, only layers above it see; so nothing goes in circles."""
        chance, rules = self._random, []
        concluded = [name for name in self._facts if name.startswith("c.")]
        for layer in range(len(concluded) + 1):
            visible = [name for name in (*self._facts, *self._reckoned) if self._level(name) <= layer]
            target = concluded[layer] if layer < len(concluded) else None
            for number in range(chance.randint(1, 5)):
                then = []
                if target is not None and chance.random() < 0.6:
                    value = ParameterRef("p0") if "p0" in self._parameters and chance.random() < 0.2 else None
                    then.append(a_conclusion(target, value or chance.choice((0, 1, 1, 1))))
                more = self._frame()
                if chance.random() < 0.3:
                    shared = self._condition(visible, 1)
                    whens = [
                        AllOf((shared, self._condition(visible, 1))) if chance.random() < 0.8 else shared
                        for _ in range(chance.randint(1, 4))
                    ]
                    first = chance.random() < 0.8
                    rows = a_table(f"t{layer}-{number}", *whens, then=then or [an_advice()], first=first, **more)
                    rules += [row if chance.random() < 0.7 else replace(row, then=(an_advice(),)) for row in rows]
                else:
                    rules.append(a_rule(f"rule-{layer}-{number}", self._top(visible), *then, **more))
        chance.shuffle(rules)
        return rules

    def _level(self, name: str) -> int:
        """c.0 is seen from layer 1 on; a reckoned fact where the highest of its facts is seen."""
        if name in self._reckoned:
            inputs = [n for n in (*self._facts, *self._reckoned) if f"'{n}'" in repr(self._reckoned[name].expression)]
            return max((self._level(inner) for inner in inputs), default=0)
        return int(name[2:]) + 1 if name.startswith("c.") else 0

    def _frame(self) -> dict[str, Any]:
        chance = self._random
        more: dict[str, Any] = {"currency": "EUR" if chance.random() < 0.85 else "GBP"}
        if chance.random() < 0.5:
            start, end = sorted(chance.sample(DAYS, 2))
            more["in_force"] = Interval(
                start if chance.random() < 0.8 else None, end if chance.random() < 0.5 else None
            )
            if chance.random() < 0.4:
                more["in_force_by"] = "g.day"
        return more

    def _top(self, visible: list[str]) -> Condition:
        condition = self._condition(visible, self._random.randint(0, 3))
        if self._random.random() < 0.6:
            reason = self._of_reason()
            return AllOf((reason, condition)) if self._random.random() < 0.9 else reason
        return condition

    def _of_reason(self) -> Compare:
        chance = self._random
        if chance.random() < 0.5:
            return Compare("reason", chance.choice((Op.IS, Op.IS, Op.IS_NOT)), chance.choice(REASONS))
        return Compare("reason", chance.choice((Op.ONE_OF, Op.NONE_OF)), tuple(chance.sample(REASONS, 2)))

    def _condition(self, visible: list[str], depth: int) -> Condition:
        chance = self._random
        if depth == 0 or chance.random() < 0.25:
            return self._compare(visible)
        parts = tuple(self._condition(visible, depth - 1) for _ in range(chance.randint(1, 4)))
        match chance.randrange(5):
            case 0 | 1:
                return AllOf(parts)
            case 2 | 3:
                return AnyOf(parts)
        return Not(parts[0])

    def _compare(self, visible: list[str]) -> Compare:
        chance = self._random
        if chance.random() < 0.05:
            return self._of_reason()
        name = chance.choice(visible)
        fact = self._facts.get(name)
        if chance.random() < 0.12:
            return Compare(name, Op.PRESENT, chance.random() < 0.5)
        ordered = fact is None or fact.ordered or fact.type in (FactType.INTEGER, FactType.MONEY, FactType.DATE)
        op = chance.choice((Op.IS, Op.IS_NOT, Op.ONE_OF, Op.NONE_OF, *(_ORDER * 2 if ordered else ())))
        if op in (Op.ONE_OF, Op.NONE_OF):
            return Compare(name, op, tuple(self._value_of(fact) for _ in range(chance.randint(1, 4))))
        return Compare(name, op, self._parameter_for(fact) or self._value_of(fact))

    def _parameter_for(self, fact: Fact | None) -> ParameterRef | None:
        if self._random.random() > 0.25:
            return None
        if fact is not None and fact.type is FactType.CODE:
            return ParameterRef("p-code")
        numeric = fact is None or fact.type in (FactType.INTEGER, FactType.MONEY)
        names = [name for name in self._parameters if name != "p-code"]
        return ParameterRef(self._random.choice(names)) if numeric and names else None

    # --- values --------------------------------------------------------------------------------------

    def _value_of(self, fact: Fact | None) -> FactValue:
        chance = self._random
        match None if fact is None else fact.type:
            case FactType.BOOLEAN:
                return chance.random() < 0.5
            case FactType.CODE if fact is not None:
                return chance.choice(fact.values)
            case FactType.TEXT:
                return chance.choice(TEXTS)
            case FactType.DATE:
                return chance.choice(DAYS).toordinal()
            case FactType.MONEY:
                return abs(chance.choice(NUMBERS[:8]))
        return chance.choice(NUMBERS if chance.random() < 0.3 else NUMBERS[:7])

    def _values_compared_with(self) -> dict[str, list[FactValue]]:
        """For each fact the constants it is compared with, whole numbers with their neighbours."""
        found: dict[str, list[FactValue]] = {}
        for rule in self.rulebook.rules:
            for asked in compares(rule.when):
                values = asked.value if isinstance(asked.value, tuple) else (asked.value,)
                for value in values:
                    if type(value) is int and asked.op is not Op.PRESENT:
                        near = (v for v in (value - 1, value, value + 1) if -(2**63) <= v < 2**63)
                        found.setdefault(asked.fact, []).extend(near)
        return found

    def value_of(self, name: str) -> FactValue:
        """A value for one fact that can be given."""
        return self._value_of(self._facts.get(name))

    def given(self) -> dict[str, FactValue]:
        """One set of facts: some missing, whole numbers mostly at or beside a bound they are compared with."""
        chance = self._random
        missing = chance.choice((0.0, 0.2, 0.5))
        facts: dict[str, FactValue] = {"reason": chance.choice(REASONS)}
        for name, fact in self._facts.items():
            if name.startswith("c.") or chance.random() < missing:
                continue
            bounds = self._bounds.get(name)
            facts[name] = chance.choice(bounds) if bounds and chance.random() < 0.7 else self._value_of(fact)
        return facts

    def day(self) -> int:
        """The day of a decision: at or beside the dates that rules and parameters change."""
        return self._random.choice(DAYS).toordinal()

    def currency(self) -> str:
        """The currency of a request."""
        return "EUR" if self._random.random() < 0.85 else "GBP"
