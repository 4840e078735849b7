"""Cost parameters for tests: name only what matters."""

from __future__ import annotations

from fractions import Fraction

from policyservice.rulebook.model import CostSet, CostValue


def a_value(value: str, low: str | None = None, high: str | None = None, source: str = "own figure") -> CostValue:
    """A cost value; a point where no range is named."""
    return CostValue(
        Fraction(value),
        Fraction(value if low is None else low),
        Fraction(value if high is None else high),
        source,
    )


def a_set(*reasons: str, **values: CostValue | str) -> CostSet:
    """A set for `reasons` (none: every case); a plain text is a value without a range."""
    return CostSet({s: a_value(v) if isinstance(v, str) else v for s, v in values.items()}, reasons)
