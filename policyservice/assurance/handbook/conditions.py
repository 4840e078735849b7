"""Conditions in words: a list of points, each a fact and what it has to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from policyservice.assurance.handbook.amounts import Amounts
from policyservice.assurance.handbook.parameters import parameter
from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op, ParameterRef, ProvidedBy

_BY_NUMBER = {
    Op.AT_LEAST: "at_least",
    Op.AT_MOST: "at_most",
    Op.MORE_THAN: "more_than",
    Op.LESS_THAN: "less_than",
}
_BY_DAY = {Op.AT_LEAST: "from_day", Op.AT_MOST: "to_day", Op.MORE_THAN: "after_day", Op.LESS_THAN: "before_day"}
_BY_RANK = {Op.AT_LEAST: "from_rank", Op.AT_MOST: "to_rank", Op.MORE_THAN: "above_rank", Op.LESS_THAN: "below_rank"}


@dataclass(frozen=True, slots=True)
class Point:
    """A line of a list, and the lines beneath it."""

    text: str
    points: tuple[Point, ...] = ()


class Conditions:
    """Writes the conditions of rules whose sums are in `currency`."""

    def __init__(self, writer: Writer, currency: str) -> None:
        self._writer = writer
        self._currency = currency

    def points(self, parts: Sequence[Condition]) -> tuple[Point, ...]:
        """Conditions that hold side by side; comparisons of one fact share a line."""
        found: list[Point] = []
        for fact, compares in together(parts):
            if isinstance(fact, str):
                found.append(Point(self._line(fact, [part for part in compares if isinstance(part, Compare)])))
            else:
                found.extend(self._point(part) for part in compares)
        return tuple(found)

    def wanted(self, compares: Iterable[Compare]) -> str:
        """What one fact has to be, by all of these."""
        return reduce(
            lambda first, second: self._writer.say("and", first=first, second=second),
            [self._one(compare) for compare in compares],
        )

    def heading(self, fact: str) -> str:
        """A fact as the head of a line or column; one that the rules conclude is told apart."""
        title = self._writer.title(fact) or Amounts(self._writer, self._currency).fact(fact)
        declared = self._writer.rulebook.facts.get(fact)
        if declared is not None and declared.provided_by is ProvidedBy.RULES:
            return self._writer.say("concluded", title=title)
        return title

    def _line(self, fact: str, compares: Sequence[Compare]) -> str:
        return self._writer.say("fact", title=self.heading(fact), wanted=self.wanted(compares))

    def _point(self, condition: Condition) -> Point:
        say = self._writer.say
        match condition:
            case Compare(fact=fact):
                return Point(self._line(fact, [condition]))
            case AllOf(of=parts):
                inside = self.points(parts)
                return inside[0] if len(inside) == 1 else Point(say("all"), inside)
            case AnyOf(of=parts):
                inside = tuple(self._point(part) for part in parts)
                return inside[0] if len(inside) == 1 else Point(say("any"), inside)
            case Not(of=part):
                return Point(say("not"), (self._point(part),))

    def _one(self, compare: Compare) -> str:
        say = self._writer.say
        if compare.op is Op.PRESENT:
            return say("known" if compare.value else "not_known")
        if isinstance(compare.value, tuple):
            values = [self._writer.value(compare.fact, value, self._currency) for value in compare.value]
            if compare.op is Op.ONE_OF:
                return self._writer.either(values)
            return say("none_of", values=", ".join(values))
        if isinstance(compare.value, ParameterRef):
            value = parameter(self._writer, compare.value.name, compare.fact)
        else:
            value = self._writer.value(compare.fact, compare.value, self._currency)
        return say(self._phrase(compare), value=value)

    def _phrase(self, compare: Compare) -> str:
        declared = self._writer.rulebook.facts.get(compare.fact)
        if declared is not None and declared.type is FactType.DATE:
            return _BY_DAY.get(compare.op, compare.op.value)
        if declared is not None and declared.type is FactType.CODE:
            return _BY_RANK.get(compare.op, compare.op.value)
        return _BY_NUMBER.get(compare.op, compare.op.value)


def side_by_side(condition: Condition) -> tuple[Condition, ...]:
    """The parts that hold side by side at the top of a condition, without those on the reason: a chapter has those
    alone that hold for its reason."""
    if isinstance(condition, AllOf):
        return tuple(found for part in condition.of for found in side_by_side(part))
    if isinstance(condition, Compare) and condition.fact == "reason":
        return ()
    return (condition,)


def together(parts: Sequence[Condition]) -> list[tuple[str | None, list[Condition]]]:
    """Parts by the fact that they compare, in the order of each fact's first; others, under None, by themselves."""
    found: list[tuple[str | None, list[Condition]]] = []
    of_fact: dict[str, list[Condition]] = {}
    for part in parts:
        if not isinstance(part, Compare):
            found.append((None, [part]))
        elif part.fact in of_fact:
            of_fact[part.fact].append(part)
        else:
            of_fact[part.fact] = [part]
            found.append((part.fact, of_fact[part.fact]))
    return found
