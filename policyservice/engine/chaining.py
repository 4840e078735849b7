"""What surrounds the matching itself: which rule sets to ask, which row is picked, what is concluded from it."""

from __future__ import annotations

from typing import Any

from policyservice.domain.errors import EngineFault
from policyservice.domain.money import LARGEST_MINOR
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.chunks import Chunks
from policyservice.engine.expressions import UNPRICED, compile_amount
from policyservice.engine.forms import LONGEST_TEXT
from policyservice.engine.reads import in_amount
from policyservice.engine.strata import concluding, rule_facts
from policyservice.rulebook.model import EffectKind, ParameterRef, Rule, Rulebook

TOO_LONG = "\x02"  # stands for a text longer than any that is compared with; no rulebook can hold it


def exact(name: str, value: FactValue) -> FactValue:
    """A value as the library may be told it; a text too long to be any that is compared with becomes one mark.

    Raises:
        EngineFault: an integer beyond 64 bits, or a text that is none.
    """
    if isinstance(value, str):
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise EngineFault(f"The fact {name} is no text: it holds half a character.") from None
        return value if len(value) <= LONGEST_TEXT else TOO_LONG
    if not -LARGEST_MINOR - 1 <= value <= LARGEST_MINOR:
        raise EngineFault(f"The fact {name} does not fit in 64 bits.")
    return value


class Route:
    """What concerns one reason: its rule sets by stratum, and the rows of its first-hit tables."""

    def __init__(self, chunks: Chunks, rulebook: Rulebook, reason: str) -> None:
        self.chunks = [chunks.of(stratum, reason) for stratum in range(chunks.strata.count)]
        self.stratum = chunks.strata.stratum
        self.tables = chunks.rows(reason)
        rules = chunks.shards.of(reason)
        self.rules = {rule.id for rule in rules}
        self.rests_on = _rests_on(rules, rulebook)
        self.plain = self.rules - {row.id for rows in self.tables.values() for row in rows}
        self.rows_before = {
            row.id: [earlier.id for earlier in rows[:place]]
            for rows in self.tables.values()
            for place, row in enumerate(rows)
        }


def _rests_on(rules: list[Rule], rulebook: Rulebook) -> set[str]:
    """The facts on which it rests what fires, reckoned ones and what they are reckoned from."""
    found: set[str] = set()
    waiting = [name for rule in rules for name in rule_facts(rule, rulebook)]
    while waiting:
        name = waiting.pop()
        if name not in found and name in rulebook.reckoned:
            waiting.extend(in_amount(rulebook.reckoned[name].expression, rulebook))
        found.add(name)
    return found


class Case:
    """One decision as it is worked out."""

    def __init__(self, given: dict[str, FactValue], day: int, currency: str, route: Route) -> None:
        self.known = given
        self.day = day
        self.currency = currency
        self.route = route
        self.presumed: set[str] = set()
        self.holding: set[str] = set()
        self.failing: set[str] = set()
        self.fired: set[str] = set()

    def pick(self, stratum: int) -> None:
        """Of the rules that hold, those that fire: of a first-hit table the first row, none after an unknown one."""
        self.fired.update(self.holding & self.route.plain)
        for rows in self.route.tables.values():
            for row in rows:
                if self.route.stratum[row.id] > stratum:
                    break
                if row.id in self.holding:
                    self.fired.add(row.id)
                if row.id not in self.failing or row.id in self.holding:
                    break

    def is_out(self, rule: str) -> bool:
        """Whether a rule is known not to fire."""
        return rule in self.failing or any(row in self.holding for row in self.route.rows_before.get(rule, ()))


class DerivedFacts:
    """Facts that nobody gives: presumed, concluded by rules that fired, reckoned."""

    def __init__(self, rulebook: Rulebook, chunks: Chunks) -> None:
        self._rulebook = rulebook
        self._level = chunks.strata.level
        self._concluding = concluding(rulebook)
        self._presumes = {name: fact.presume for name, fact in rulebook.facts.items() if fact.presume is not None}
        self._reckoned = {
            name: compile_amount(reckoned.expression, rulebook) for name, reckoned in rulebook.reckoned.items()
        }
        self._in_order = self._ordered()

    def _ordered(self) -> list[str]:
        """The reckoned facts, each after those it is reckoned from."""
        order: list[str] = []

        def add(name: str) -> None:
            if name in order or name not in self._rulebook.reckoned:
                return
            for inner in in_amount(self._rulebook.reckoned[name].expression, self._rulebook):
                add(inner)
            order.append(name)

        for name in self._rulebook.reckoned:
            add(name)
        return order

    def resolve(self, case: Case, level: int) -> None:
        """Add what is worked out at a level."""
        for name, value in self._presumes.items():
            if level == 0 and name not in self._concluding and name not in case.known:
                case.known[name] = value
                case.presumed.add(name)
        for name, rules in self._concluding.items():
            if self._level(name) == level:
                self._conclude(case, name, rules)
        for name in self._in_order:
            if self._level(name) == level and name in case.route.rests_on:
                reckoned = self._reckoned[name].value(case.known, case.day)
                if reckoned is not None and reckoned is not UNPRICED:
                    case.known[name] = exact(name, reckoned)

    def _conclude(self, case: Case, name: str, rules: list[Rule]) -> None:
        values = {self._concluded(case, rule, name) for rule in rules if rule.id in case.fired} - {None}
        if len(values) > 1:
            raise EngineFault(f"Two different values were concluded for the fact {name}.")
        for value in values:
            case.known[name] = value
        if not values and name in self._presumes and self._all_out(case, rules):
            case.known[name] = self._presumes[name]
            case.presumed.add(name)

    def _all_out(self, case: Case, rules: list[Rule]) -> bool:
        return all(case.is_out(rule.id) for rule in rules if rule.id in case.route.rules)

    def _concluded(self, case: Case, rule: Rule, name: str) -> Any:
        for effect in rule.then:
            if effect.kind is EffectKind.CONCLUDE and effect.fact == name:
                return self._value(case, effect.value)
        return None

    def _value(self, case: Case, value: object) -> object:
        if not isinstance(value, ParameterRef):
            return value
        parameter = self._rulebook.parameters[value.name]
        if parameter.in_force_by is None:
            return parameter.at(case.day)
        dated = case.known.get(parameter.in_force_by)
        return None if dated is None else parameter.at(int(dated))
