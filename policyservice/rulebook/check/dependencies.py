"""What rests on what: concluded and reckoned facts, and the levels of chaining that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Difference,
    Each,
    EffectKind,
    FactRef,
    FirstKnown,
    Largest,
    Least,
    ParameterRef,
    Place,
    Rule,
    Share,
    SumOf,
)
from policyservice.rulebook.read.conditions import facts_in, parameters_in
from policyservice.rulebook.read.names import Names


class Dependencies:
    """The facts that each derived fact and each rule needs."""

    def __init__(self, names: Names, rules: Sequence[Rule]) -> None:
        self._names = names
        self._rules = rules

    @cached_property
    def of_rules(self) -> dict[str, frozenset[str]]:
        """By rule id: what must be known before the rule is matched.

        A row of a `first` table needs what the rows before it need, too.
        """
        found: dict[str, frozenset[str]] = {}
        tables: dict[str, frozenset[str]] = {}
        for rule in self._rules:
            needs = self._own(rule)
            if rule.first_hit and rule.table is not None:
                needs |= tables.get(rule.table, frozenset())
                tables[rule.table] = needs
            found[rule.id] = needs
        return found

    def _own(self, rule: Rule) -> frozenset[str]:
        parameters = set(parameters_in(rule.when))
        for effect in rule.then:
            if effect.kind is EffectKind.CONCLUDE and isinstance(effect.value, ParameterRef):
                parameters.add(effect.value.name)
        dated = {p.in_force_by for name in parameters if (p := self._names.parameters.get(name)) and p.in_force_by}
        by = {rule.in_force_by} if rule.in_force_by is not None else set()
        return frozenset(facts_in(rule.when) | dated | by)

    @cached_property
    def of_facts(self) -> dict[str, frozenset[str]]:
        """By concluded or reckoned fact: the facts it rests on directly."""
        found: dict[str, frozenset[str]] = {
            name: frozenset(facts_of(reckoned.expression)) for name, reckoned in self._names.reckoned.items()
        }
        for rule in self._rules:
            for effect in rule.then:
                if effect.kind is EffectKind.CONCLUDE and effect.fact is not None:
                    found[effect.fact] = found.get(effect.fact, frozenset()) | self.of_rules[rule.id]
        return found

    def levels(self) -> dict[str, int]:
        """By rule id: how many conclusions deep it stands, 0 where it rests on given facts alone; needs no circles."""
        concluded = {effect.fact for rule in self._rules for effect in rule.then if effect.kind is EffectKind.CONCLUDE}
        known: dict[str, int] = {}

        def level(fact: str) -> int:
            if fact not in known:
                below = max((level(needed) for needed in self.of_facts.get(fact, ())), default=0)
                known[fact] = below + (1 if fact in concluded else 0)
            return known[fact]

        return {rule: max((level(fact) for fact in needs), default=0) for rule, needs in self.of_rules.items()}


def facts_of(amount: Amount) -> Iterator[str]:
    """The facts that an expression uses."""
    match amount:
        case FactRef(name):
            yield name
        case Share(_, of):
            yield from facts_of(of)
        case Each(each, per):
            yield from facts_of(each)
            yield from facts_of(per)
        case SumOf(parts) | Least(parts) | Largest(parts) | FirstKnown(parts):
            for part in parts:
                yield from facts_of(part)
        case Difference(minuend, subtrahend):
            yield from facts_of(minuend)
            yield from facts_of(subtrahend)
        case Bounded(inner, lowest, floor, ceiling):
            for bound in (inner, lowest, floor, ceiling):
                if bound is not None:
                    yield from facts_of(bound)


def circles(needs: dict[str, frozenset[str]]) -> list[tuple[str, ...]]:
    """One circle for each knot of facts that rest on themselves, smallest name first; none twice."""
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in sorted(needs):
        path = _way_back(start, needs, done)
        if path is not None:
            found.append(path)
            done.update(path)
    return found


def _way_back(start: str, needs: dict[str, frozenset[str]], done: set[str]) -> tuple[str, ...] | None:
    """The shortest way from a fact to itself that touches nothing in `done`; None where there is none."""
    if start in done:
        return None
    came_from: dict[str, str] = {}
    edge = [start]
    while edge:
        following: list[str] = []
        for fact in edge:
            for needed in sorted(needs.get(fact, ())):
                if needed == start:
                    return _path(start, fact, came_from)
                if needed not in came_from and needed not in done:
                    came_from[needed] = fact
                    following.append(needed)
        edge = following
    return None


def _path(start: str, last: str, came_from: dict[str, str]) -> tuple[str, ...]:
    path = [last]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))


def place_of(fact: str, names: Names, rules: Sequence[Rule]) -> Place | None:
    """Where a derived fact comes about: its declaration where it is reckoned, else the first rule that concludes it."""
    if fact in names.reckoned:
        return names.reckoned[fact].place
    for rule in rules:
        for effect in rule.then:
            if effect.fact == fact:
                return effect.place
    return None
