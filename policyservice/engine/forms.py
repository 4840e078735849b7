"""Conditions in the form durable_rules can hold: comparisons of known properties with constants, no `not`, two values.

A condition has two forms, where it holds and where it fails; where neither does it is unknown. `not` is pushed to the
leaves. A property that is not known is not sent, and a leaf that could be misread without it is guarded by presence.
Ordered codes become sets of equalities, parameters one branch per span of days.

This is written apart from the compiled evaluator on purpose: the two are held against each other on every decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from policyservice.domain.errors import EngineFault
from policyservice.domain.money import LARGEST_MINOR
from policyservice.domain.vocabulary import FactValue
from policyservice.rulebook.model import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Interval,
    Not,
    Op,
    Parameter,
    ParameterRef,
    Rulebook,
)

DAY = "d"
CURRENCY = "c"
SHARD = "s"
LONGEST_TEXT = 2000  # characters; the library counts the bytes of a text in 16 bits


@dataclass(frozen=True, slots=True)
class Leaf:
    """A property against a constant: `relation` is "eq", "neq", "lt", "lte", "gt" or "gte"."""

    name: str
    relation: str
    constant: FactValue


@dataclass(frozen=True, slots=True)
class Both:
    """All of them; an empty one always holds."""

    of: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of them; an empty one never holds."""

    of: tuple[Form, ...]


Form = Leaf | Both | Either

_RELATIONS = {
    Op.IS: "eq",
    Op.IS_NOT: "neq",
    Op.AT_LEAST: "gte",
    Op.AT_MOST: "lte",
    Op.MORE_THAN: "gt",
    Op.LESS_THAN: "lt",
}
_OPPOSITE = {
    Op.IS: Op.IS_NOT,
    Op.IS_NOT: Op.IS,
    Op.AT_LEAST: Op.LESS_THAN,
    Op.LESS_THAN: Op.AT_LEAST,
    Op.AT_MOST: Op.MORE_THAN,
    Op.MORE_THAN: Op.AT_MOST,
    Op.ONE_OF: Op.NONE_OF,
    Op.NONE_OF: Op.ONE_OF,
}


class Properties:
    """The names under which facts travel: `v12` for a fact's value, `h12` for whether it is present.

    Short, so that no reserved word (`id`, `sid`, `$and`) and no clash of the library's 32-bit hashes can be met.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def value(self, fact: str) -> str:
        """The property that carries a fact's value."""
        return f"v{self._numbers.setdefault(fact, len(self._numbers))}"

    def presence(self, fact: str) -> str:
        """The property that carries whether a fact is present; always sent."""
        return f"h{self._numbers.setdefault(fact, len(self._numbers))}"

    @property
    def by_name(self) -> dict[str, str]:
        """From each property to its fact."""
        return {f"{kind}{number}": fact for fact, number in self._numbers.items() for kind in "vh"}


class FormWriter:
    """Writes the two forms of a rulebook's conditions."""

    def __init__(self, rulebook: Rulebook, properties: Properties) -> None:
        self._rulebook = rulebook
        self._properties = properties

    def holds(self, condition: Condition) -> Form:
        """Where a condition is true."""
        match condition:
            case Compare(fact=fact, op=op, value=value):
                return self._compare(fact, op, value)
            case AllOf(of=parts):
                return Both(tuple(self.holds(part) for part in parts))
            case AnyOf(of=parts):
                return Either(tuple(self.holds(part) for part in parts))
            case Not(of=part):
                return self.fails(part)

    def fails(self, condition: Condition) -> Form:
        """Where a condition is false."""
        match condition:
            case Compare(fact=fact, op=Op.PRESENT, value=value):
                return self._compare(fact, Op.PRESENT, value is False)
            case Compare(fact=fact, op=op, value=value):
                return self._compare(fact, _OPPOSITE[op], value)
            case AllOf(of=parts):
                return Either(tuple(self.fails(part) for part in parts))
            case AnyOf(of=parts):
                return Both(tuple(self.fails(part) for part in parts))
            case Not(of=part):
                return self.holds(part)

    def within(self, interval: Interval, dating: str | None) -> tuple[Form, ...]:
        """That the day, or the date fact, is inside an interval: nothing, one or two leaves side by side."""
        name = DAY if dating is None else self._properties.value(dating)
        start, end = interval.start, interval.end
        after = () if start is None else (Leaf(name, "gte", start.toordinal()),)
        return after if end is None else (*after, Leaf(name, "lt", end.toordinal()))

    def outside(self, interval: Interval, dating: str | None) -> tuple[Form, ...]:
        """That it is not: as many leaves, of which one is enough."""
        opposite = {"gte": "lt", "lt": "gte"}
        return tuple(
            Leaf(leaf.name, opposite[leaf.relation], leaf.constant)
            for leaf in self.within(interval, dating)
            if isinstance(leaf, Leaf)
        )

    def _compare(self, fact: str, op: Op, value: object) -> Form:
        if isinstance(value, ParameterRef):
            return self._by_span(fact, op, self._rulebook.parameters[value.name])
        if op is Op.PRESENT:
            return Leaf(self._properties.presence(fact), "eq", value is True)
        return self._constant(fact, op, value)

    def _by_span(self, fact: str, op: Op, parameter: Parameter) -> Form:
        """One branch per span of days in which the parameter has a value: constants only are compared with."""
        branches: list[Form] = []
        ends = [dated.start for dated in parameter.values[1:]] + [None]
        for dated, end in zip(parameter.values, ends, strict=True):
            if dated.value is not None and not isinstance(dated.value, Fraction):
                days = self.within(Interval(dated.start, end), parameter.in_force_by)
                branches.append(Both((*days, self._constant(fact, op, dated.value))))
        return Either(tuple(branches))

    def _constant(self, fact: str, op: Op, value: object) -> Form:
        name = self._properties.value(fact)
        if isinstance(value, tuple):
            relation = "eq" if op is Op.ONE_OF else "neq"
            leaves = tuple(Leaf(name, relation, _checked(one)) for one in value)
            return Either(leaves) if op is Op.ONE_OF else Both((*leaves, *self._known(name, leaves)))
        declared = self._rulebook.facts.get(fact)
        if declared is not None and declared.ordered and op not in (Op.IS, Op.IS_NOT):
            return Either(tuple(Leaf(name, "eq", code) for code in _codes(declared.values, op, value)))
        return Leaf(name, _RELATIONS[op], _checked(value))

    def _known(self, name: str, leaves: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
        """`none_of` an empty list still asks for a known value: no text and no number is this one."""
        return () if leaves else (Leaf(name, "neq", "\x01"),)


def _codes(ranked: tuple[str, ...], op: Op, bound: object) -> tuple[str, ...]:
    """The codes on the asked side of a bound, lowest rank first."""
    if bound not in ranked:
        return ()
    place = ranked.index(str(bound))
    match op:
        case Op.AT_LEAST:
            return ranked[place:]
        case Op.MORE_THAN:
            return ranked[place + 1 :]
        case Op.AT_MOST:
            return ranked[: place + 1]
        case _:
            return ranked[:place]


def _checked(value: object) -> FactValue:
    """A constant that the library compares exactly.

    Raises:
        EngineFault: an integer beyond 64 bits, which the library would cut, or a text too long for it.
    """
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise EngineFault(f"A text of {len(value)} characters is too long to compare with.")
        return value
    if isinstance(value, int):
        if not -LARGEST_MINOR - 1 <= value <= LARGEST_MINOR:
            raise EngineFault(f"{value} does not fit in 64 bits.")
        return value
    raise EngineFault(f"{value!r} cannot be compared with a fact.")
