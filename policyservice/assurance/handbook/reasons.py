"""For which reasons a rule can speak: those for which its condition is not false, whatever the other facts."""

from __future__ import annotations

from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op

REASON = "reason"


def names_a_reason(condition: Condition) -> bool:
    """Whether a condition asks for the reason at all; one that does not speaks whatever the reason."""
    match condition:
        case Compare(fact=fact):
            return fact == REASON
        case AllOf(of=parts) | AnyOf(of=parts):
            return any(names_a_reason(part) for part in parts)
        case Not(of=part):
            return names_a_reason(part)


def can_hold(condition: Condition, reason: str) -> bool:
    """Whether a condition can be true for a reason."""
    return _holds(condition, reason) is not False


def _holds(condition: Condition, reason: str) -> bool | None:
    """True or false where the reason alone settles it, else None."""
    match condition:
        case Compare(fact="reason", op=op, value=value):
            among = reason in value if isinstance(value, tuple) else reason == value
            return among if op in (Op.IS, Op.ONE_OF) else not among
        case Compare():
            return None
        case Not(of=part):
            found = _holds(part, reason)
            return None if found is None else not found
        case AllOf(of=parts):
            return _settled([_holds(part, reason) for part in parts], by=False)
        case AnyOf(of=parts):
            return _settled([_holds(part, reason) for part in parts], by=True)


def _settled(found: list[bool | None], *, by: bool) -> bool | None:
    """What several together come to, where one that is `by` settles it."""
    if by in found:
        return by
    return None if None in found else not by
