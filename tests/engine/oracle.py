"""A third reading of the same meaning, as plain and slow as can be: every fact is worked out when it is asked for.

It has no strata, no shards and no compiling, so that both evaluators being wrong in one way shows.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping

from policyservice.domain.vocabulary import FactValue
from policyservice.rulebook.model import (
    AllOf,
    Amount,
    AnyOf,
    Compare,
    Condition,
    Difference,
    Each,
    EffectKind,
    FactRef,
    FirstKnown,
    Fixed,
    Least,
    Not,
    Op,
    ParameterRef,
    ProvidedBy,
    Rule,
    Rulebook,
    SumOf,
)

_OPERATORS = {
    Op.IS: operator.eq,
    Op.IS_NOT: operator.ne,
    Op.AT_LEAST: operator.ge,
    Op.AT_MOST: operator.le,
    Op.MORE_THAN: operator.gt,
    Op.LESS_THAN: operator.lt,
}


class Fault(Exception):
    """There is no answer that could be relied on."""


class Oracle:
    """One case read against a rulebook.

    `beyond_bounds` tells that a reckoned fact did not fit in 64 bits, whether or not anything rests on it. Raises Fault
    where two values are concluded for one fact.
    """

    def __init__(self, book: Rulebook, given: Mapping[str, FactValue], day: int, currency: str) -> None:
        self._book, self._given, self._day, self._currency = book, given, day, currency
        self._known: dict[str, tuple[FactValue | None, bool]] = {}
        self.beyond_bounds = False

    def fired(self) -> tuple[str, ...]:
        for name in (*self._book.facts, *self._book.reckoned):
            self.fact(name)
        return tuple(sorted(rule.id for rule in self._book.rules if self.rule(rule) is True))

    def unknown(self) -> set[str]:
        return {rule.id for rule in self._book.rules if self.rule(rule) is None}

    def rule(self, rule: Rule) -> bool | None:
        own = self._own(rule)
        if own is False or not rule.first_hit:
            return own
        before = [
            self._own(row) for row in self._book.rules if row.table == rule.table and (row.row or 0) < (rule.row or 0)
        ]
        if True in before:
            return False
        return None if None in before else own

    def _own(self, rule: Rule) -> bool | None:
        if rule.currency != self._currency:
            return False
        return _all([self._in_force(rule), self.holds(rule.when)])

    def _in_force(self, rule: Rule) -> bool | None:
        if rule.in_force.start is None and rule.in_force.end is None:
            return True
        day = self._day if rule.in_force_by is None else self.fact(rule.in_force_by)[0]
        return None if day is None else rule.in_force.holds(int(day))

    def fact(self, name: str) -> tuple[FactValue | None, bool]:
        """The value, and whether it is only presumed."""
        if name == "reason":
            return self._given["reason"], False
        if name not in self._known:
            self._known[name] = self._work_out(name)
        return self._known[name]

    def _work_out(self, name: str) -> tuple[FactValue | None, bool]:
        if name in self._book.reckoned:
            value = self.amount(self._book.reckoned[name].expression)
            if value is not None and not -(2**63) <= value < 2**63:
                self.beyond_bounds = True
                return None, False
            return value, False
        declared = self._book.facts[name]
        if declared.provided_by is ProvidedBy.RULES:
            values, unsure = self._conclusions(name)
            if len(set(values)) > 1:
                raise Fault(name)
            if values:
                return values[0], False
            return (None, False) if unsure or declared.presume is None else (declared.presume, True)
        value = self._given.get(name)
        if value is None and declared.presume is not None:
            return declared.presume, True
        return value, False

    def _conclusions(self, name: str) -> tuple[list[FactValue], bool]:
        values, unsure = [], False
        for rule in self._book.rules:
            for effect in rule.then:
                if effect.kind is EffectKind.CONCLUDE and effect.fact == name:
                    state = self.rule(rule)
                    value = self._constant(effect.value) if state else None
                    unsure = unsure or state is None or (state is True and value is None)
                    values += [] if value is None else [value]
        return values, unsure

    def _constant(self, value: object) -> FactValue | None:
        if not isinstance(value, ParameterRef):
            return value  # type: ignore[return-value]
        parameter = self._book.parameters[value.name]
        day = self._day if parameter.in_force_by is None else self.fact(parameter.in_force_by)[0]
        return None if day is None else parameter.at(int(day))  # type: ignore[return-value]

    def holds(self, condition: Condition) -> bool | None:
        match condition:
            case AllOf(of=parts):
                return _all([self.holds(part) for part in parts])
            case AnyOf(of=parts):
                return _not(_all([_not(self.holds(part)) for part in parts]))
            case Not(of=part):
                return _not(self.holds(part))
            case Compare(fact=name, op=Op.PRESENT, value=wanted):
                value, presumed = self.fact(name)
                return (value is not None and not presumed) == wanted
            case Compare(fact=name, op=op, value=asked):
                return self._compare(name, op, asked)

    def _compare(self, name: str, op: Op, asked: object) -> bool | None:
        value = self.fact(name)[0]
        if isinstance(asked, tuple):
            return None if value is None else (value in asked) == (op is Op.ONE_OF)
        bound = self._constant(asked)
        if value is None or bound is None:
            return None
        declared = self._book.facts.get(name)
        if declared is not None and declared.ordered and op not in (Op.IS, Op.IS_NOT):
            if bound not in declared.values:
                return None
            value, bound = declared.values.index(str(value)), declared.values.index(str(bound))
        return bool(_OPERATORS[op](value, bound))

    def amount(self, amount: Amount) -> int | None:
        match amount:
            case Fixed(value=value):
                return value
            case FactRef(name=name):
                return self.fact(name)[0]  # type: ignore[return-value]
            case FirstKnown(of=parts):
                return next((v for part in parts if (v := self.amount(part)) is not None), None)
            case SumOf(of=parts) | Least(of=parts):
                values = [self.amount(part) for part in parts]
                return None if None in values else (sum if isinstance(amount, SumOf) else min)(values)  # type: ignore
            case Difference(minuend=minuend, subtrahend=subtrahend):
                one, other = self.amount(minuend), self.amount(subtrahend)
                return None if one is None or other is None else one - other
            case Each(each=each, per=per, period=period, started=started):
                one, count = self.amount(each), self.amount(per)
                if one is None or count is None:
                    return None
                if period is not None:
                    count = (count + period - 1) // period if started else count // period
                return one * max(count, 0)
        raise AssertionError(amount)


def _all(truths: list[bool | None]) -> bool | None:
    return False if False in truths else None if None in truths else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
