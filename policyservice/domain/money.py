"""Money in whole minor units; the one home of parsing, printing and rounding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from policyservice.domain.currencies import EXPONENTS
from policyservice.domain.errors import CurrencyMismatch, FieldProblem

LARGEST_MINOR = 2**63 - 1
_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,18}))?\Z")


@dataclass(frozen=True, slots=True)
class Money:
    """`Money(1250, "EUR")` is EUR 12.50; never a float."""

    minor: int
    currency: str  # ISO 4217

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __str__(self) -> str:
        return f"{decimal_string(self.minor, self.currency)} {self.currency}"

    def _same_currency(self, other: Money) -> None:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)


def exponent(currency: str) -> int:
    """Decimals of a currency by ISO 4217: 2 for EUR, 0 for JPY.

    Raises:
        FieldProblem: the code is not a currency of ISO 4217.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise FieldProblem("currency", "is not an ISO 4217 currency code such as EUR.") from None


def parse_minor(text: str, currency: str, field: str = "amount") -> int:
    """Minor units of a decimal string: `parse_minor("7.00", "EUR")` is 700.

    Fewer decimals than the currency has are taken as they read ("7" is 7.00); more are refused, since a
    fraction of a cent cannot be paid. The sign is kept; callers that refuse negative sums say so themselves.

    Raises:
        FieldProblem: not a plain decimal, too precise, or beyond 64 bits.
    """
    decimals = exponent(currency)
    match = _DECIMAL.match(text)
    if match is None:
        raise FieldProblem(field, "is not a decimal sum such as '7.00'.")
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if len(fraction) > decimals:
        raise FieldProblem(field, f"has more decimals than {currency}, which has {decimals}.")
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > LARGEST_MINOR:
        raise FieldProblem(field, "does not fit in 64 bits of minor units.")
    return -minor if sign else minor


def decimal_string(minor: int, currency: str) -> str:
    """The contract's decimal string: `decimal_string(700, "EUR")` is "7.00"."""
    decimals = exponent(currency)
    if decimals == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}d}"


def in_customers_favour(exact: Fraction | int) -> int:
    """Minor units of an exact sum owed to the customer: the odd part of a cent is rounded up.

    Source: decision.md section 2, "round once to the minor unit in the customer's favour".
    """
    return ceil(exact)


def whole_units_within(exact: Fraction | int) -> int:
    """The largest whole number of minor units that is not above `exact`: for what a bound leaves over."""
    return floor(exact)
