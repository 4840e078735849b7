"""Small changes of an amount: a unit more or less, doubled, halved, a part or a bound dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any, NamedTuple

from policyservice.assurance.wording import percent, shown
from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Difference,
    Each,
    FirstKnown,
    Fixed,
    Largest,
    Least,
    Share,
    SumOf,
)

_POINT = Fraction(1, 100)


class Changed(NamedTuple):
    """An amount as it is after a change, with the words for it."""

    what: str
    amount: Amount


class Amounts:
    """Changes amounts whose sums are of a type, money in `currency` or a whole number."""

    def __init__(self, type: FactType, currency: str) -> None:
        self._type = type
        self._currency = currency

    def changes(self, amount: Amount) -> Iterator[Changed]:
        """Every small change, each once: of a part, and of the whole."""
        if not isinstance(amount, Fixed):
            yield Changed("the amount doubled", Each(amount, Fixed(2)))
            yield Changed("the amount halved", Share(Fraction(1, 2), amount))
            yield Changed("the amount one unit more", SumOf((amount, Fixed(1))))
            yield Changed("the amount one unit less", Difference(amount, Fixed(1)))
        yield from self._within(amount)

    def _within(self, amount: Amount) -> Iterator[Changed]:
        match amount:
            case Fixed(value=value):
                moved = dict.fromkeys((value + 1, value - 1, value * 2, value // 2))
                yield from (Changed(self._becomes(value, new), Fixed(new)) for new in moved if new != value)
            case Share(part=Fraction() as part):
                for new in (part + _POINT, part - _POINT, part * 2, part / 2):
                    yield Changed(f"{percent(part)} becomes {percent(new)}", replace(amount, part=new))
            case Each(period=int() as period, started=started):
                for days in (period - 1, period + 1):
                    yield Changed(f"a period of {period} becomes {days}", replace(amount, period=days))
                which = "completed ones are counted, not started ones" if started else "started ones are counted, too"
                yield Changed(f"of periods {which}", replace(amount, started=not started))
            case SumOf(of=parts) | Least(of=parts) | Largest(of=parts) | FirstKnown(of=parts) if len(parts) > 1:
                for index in range(len(parts)):
                    left = (*parts[:index], *parts[index + 1 :])
                    yield Changed(f"part {index + 1} of {len(parts)} dropped", replace(amount, of=left))
            case Difference(minuend=minuend):
                yield Changed("nothing taken off", minuend)
            case Bounded():
                for name in ("nothing_below", "at_least", "at_most"):
                    if getattr(amount, name) is not None:
                        yield Changed(f"`{name}` dropped", _with(amount, name, None))
        yield from self._in_parts(amount)

    def _in_parts(self, amount: Amount) -> Iterator[Changed]:
        for field in fields(amount):
            part = getattr(amount, field.name)
            if isinstance(part, tuple):
                for index, one in enumerate(part):
                    for what, found in self._within(one):
                        yield Changed(what, _with(amount, field.name, (*part[:index], found, *part[index + 1 :])))
            elif isinstance(part, Amount):
                for what, found in self._within(part):
                    yield Changed(what, _with(amount, field.name, found))

    def _becomes(self, old: int, new: int) -> str:
        return f"{shown(old, self._type, self._currency)} becomes {shown(new, self._type, self._currency)}"


def _with(amount: Amount, name: str, part: object) -> Amount:
    changed: dict[str, Any] = {name: part}
    found: Amount = replace(amount, **changed)
    return found
