"""What a cost parameter may be, so that no estimate ever fails or reads a number that means nothing."""

from __future__ import annotations

from collections.abc import Container, Mapping
from fractions import Fraction

from policyservice.domain.errors import InvalidCostParameter
from policyservice.rulebook.model import CostValue
from policyservice.rulebook.read.costs import SHARES

LARGEST = Fraction(10**12)
"""Above any wage, margin or time in any currency; keeps the simulation inside what floats hold."""

_DIVISOR = "u"


def check_values(values: Mapping[str, CostValue], known: Container[str]) -> None:
    """Refuse the first value that its symbol cannot have.

    Raises:
        InvalidCostParameter: names the symbol and says what was expected.
    """
    for symbol, found in values.items():
        if symbol not in known:
            raise InvalidCostParameter(symbol, "is not a symbol of the cost model.")
        if expected := _expected(symbol, found):
            raise InvalidCostParameter(symbol, expected)


def _expected(symbol: str, found: CostValue) -> str | None:
    """What is wrong with a value, None where nothing is."""
    if not found.low <= found.value <= found.high:
        return f"the value {_shown(found.value)} must lie within {_shown(found.low)} to {_shown(found.high)}."
    if symbol == _DIVISOR and found.low <= 0:
        return f"must be more than 0 over its whole range, {_shown(found.low)} is not."
    if found.low < 0:
        return f"must not be negative, {_shown(found.low)} is."
    if symbol in SHARES and found.high > 1:
        return f"is a share and must be at most 1, {_shown(found.high)} is more."
    if found.high > LARGEST:
        return f"must be at most {LARGEST}, {_shown(found.high)} is more."
    return None


def _shown(value: Fraction) -> str:
    return f"{float(value):g}" if abs(value) <= LARGEST else "a larger number"
