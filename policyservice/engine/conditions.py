"""Conditions read one by one, in three values: for explanations, and to say which facts would settle a rule.

True, False, or None for unknown, by Kleene: `all` is false where one part is false, `any` true where one is true, and
unknown stays unknown under `not`. The generated source (`engine/source.py`) says the same, faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policyservice.domain.vocabulary import FactValue
from policyservice.rulebook.model import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Not,
    Op,
    ParameterRef,
    Rule,
    Rulebook,
)

ORDER_OPS = frozenset({Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN})
Truth = bool | None
ALWAYS = AllOf(())
NEVER = AnyOf(())


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a case: every fact with its value, those of them only presumed, and the day as an ordinal."""

    facts: Mapping[str, FactValue]
    presumed: frozenset[str]
    day: int


def ranks(fact: str, rulebook: Rulebook) -> dict[FactValue, int] | None:
    """The rank of each code of a fact declared `ordered`; None for every other fact."""
    declared = rulebook.facts.get(fact)
    if declared is None or not declared.ordered:
        return None
    return {code: rank for rank, code in enumerate(declared.values)}


def in_force(rule: Rule, known: Known) -> Truth:
    """Whether a rule is in force: by the day of the decision, or by the date fact that dates it."""
    interval = rule.in_force
    if interval.start is None and interval.end is None:
        return True
    if rule.in_force_by is None:
        return interval.holds(known.day)
    dated = known.facts.get(rule.in_force_by)
    return None if dated is None else interval.holds(int(dated))


def effective(rule: Rule) -> Condition:
    """A rule's condition, with the dates between which it is in force where a fact dates it."""
    interval, dating = rule.in_force, rule.in_force_by
    if dating is None:
        return rule.when
    dates: list[Condition] = []
    if interval.start is not None:
        dates.append(Compare(dating, Op.AT_LEAST, interval.start.toordinal()))
    if interval.end is not None:
        dates.append(Compare(dating, Op.LESS_THAN, interval.end.toordinal()))
    return AllOf((*dates, rule.when)) if dates else rule.when


def folded(condition: Condition, reason: str) -> Condition:
    """A condition for one reason: what it says of `reason` is worked out, what that decides is left out.

    Always true is `AllOf(())`, always false `AnyOf(())`.
    """
    match condition:
        case Compare(fact="reason"):
            return ALWAYS if _of_reason(condition, reason) else NEVER
        case Compare():
            return condition
        case Not(of=part):
            inner = folded(part, reason)
            return NEVER if inner == ALWAYS else ALWAYS if inner == NEVER else Not(inner)
        case AllOf(of=parts):
            left = [found for part in parts if (found := folded(part, reason)) != ALWAYS]
            return NEVER if NEVER in left else left[0] if len(left) == 1 else AllOf(tuple(left))
        case AnyOf(of=parts):
            left = [found for part in parts if (found := folded(part, reason)) != NEVER]
            return ALWAYS if ALWAYS in left else left[0] if len(left) == 1 else AnyOf(tuple(left))


def _of_reason(asked: Compare, reason: str) -> bool:
    match asked.op:
        case Op.PRESENT:
            return asked.value is True
        case Op.ONE_OF | Op.NONE_OF if isinstance(asked.value, tuple):
            return (reason in asked.value) is (asked.op is Op.ONE_OF)
        case _:
            return (reason == asked.value) is (asked.op is Op.IS)


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """What a condition demands side by side: the parts of an `all`, of an `all` in it, and so on."""
    if isinstance(condition, AllOf):
        return tuple(inner for part in condition.of for inner in conjuncts(part))
    return (condition,)


def truth(condition: Condition, known: Known, rulebook: Rulebook) -> Truth:
    """Whether a condition holds."""
    match condition:
        case Compare():
            return compare(condition, known, rulebook)
        case AllOf(of=parts):
            return both(truth(part, known, rulebook) for part in parts)
        case AnyOf(of=parts):
            return opposite(both(opposite(truth(part, known, rulebook)) for part in parts))
        case Not(of=part):
            return opposite(truth(part, known, rulebook))


def both(truths: Iterable[Truth]) -> Truth:
    """All of them: false where one is false, else unknown where one is unknown."""
    seen = set(truths)
    return False if False in seen else None if None in seen else True


def opposite(value: Truth) -> Truth:
    """Not; unknown stays unknown."""
    return None if value is None else not value


def bound_of(asked: Compare, known: Known, rulebook: Rulebook) -> FactValue | tuple[FactValue, ...] | None:
    """The constant compared with, a parameter looked up; None where the parameter has no value yet."""
    if not isinstance(asked.value, ParameterRef):
        return asked.value
    parameter = rulebook.parameters[asked.value.name]
    day = known.day if parameter.in_force_by is None else known.facts.get(parameter.in_force_by)
    found = None if day is None else parameter.at(int(day))
    return found if isinstance(found, int | str) else None


def compare(asked: Compare, known: Known, rulebook: Rulebook) -> Truth:
    """One comparison. `present` asks whether a value was given, reckoned or concluded; not a presumed one."""
    value = known.facts.get(asked.fact)
    if asked.op is Op.PRESENT:
        return (value is not None and asked.fact not in known.presumed) is asked.value
    bound = bound_of(asked, known, rulebook)
    if value is None or bound is None:
        return None
    if isinstance(bound, tuple):
        return (value in bound) is (asked.op is Op.ONE_OF)
    if asked.op in ORDER_OPS:
        rank = ranks(asked.fact, rulebook)
        return _ordered(asked.op, value, bound) if rank is None else _ranked(asked.op, value, bound, rank)
    return (value == bound) is (asked.op is Op.IS)


def _ranked(op: Op, value: FactValue, bound: FactValue, rank: Mapping[FactValue, int]) -> Truth:
    return None if bound not in rank else _ordered(op, rank[value], rank[bound])


def _ordered(op: Op, value: FactValue, bound: FactValue) -> bool:
    left, right = int(value), int(bound)
    match op:
        case Op.AT_LEAST:
            return left >= right
        case Op.AT_MOST:
            return left <= right
        case Op.MORE_THAN:
            return left > right
        case _:
            return left < right


def undecided(condition: Condition, known: Known, rulebook: Rulebook) -> frozenset[str]:
    """The unknown facts that keep a condition unknown, parts of it that are decided passed over."""
    if truth(condition, known, rulebook) is not None:
        return frozenset()
    match condition:
        case Compare(fact=fact, value=value):
            return frozenset(name for name in _needed(fact, value, rulebook) if name not in known.facts)
        case AllOf(of=parts) | AnyOf(of=parts):
            return frozenset().union(*(undecided(part, known, rulebook) for part in parts))
        case Not(of=part):
            return undecided(part, known, rulebook)


def _needed(fact: str, value: object, rulebook: Rulebook) -> tuple[str, ...]:
    dating = rulebook.parameters[value.name].in_force_by if isinstance(value, ParameterRef) else None
    return (fact,) if dating is None else (fact, dating)
