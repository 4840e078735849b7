"""Small changes of a condition: a bound by one unit, an operator, a part dropped, a value more or less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from policyservice.assurance.mutants.mutant import Kind
from policyservice.assurance.wording import Wording
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.conditions import ORDER_OPS
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op, ParameterRef, Rulebook


class Changed(NamedTuple):
    """A condition as it is after a change, with the words for it."""

    kind: Kind
    what: str
    condition: Condition


_END_LEFT_OUT = {
    Op.AT_LEAST: Op.MORE_THAN,
    Op.MORE_THAN: Op.AT_LEAST,
    Op.AT_MOST: Op.LESS_THAN,
    Op.LESS_THAN: Op.AT_MOST,
}
_OUTWARD = {Op.AT_LEAST: -1, Op.MORE_THAN: 1, Op.AT_MOST: 1, Op.LESS_THAN: -1}
"""The way a bound is moved; the other way is what changing the operator does already."""


class Conditions:
    """Changes conditions of a rulebook, for a rule whose sums are in `currency`."""

    def __init__(self, rulebook: Rulebook, currency: str) -> None:
        self._rulebook = rulebook
        self._wording = Wording(rulebook, currency)

    def changes(self, condition: Condition) -> Iterator[Changed]:
        """Every small change, dropping all of it included."""
        yield from self._within(condition)
        if isinstance(condition, Compare):
            yield Changed(Kind.CONDITION, f"`{self._wording.condition(condition)}` dropped", AllOf(()))

    def _within(self, condition: Condition) -> Iterator[Changed]:
        match condition:
            case Compare():
                yield from self._compare(condition)
            case Not(of=part):
                for kind, what, found in self._within(part):
                    yield Changed(kind, what, Not(found))
                yield Changed(Kind.CONDITION, f"`not` dropped before {{{self._wording.condition(part)}}}", part)
            case AllOf(of=parts):
                yield from (Changed(kind, what, AllOf(found)) for kind, what, found in self._parts(parts))
            case AnyOf(of=parts):
                yield from (Changed(kind, what, AnyOf(found)) for kind, what, found in self._parts(parts))

    def _parts(self, parts: tuple[Condition, ...]) -> Iterator[tuple[Kind, str, tuple[Condition, ...]]]:
        for index, part in enumerate(parts):
            before, after = parts[:index], parts[index + 1 :]
            for kind, what, found in self._within(part):
                yield kind, what, (*before, found, *after)
            if len(parts) > 1:
                yield Kind.CONDITION, f"`{self._wording.condition(part)}` dropped", (*before, *after)

    # --- comparisons ---------------------------------------------------------------------------------

    def _compare(self, asked: Compare) -> Iterator[Changed]:
        for kind, found in self._compared(asked):
            yield Changed(kind, f"`{self._wording.condition(asked)}` becomes `{self._wording.condition(found)}`", found)

    def _compared(self, asked: Compare) -> Iterator[tuple[Kind, Compare]]:
        match asked.op:
            case Op.PRESENT:
                yield Kind.CONDITION, Compare(asked.fact, Op.PRESENT, not asked.value)
            case Op.IS | Op.IS_NOT:
                yield Kind.CONDITION, Compare(asked.fact, Op.IS_NOT if asked.op is Op.IS else Op.IS, asked.value)
                for step in (-1, 1):
                    yield from self._moved(asked, step)
            case Op.ONE_OF | Op.NONE_OF:
                yield from ((Kind.CONDITION, found) for found in self._listed(asked))
            case _:
                yield Kind.BOUND, Compare(asked.fact, _END_LEFT_OUT[asked.op], asked.value)
                yield from self._moved(asked, _OUTWARD[asked.op])

    def _moved(self, asked: Compare, step: int) -> Iterator[tuple[Kind, Compare]]:
        """The comparison with its bound moved by one unit, one rank for an ordered code; none for a parameter."""
        if isinstance(asked.value, ParameterRef | tuple | bool):
            return
        moved: FactValue | None = None
        if isinstance(asked.value, int):
            moved = asked.value + step
        elif asked.op in ORDER_OPS:
            codes = self._codes(asked.fact)
            rank = codes.index(asked.value) + step
            moved = codes[rank] if 0 <= rank < len(codes) else None
        if moved is not None:
            yield Kind.BOUND, Compare(asked.fact, asked.op, moved)

    def _listed(self, asked: Compare) -> Iterator[Compare]:
        assert isinstance(asked.value, tuple)
        for index in range(len(asked.value)):
            left = (*asked.value[:index], *asked.value[index + 1 :])
            if left:
                yield Compare(asked.fact, asked.op, left)
        for code in self._codes(asked.fact):
            if code not in asked.value:
                yield Compare(asked.fact, asked.op, (*asked.value, code))

    def _codes(self, fact: str) -> tuple[str, ...]:
        declared = self._rulebook.facts.get(fact)
        return () if declared is None else declared.values
