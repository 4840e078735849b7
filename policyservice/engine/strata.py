"""In which order rules and derived facts are worked out: what is concluded comes before what rests on it.

A rule of stratum 0 rests on given facts alone; what it concludes is known from level 1 on, where the rules of
stratum 1 see it, and so on. A reckoned fact has the level of the highest fact it is reckoned from. A row of a
first-hit table rests on the rows before it as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyservice.domain.errors import EngineFault
from policyservice.engine.reads import in_amount
from policyservice.rulebook.model import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    EffectKind,
    Not,
    ParameterRef,
    ProvidedBy,
    Rule,
    Rulebook,
)


def compares(condition: Condition) -> Iterator[Compare]:
    """Every comparison in a condition, in the order of the text."""
    match condition:
        case Compare():
            yield condition
        case AllOf(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from compares(part)
        case Not(of=part):
            yield from compares(part)


def condition_facts(condition: Condition, rulebook: Rulebook) -> frozenset[str]:
    """The facts a condition rests on, those that date its parameters included; `reason` is not one of them."""
    names = set()
    for compare in compares(condition):
        names.add(compare.fact)
        if isinstance(compare.value, ParameterRef):
            names.update(in_amount(compare.value, rulebook))
    names.discard("reason")
    return frozenset(names)


def rule_facts(rule: Rule, rulebook: Rulebook) -> frozenset[str]:
    """The facts on which it rests whether a rule fires and what it concludes."""
    names = set(condition_facts(rule.when, rulebook))
    if rule.in_force_by is not None:
        names.add(rule.in_force_by)
    for effect in rule.then:
        if effect.kind is EffectKind.CONCLUDE and isinstance(effect.value, ParameterRef):
            names.update(in_amount(effect.value, rulebook))
    return frozenset(names)


def concluding(rulebook: Rulebook) -> dict[str, list[Rule]]:
    """The rules that conclude each fact."""
    found: dict[str, list[Rule]] = {}
    for rule in rulebook.rules:
        for fact in conclusions(rule):
            found.setdefault(fact, []).append(rule)
    return found


def conclusions(rule: Rule) -> tuple[str, ...]:
    """The facts a rule concludes."""
    return tuple(e.fact for e in rule.then if e.kind is EffectKind.CONCLUDE and e.fact is not None)


class Strata:
    """The stratum of every rule (by id) and the level of every derived fact; a fact not listed is given, level 0.

    `derived` are the facts that nobody gives: reckoned ones, and those that rules conclude.

    Raises:
        EngineFault: conclusions go round in a circle; the check of a rulebook refuses that beforehand.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._concluding = concluding(rulebook)
        self.derived = _derived(rulebook, self._concluding)
        self._open: set[str] = set()
        self._rests_on = _rests_on(rulebook)
        self.levels: dict[str, int] = {}
        self.stratum: dict[str, int] = {}
        for name in (*rulebook.reckoned, *self._concluding):
            self._level(name)
        for rule in rulebook.rules:
            self._stratum_of(rule)
        self.count = max(self.stratum.values(), default=0) + 1

    def level(self, fact: str) -> int:
        """From which stratum on a fact is worked out."""
        return self.levels.get(fact, 0)

    def _level(self, fact: str) -> int:
        if fact in self.levels:
            return self.levels[fact]
        reckoned = self._rulebook.reckoned.get(fact)
        if reckoned is None and fact not in self._concluding:
            return 0
        if fact in self._open:
            raise EngineFault(f"The fact {fact} rests on itself.")
        self._open.add(fact)
        if reckoned is not None:
            level = max((self._level(name) for name in in_amount(reckoned.expression, self._rulebook)), default=0)
        else:
            level = 1 + max(self._stratum_of(rule) for rule in self._concluding[fact])
        self._open.discard(fact)
        self.levels[fact] = level
        return level

    def _stratum_of(self, rule: Rule) -> int:
        if rule.id not in self.stratum:
            self.stratum[rule.id] = max((self._level(name) for name in self._rests_on[rule.id]), default=0)
        return self.stratum[rule.id]


def first_hit_tables(rules: list[Rule] | tuple[Rule, ...]) -> dict[str, list[Rule]]:
    """The rows of each first-hit table among some rules, in the table's order."""
    tables: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.first_hit and rule.table is not None:
            tables.setdefault(rule.table, []).append(rule)
    return {name: sorted(rows, key=lambda row: row.row or 0) for name, rows in tables.items()}


def _derived(rulebook: Rulebook, concluded: Iterable[str]) -> frozenset[str]:
    by_rules = {name for name, fact in rulebook.facts.items() if fact.provided_by is ProvidedBy.RULES}
    return frozenset(by_rules.union(concluded, rulebook.reckoned))


def _rests_on(rulebook: Rulebook) -> dict[str, frozenset[str]]:
    """The facts each rule rests on, a row of a first-hit table on those of the rows before it, too."""
    found = {rule.id: rule_facts(rule, rulebook) for rule in rulebook.rules}
    for rows in first_hit_tables(rulebook.rules).values():
        so_far: frozenset[str] = frozenset()
        for row in rows:
            so_far = found[row.id] = so_far | found[row.id]
    return found
