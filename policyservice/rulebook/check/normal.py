"""Conditions with `not` pushed to the leaves, and what is demanded side by side."""

from __future__ import annotations

from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op

OPPOSITE = {
    Op.IS: Op.IS_NOT,
    Op.IS_NOT: Op.IS,
    Op.AT_LEAST: Op.LESS_THAN,
    Op.LESS_THAN: Op.AT_LEAST,
    Op.AT_MOST: Op.MORE_THAN,
    Op.MORE_THAN: Op.AT_MOST,
    Op.ONE_OF: Op.NONE_OF,
    Op.NONE_OF: Op.ONE_OF,
}


def without_not(condition: Condition, *, opposite: bool = False) -> Condition:
    """The same condition without any `not`; true, false and unknown for the same facts."""
    if isinstance(condition, Not):
        return without_not(condition.of, opposite=not opposite)
    if isinstance(condition, Compare):
        return _opposed(condition) if opposite else condition
    parts = tuple(without_not(part, opposite=opposite) for part in condition.of)
    return AllOf(parts) if isinstance(condition, AllOf) is not opposite else AnyOf(parts)


def _opposed(compare: Compare) -> Compare:
    if compare.op is Op.PRESENT:
        return Compare(compare.fact, Op.PRESENT, not compare.value)
    return Compare(compare.fact, OPPOSITE[compare.op], compare.value)


def demanded(condition: Condition) -> tuple[Compare, ...]:
    """The comparisons that must all hold for the condition to hold, as far as they stand side by side at its top."""
    if isinstance(condition, Compare):
        return (condition,)
    if isinstance(condition, AllOf):
        return tuple(compare for part in condition.of for compare in demanded(part))
    return ()
