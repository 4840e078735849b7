"""One bound of one limit moved, inside the guard rails that the rules state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from policyservice.domain.errors import FieldProblem, NotFound, OutsideGuardRails
from policyservice.domain.limits import Bound, GuardRails, Limit, LimitSet
from policyservice.domain.money import decimal_string, parse_minor

_WHOLE = re.compile(r"-?[0-9]{1,9}\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """One bound that can be moved: the amount or the count of a limit, for a trust level ("": for all)."""

    limit: Limit
    level: str
    is_count: bool

    def __str__(self) -> str:
        parts = [self.limit.id, *([self.level] if self.level else []), *(["count"] if self.is_count else [])]
        return ".".join(parts)

    @property
    def bound(self) -> Bound:
        """The bound as it stands."""
        return self.limit.bounds[self.level]

    @property
    def value(self) -> str:
        """The bound as it is written: a decimal string, or a whole number."""
        number = self.bound.count if self.is_count else self.bound.amount_minor
        return self.text_of(number or 0)

    def text_of(self, number: int) -> str:
        """A number of this bound's unit as it is written."""
        return str(number) if self.is_count else decimal_string(number, self.limit.currency)


def targets(limits: LimitSet) -> Mapping[str, Target]:
    """Every bound there is, by the name it is moved under: "agent-day.new", "agent-day.new.count", "team-month"."""
    found = {}
    for limit in limits.limits:
        for level, bound in limit.bounds.items():
            if bound.amount_minor is not None:
                amount = Target(limit, level, is_count=False)
                found[str(amount)] = amount
            if bound.count is not None:
                count = Target(limit, level, is_count=True)
                found[str(count)] = count
    return found


def with_bound(limits: LimitSet, target: str, value: str) -> LimitSet:
    """The limits with one bound moved to `value`, a decimal string or, for a count, a whole number.

    Raises:
        NotFound: there is no such bound; the message names those of the limit.
        FieldProblem: the value cannot be read.
        OutsideGuardRails: it lies outside what the rules let a manager choose.
    """
    chosen = _find(limits, target)
    number = _read(chosen, value)
    rails = chosen.limit.count_rails if chosen.is_count else chosen.limit.amount_rails
    check_rails(chosen, number, rails)
    bound = replace(chosen.bound, count=number) if chosen.is_count else replace(chosen.bound, amount_minor=number)
    moved = replace(chosen.limit, bounds={**chosen.limit.bounds, chosen.level: bound})
    return replace(limits, limits=tuple(moved if each.id == moved.id else each for each in limits.limits))


def check_rails(target: Target, number: int, rails: GuardRails) -> None:
    """Refuse a number outside the guard rails; both ends are inside.

    Raises:
        OutsideGuardRails: it is.
    """
    if number >= rails.lowest and (rails.highest is None or number <= rails.highest):
        return
    highest = "any number" if rails.highest is None else target.text_of(rails.highest)
    raise OutsideGuardRails(str(target), target.text_of(number), target.text_of(rails.lowest), highest)


def _find(limits: LimitSet, target: str) -> Target:
    known = targets(limits)
    if target in known:
        return known[target]
    limit_id = target.partition(".")[0]
    of_limit = [name for name, each in known.items() if each.limit.id == limit_id]
    if of_limit:
        raise NotFound(f"bound besides {', '.join(of_limit)} in that limit:", target)
    raise NotFound(f"limit besides {', '.join(each.id for each in limits.limits)}:", limit_id)


def _read(target: Target, value: str) -> int:
    if not target.is_count:
        return parse_minor(value, target.limit.currency, "value")
    if not _WHOLE.match(value):
        raise FieldProblem("value", f"{value[:40]!r} is not a whole number.")
    return int(value)
