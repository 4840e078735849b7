"""One language's way to write: sums, dates, quantities, names; and the sentences of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from policyservice.assurance.handbook.phrases import CATALOGUE
from policyservice.domain.money import decimal_string, exponent
from policyservice.domain.vocabulary import FactType, FactValue, Text
from policyservice.rulebook.model import Fact, Rulebook

_LOCALES = {"en": "en_GB", "fi": "fi_FI"}
_UNITS = {
    "minutes": "duration-minute",
    "hours": "duration-hour",
    "days": "duration-day",
    "weeks": "duration-week",
    "months": "duration-month",
    "years": "duration-year",
    "kilometres": "length-kilometer",
    "metres": "length-meter",
    "kilograms": "mass-kilogram",
}
_COUNTED = {
    "bags": (Text("bag", "laukku"), Text("bags", "laukkua")),
    "passengers": (Text("passenger", "matkustaja"), Text("passengers", "matkustajaa")),
    "pieces": (Text("piece", "kappale"), Text("pieces", "kappaletta")),
    "items": (Text("item", "tuote"), Text("items", "tuotetta")),
    "times": (Text("time", "kerta"), Text("times", "kertaa")),
}
_LONGER = ((1440, "duration-day"), (60, "duration-hour"))
_LONG_MINUTES = 120
"""From here on minutes are told as hours or days, too."""


class Writer:
    """Writes in one language about one rulebook as it stands on a day."""

    def __init__(self, rulebook: Rulebook, language: str, day: date) -> None:
        self.rulebook = rulebook
        self.language = language
        self.day = day
        self._locale = Locale.parse(_LOCALES[language])

    def say(self, phrase: str, **parts: object) -> str:
        """A sentence of the catalogue with its parts filled in."""
        return CATALOGUE[phrase].get(self.language).format(**parts)

    def text(self, text: Text) -> str:
        """A text of the rulebook in this language."""
        return text.get(self.language)

    def quoted(self, words: str) -> str:
        """Words in the quotation marks of the language."""
        return self.say("quoted", words=words)

    def money(self, minor: int, currency: str) -> str:
        """A sum as people write it, with the decimals that the currency has: 7,00 € or €7.00."""
        decimals = exponent(currency)
        pattern = re.sub(r"0\.0+", f"0.{'0' * decimals}" if decimals else "0", self._standard_pattern())
        return format_currency(
            Decimal(decimal_string(minor, currency)), currency, pattern, locale=self._locale, currency_digits=False
        )

    def _standard_pattern(self) -> str:
        return str(self._locale.currency_formats["standard"].pattern)

    def number(self, number: int) -> str:
        """A whole number, its thousands apart."""
        return format_decimal(number, locale=self._locale)

    def percent(self, part: Fraction) -> str:
        """A share, exactly as the rulebook has it."""
        exact = Decimal(part.numerator) / Decimal(part.denominator)
        return format_percent(exact.normalize(), locale=self._locale, decimal_quantization=False)

    def date(self, day: date) -> str:
        """A day."""
        return format_date(day, "medium", locale=self._locale)

    def quantity(self, number: int, unit: str | None) -> str:
        """A whole number with its unit; long times in minutes are told in hours or days, too."""
        if unit in _UNITS:
            plain = str(format_unit(number, _UNITS[unit], length="long", locale=self._locale))
            return plain if unit != "minutes" or number < _LONG_MINUTES else self._with_longer(number, plain)
        if unit in _COUNTED:
            one, many = _COUNTED[unit]
            return f"{self.number(number)} {self.text(one if number == 1 else many)}"
        is_told = unit is not None and self.language == "en"  # the format has a unit in one language alone
        return f"{self.number(number)} {unit}" if is_told else self.number(number)

    def _with_longer(self, minutes: int, plain: str) -> str:
        return f"{plain} ({longer})" if (longer := self._longer(minutes)) else plain

    def duration(self, minutes: int) -> str:
        """A time in the largest unit that it is a whole number of; a day is told as 24 hours."""
        if minutes == _LONGER[0][0]:
            return str(format_unit(24, "duration-hour", length="long", locale=self._locale))
        return self._longer(minutes) or self.quantity(minutes, "minutes")

    def _longer(self, minutes: int) -> str | None:
        for length, unit in _LONGER:
            count, rest = divmod(minutes, length)
            if count and not rest and (count > 1 or length == _LONGER[-1][0]):
                return str(format_unit(count, unit, length="long", locale=self._locale))
        return None

    def code(self, code: str, fact: str | None = None) -> str:
        """A code by its title; readable where the fact gives it none."""
        declared = self.rulebook.facts.get(fact or "")
        title = declared.titles.get(code) if declared is not None else None
        return self.text(title) if title is not None else re.sub(r"[_.-]+", " ", code)

    def who(self, name: str) -> str:
        """Who decides: a trust level by its title, else a readable name in quotation marks."""
        level = next((level for level in self.rulebook.trust_levels if level.name == name), None)
        return self.text(level.title) if level is not None else self.quoted(self.code(name))

    def title(self, fact: str) -> str:
        """What a fact is called; empty for a reckoned fact that was given no title."""
        if fact == "reason":
            return self.say("reason")
        if (declared := self.rulebook.facts.get(fact)) is not None:
            return self.text(declared.title)
        title = self.text(self.rulebook.reckoned[fact].title)
        return "" if title == fact else title

    def value(self, fact: str, value: FactValue, currency: str) -> str:
        """A value of a fact."""
        if fact == "reason":
            return self.text(self.rulebook.reasons[str(value)].title)
        declared = self.rulebook.facts.get(fact) or self.rulebook.reckoned[fact]
        match declared.type:
            case FactType.BOOLEAN:
                return self.say("yes" if value else "no")
            case FactType.MONEY:
                return self.money(int(value), currency)
            case FactType.DATE:
                return self.date(date.fromordinal(int(value)))
            case FactType.INTEGER:
                return self.quantity(int(value), declared.unit if isinstance(declared, Fact) else None)
            case FactType.CODE:
                return self.code(str(value), fact)
            case FactType.TEXT:
                return self.quoted(str(value))

    def either(self, values: Sequence[str]) -> str:
        """Values of which one will do."""
        if len(values) == 1:
            return values[0]
        return self.say("or", first=", ".join(values[:-1]), second=values[-1])
