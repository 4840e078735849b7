"""The symbols of one case: what may be given of each fact, the day, what was received and used before.

A case is for one reason, one currency and one trust level, which are picked beforehand; everything else is free within
what the vocabulary allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import z3

from policyservice.assurance.symbolic.terms import FALSE, TRUE, Formula, Number, Value, disj, when
from policyservice.domain.money import LARGEST_MINOR
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine.strata import conclusions
from policyservice.rulebook.model import Fact, Rulebook

FIRST_DAY, LAST_DAY = 1, 3_652_059
"""The days that a date can be, as `date.toordinal()`."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a caller or a system says of a fact: whether anything, and what."""

    is_given: Formula
    term: Any


@dataclass(slots=True)
class Symbols:
    """The symbols of one case, and what holds of them whatever the case (`domain`)."""

    rulebook: Rulebook
    reason: str
    currency: str
    trust_level: str | None
    prefix: str = ""
    domain: list[Formula] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    day: Number = None
    concluded: frozenset[str] = frozenset()
    _numbers: dict[str, Number] = field(default_factory=dict)
    _truths: dict[str, Formula] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.day = self.number("day", FIRST_DAY, LAST_DAY)
        self.concluded = frozenset(name for rule in self.rulebook.rules for name in conclusions(rule))

    def under(self, rulebook: Rulebook) -> Symbols:
        """The same case under another rulebook: one symbol for what both ask about."""
        return Symbols(
            rulebook,
            self.reason,
            self.currency,
            self.trust_level,
            self.prefix,
            self.domain,
            self.given,
            self.texts,
            _numbers=self._numbers,
            _truths=self._truths,
        )

    def number(self, name: str, lowest: int | None = None, highest: int | None = None) -> Number:
        """A free whole number within bounds, ends included; the same one for the same name."""
        if name not in self._numbers:
            term = self._numbers[name] = z3.Int(f"{self.prefix}{name}")
            if lowest is not None:
                self.domain.append(term >= lowest)
            if highest is not None:
                self.domain.append(term <= highest)
        return self._numbers[name]

    def truth(self, name: str) -> Formula:
        """A free yes or no; the same one for the same name."""
        if name not in self._truths:
            self._truths[name] = z3.Bool(f"{self.prefix}{name}")
        return self._truths[name]

    def adopt_number(self, name: str, term: Number) -> None:
        """Take over a number of another case's symbols."""
        self._numbers[name] = term

    def adopt_truth(self, name: str, term: Formula) -> None:
        """Take over a yes or no of another case's symbols."""
        self._truths[name] = term

    @property
    def numbers(self) -> dict[str, Number]:
        """Every free number so far, by name."""
        return dict(self._numbers)

    @property
    def truths(self) -> dict[str, Formula]:
        """Every free yes or no so far, by name."""
        return dict(self._truths)

    def stated(self, name: str) -> Given:
        """The symbol of a fact that somebody gives; nobody gives what rules conclude."""
        if name not in self.given:
            self.given[name] = self._stated(self.rulebook.facts[name])
        return self.given[name]

    def _stated(self, fact: Fact) -> Given:
        is_given = FALSE if fact.name in self.concluded else self.truth(f"given {fact.name}")
        match fact.type:
            case FactType.BOOLEAN:
                return Given(is_given, self.truth(f"fact {fact.name}"))
            case FactType.INTEGER:
                return Given(is_given, self._whole(fact, fact.lowest, fact.highest))
            case FactType.MONEY:
                return Given(is_given, self._whole(fact, 0, LARGEST_MINOR))
            case FactType.DATE:
                return Given(is_given, self._whole(fact, FIRST_DAY, LAST_DAY))
            case FactType.CODE:
                return Given(is_given, self._whole(fact, 0, len(fact.values) - 1))
            case FactType.TEXT:
                return Given(is_given, self._whole(fact, 0, None))

    def _whole(self, fact: Fact, lowest: int | None, highest: int | None) -> Number:
        bounded = (-LARGEST_MINOR - 1 if lowest is None else lowest, LARGEST_MINOR if highest is None else highest)
        return self.number(f"fact {fact.name}", *bounded)

    def constant(self, name: str, value: FactValue) -> Any:
        """A fact's value as a term: a code by its rank, a text by a number of its own."""
        fact = self.rulebook.facts.get(name)
        if fact is None or fact.type in (FactType.INTEGER, FactType.MONEY, FactType.DATE):
            return z3.IntVal(int(value))
        if fact.type is FactType.BOOLEAN:
            return TRUE if value else FALSE
        if fact.type is FactType.CODE:
            return z3.IntVal(fact.values.index(str(value)) if value in fact.values else -1)
        return z3.IntVal(self.texts.setdefault(str(value), len(self.texts)))

    def value_of(self, name: str, found: Any) -> FactValue:
        """The value that a number of the solver's stands for, as the engine takes it."""
        fact = self.rulebook.facts[name]
        if fact.type is FactType.BOOLEAN:
            return bool(z3.is_true(found))
        number = int(found.as_long())
        if fact.type is FactType.CODE:
            return fact.values[number]
        if fact.type is FactType.TEXT:
            known = {index: text for text, index in self.texts.items()}
            return known.get(number, f"text {number}")
        return number

    def presumed(self, name: str) -> Value:
        """A given fact with what is presumed in its place."""
        given, fact = self.stated(name), self.rulebook.facts[name]
        if fact.presume is None:
            return Value(given.is_given, given.term)
        return Value(TRUE, when(given.is_given, given.term, self.constant(name, fact.presume)))


def chosen(parts: list[tuple[Formula, Any]], zero: Any) -> Value:
    """The value of the first part that holds; known where one does."""
    term = zero
    for condition, part in reversed(parts):
        term = when(condition, part, term)
    return Value(disj(*(condition for condition, _ in parts)), term)
