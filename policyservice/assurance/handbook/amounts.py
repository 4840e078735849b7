"""Amounts in words: what is reckoned, in the order in which it is reckoned."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

from policyservice.assurance.handbook.parameters import is_plain, parameter
from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Difference,
    Each,
    Fact,
    FactRef,
    FirstKnown,
    Fixed,
    Largest,
    Least,
    ParameterRef,
    Share,
    SumOf,
    Unpriced,
)


class Amounts:
    """Writes amounts whose constants are sums in a currency, or whole numbers where `currency` is None."""

    def __init__(self, writer: Writer, currency: str | None) -> None:
        self._writer = writer
        self._currency = currency

    def words(self, amount: Amount) -> str:
        """An amount as a phrase that can stand after a colon."""
        say = self._writer.say
        match amount:
            case Fixed(value=value):
                return self._constant(value)
            case FactRef(name=name):
                return self.fact(name)
            case ParameterRef(name=name):
                return parameter(self._writer, name)
            case Unpriced():
                return say("unpriced")
            case Share(part=part, of=of):
                return say("share", part=self._part(part), amount=self._inner(of))
            case Each():
                return self._each(amount)
            case SumOf(of=parts):
                return reduce(lambda first, second: say("sum", first=first, second=second), self._inners(parts))
            case Difference(minuend=minuend, subtrahend=subtrahend):
                return say("difference", first=self._inner(minuend), second=self._inner(subtrahend))
            case Least(of=parts):
                return say("least", listed="; ".join(self._inners(parts)))
            case Largest(of=parts):
                return say("largest", listed="; ".join(self._inners(parts)))
            case FirstKnown(of=parts):
                words = [self.words(part) for part in parts]
                return reduce(lambda first, second: say("first_known", first=first, second=second), words)
            case Bounded():
                return self._bounded(amount)

    def fact(self, name: str) -> str:
        """A fact by its title in quotation marks; how it is reckoned where it has none."""
        title = self._writer.title(name)
        if title:
            return self._writer.quoted(title)
        return self._writer.say("grouped", words=reckoned(self._writer, name, self._currency))

    def _part(self, part: Fraction | ParameterRef) -> str:
        return self._inner(part) if isinstance(part, ParameterRef) else self._writer.percent(part)

    def _each(self, amount: Each) -> str:
        say, each = self._writer.say, self._inner(amount.each)
        if amount.period is None:
            count = Amounts(self._writer, None)._inner(amount.per)
            return say("times", each=each, count=count)
        phrase = "each_started" if amount.started else "each_completed"
        period = self._writer.quantity(amount.period, self._unit(amount.per))
        return say(phrase, each=each, period=period, count=Amounts(self._writer, None)._inner(amount.per))

    def _unit(self, counted: Amount) -> str | None:
        declared = self._writer.rulebook.facts.get(counted.name) if isinstance(counted, FactRef) else None
        return declared.unit if isinstance(declared, Fact) else None

    def _bounded(self, amount: Bounded) -> str:
        parts = [self.words(amount.amount)]
        if amount.nothing_below is not None:
            parts.append(self._writer.say("nothing_below", floor=self._inner(amount.nothing_below)))
        if amount.at_least is not None:
            parts.append(self._writer.say("no_less", floor=self._inner(amount.at_least)))
        if amount.at_most is not None:
            parts.append(self._writer.say("no_more", ceiling=self._inner(amount.at_most)))
        return "; ".join(parts)

    def _inners(self, amounts: Sequence[Amount]) -> list[str]:
        return [self._inner(amount) for amount in amounts]

    def _inner(self, amount: Amount) -> str:
        """Inside another amount: one of several parts is set apart."""
        words = self.words(amount)
        if isinstance(amount, (Fixed, FactRef)):
            return words
        if isinstance(amount, ParameterRef) and is_plain(self._writer, amount.name):
            return words
        return self._writer.say("grouped", words=words)

    def _constant(self, value: int) -> str:
        return self._writer.number(value) if self._currency is None else self._writer.money(value, self._currency)


def reckoned(writer: Writer, name: str, currency: str | None) -> str:
    """How a reckoned fact is reckoned; sums are in `currency`, the packs' own where it is None."""
    found = writer.rulebook.reckoned[name]
    own = writer.rulebook.pack(found.pack).currency if found.pack else None
    return Amounts(writer, (currency or own) if found.type is FactType.MONEY else None).words(found.expression)
