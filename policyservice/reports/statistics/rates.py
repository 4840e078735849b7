"""Whether something happens less often than before, with care for small numbers.

Given how many there were in all, the later ones are binomial where days are alike (Przyborowski and Wilenski 1940); the
interval of their share is exact (Clopper and Pearson 1934), and with it that of the ratio of the rates. Days are seldom
alike: where daily counts scatter more than chance would have them, counts are divided by their dispersion (Wedderburn
1974, quasi-likelihood), which widens the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from policyservice.reports.statistics.beta import quantile

LEAST_DAYS = 7
"""On each side; fewer do not show how days differ."""
_TAIL = 0.025


class Change(StrEnum):
    """What may be said of a rate."""

    DOWN = "down"
    UP = "up"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts of two spans of days, their ratio (after to before) with its 95 % interval, and what may be said.

    The ratio is None where there was nothing before; the upper bound is None where it has no end. `dispersion` is by
    how much daily counts scatter more than chance would have them, 1 or more.
    """

    before: int
    days_before: int
    after: int
    days_after: int
    ratio: float | None
    low: float
    high: float | None
    dispersion: float
    change: Change


def compared(before: Sequence[int], after: Sequence[int]) -> Rates:
    """The counts of each day before and after."""
    a, b = sum(before), sum(after)
    spread = _dispersion(before, after)
    low, high = _interval(a / spread, b / spread, len(before), len(after))
    change = Change.CANNOT_TELL
    if min(len(before), len(after)) >= LEAST_DAYS:
        change = Change.DOWN if high is not None and high < 1 else Change.UP if low > 1 else change
    ratio = (b / len(after)) / (a / len(before)) if a and after else None
    return Rates(a, len(before), b, len(after), ratio, low, high, spread, change)


def _interval(a: float, b: float, days_before: int, days_after: int) -> tuple[float, float | None]:
    if not days_before or not days_after or a + b == 0:
        return 0.0, None
    exposure = days_before / days_after
    least = quantile(_TAIL, b, a + 1) if b > 0 else 0.0
    most = quantile(1 - _TAIL, b + 1, a) if a > 0 else 1.0
    return exposure * least / (1 - least), exposure * most / (1 - most) if most < 1 else None


def _dispersion(*spans: Sequence[int]) -> float:
    """Pearson's: the mean squared residual of daily counts over their expected variance; never below 1."""
    squares, free = 0.0, 0
    for days in spans:
        mean = sum(days) / len(days) if days else 0.0
        if mean > 0:
            squares += sum((count - mean) ** 2 for count in days) / mean
            free += len(days) - 1
    return max(squares / free, 1.0) if free > 0 else 1.0
