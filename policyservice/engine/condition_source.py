"""Conditions as Python expressions over local variables.

A condition is written twice. `possible` holds where it is true or unknown, `certain` where it is true. Reading a fact
that is not known yields None, which every comparison written here stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from policyservice.domain.vocabulary import FactValue
from policyservice.engine.conditions import ORDER_OPS, ranks
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op, ParameterRef, Rulebook

_SYMBOLS = {
    Op.IS: "==",
    Op.IS_NOT: "!=",
    Op.AT_LEAST: ">=",
    Op.AT_MOST: "<=",
    Op.MORE_THAN: ">",
    Op.LESS_THAN: "<",
}


class ConditionSource:
    """Writes conditions. `facts`, `present` and `parameters` name the variables that hold each; `constants` grows."""

    def __init__(self, rulebook: Rulebook, constants: dict[str, object]) -> None:
        self.facts: dict[str, str] = {}
        self.present: dict[str, str] = {}
        self.parameters: dict[tuple[str, str], str] = {}
        self._rulebook = rulebook
        self._constants = constants
        self._sets: dict[frozenset[FactValue], str] = {}

    def possible(self, condition: Condition) -> str:
        """True or unknown."""
        match condition:
            case AllOf(of=parts):
                return _joined("and", [self.possible(part) for part in sorted(parts, key=_breadth)], "True")
            case AnyOf(of=parts):
                return _joined("or", [self.possible(part) for part in parts], "False")
            case Not(of=part):
                return f"(not {self.certain(part)})"
            case Compare():
                return self._possible_compare(condition)

    def certain(self, condition: Condition) -> str:
        """True."""
        match condition:
            case AllOf(of=parts):
                return _joined("and", [self.certain(part) for part in sorted(parts, key=_breadth)], "True")
            case AnyOf(of=parts):
                return _joined("or", [self.certain(part) for part in parts], "False")
            case Not(of=part):
                return f"(not {self.possible(part)})"
            case Compare():
                return self._certain_compare(condition)

    def _possible_compare(self, asked: Compare) -> str:
        if asked.op is Op.PRESENT:
            return self._is_present(asked)
        fact = self.facts[asked.fact]
        if isinstance(asked.value, ParameterRef):
            return f"({fact} is None or {self._bound(asked)} is None or {self._holds(asked)})"
        if asked.op in (Op.IS_NOT, Op.NONE_OF):
            return self._holds(asked)  # None is none of them
        return f"({fact} is None or {self._holds(asked)})"

    def _certain_compare(self, asked: Compare) -> str:
        if asked.op is Op.PRESENT:
            return self._is_present(asked)
        known = f"{self.facts[asked.fact]} is not None"
        if isinstance(asked.value, ParameterRef):
            return f"({known} and {self._bound(asked)} is not None and {self._holds(asked)})"
        return f"({known} and {self._holds(asked)})"

    def _is_present(self, asked: Compare) -> str:
        present = self.present.get(asked.fact, "True")
        return present if asked.value is True else f"(not {present})"

    def _holds(self, asked: Compare) -> str:
        """The comparison itself, between values that are known."""
        fact = self.facts[asked.fact]
        rank = ranks(asked.fact, self._rulebook)
        if asked.op in ORDER_OPS and rank is not None:
            if isinstance(asked.value, ParameterRef):
                return f"{fact} in {self._bound(asked)}"
            return f"{fact} in {self._constant(codes_by_bound(asked.op, rank)(asked.value) or frozenset())}"
        if isinstance(asked.value, tuple):
            return f"{fact} {'in' if asked.op is Op.ONE_OF else 'not in'} {self._constant(frozenset(asked.value))}"
        return f"{fact} {_SYMBOLS[asked.op]} {self._bound(asked)}"

    def _bound(self, asked: Compare) -> str:
        if not isinstance(asked.value, ParameterRef):
            return repr(asked.value)
        ranked = asked.op in ORDER_OPS and ranks(asked.fact, self._rulebook) is not None
        return self.parameters[asked.value.name, key(asked) if ranked else ""]

    def _constant(self, value: frozenset[FactValue]) -> str:
        if value not in self._sets:
            self._sets[value] = f"S{len(self._sets)}"
            self._constants[self._sets[value]] = value
        return self._sets[value]


def _joined(word: str, parts: list[str], empty: str) -> str:
    if len(parts) < 2:
        return parts[0] if parts else empty
    return "(" + f" {word} ".join(parts) + ")"


def _breadth(part: Condition) -> int:
    """Equalities first: they are false most often."""
    return 2 if not isinstance(part, Compare) else 0 if part.op is Op.IS else 1


def key(asked: Compare) -> str:
    """What tells the readings of one parameter apart: as a value, or as the codes beside it by rank."""
    return f"{asked.op} {asked.fact}"


def codes_by_bound(op: Op, rank: Mapping[FactValue, int]) -> Callable[[object], frozenset[FactValue] | None]:
    """From a code to the codes that stand in a relation to it by rank; None for a code that is not declared."""

    def codes(bound: object) -> frozenset[FactValue] | None:
        if bound not in rank:
            return None
        pivot = rank[cast(FactValue, bound)]
        match op:
            case Op.AT_LEAST:
                return frozenset(code for code, at in rank.items() if at >= pivot)
            case Op.AT_MOST:
                return frozenset(code for code, at in rank.items() if at <= pivot)
            case Op.MORE_THAN:
                return frozenset(code for code, at in rank.items() if at > pivot)
            case _:
                return frozenset(code for code, at in rank.items() if at < pivot)

    return codes
