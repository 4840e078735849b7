"""The intervals of the estimate over what the remedy costs, computed once per set of parameters.

Every simulated cost is a straight line in the remedy's cost x, so its 5 % and 95 % quantiles are smooth
curves of x that become straight for large x. They are computed on a grid and read off by interpolation: a
decision must not wait for a simulation. The grid is x = scale * tan(2 * arctan(t)) with even t from 0 up to 1,
which makes the error of interpolation a nearly even share of the interval's width for a curve that bends at
that scale; the views bend at scales of their own, so the grid has the points of the smallest and the largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from policyservice.costs.escalation import escalating
from policyservice.costs.line import VIEWS, FloatArray, Line
from policyservice.costs.parameters import CostParameters
from policyservice.costs.remedy import deciding
from policyservice.costs.simulation import low_and_high, simulated

POINTS = 24

Segment = tuple[float, ...]
"""One view between two points of the grid: for the low and high of escalating and the low and high of the saving,
each its value at the first point and its slope from there."""


@dataclass(frozen=True, slots=True)
class Curves:
    """For each point of the grid the segments of `VIEWS` from there to the next point.

    `grid` is ascending and begins at 0, in whole currency units as are all values; beyond its last point the
    slopes are those of an endless sum.
    """

    grid: tuple[float, ...]
    segments: tuple[tuple[Segment, ...], ...]


@lru_cache(maxsize=256)
def curves(parameters: CostParameters) -> Curves:
    """The curves of a set of parameters; kept, since a rulebook has few sets and many reasons."""
    lines = simulated_lines(parameters)
    grid = _grid(lines)
    at = [_quantiles([line.fixed + line.slope * x for line in lines]) for x in grid]
    slopes = [_slopes(*pair) for pair in zip(grid, at, grid[1:], at[1:], strict=False)]
    slopes.append(_quantiles([line.slope for line in lines]))
    return Curves(grid, tuple(_segments(*pair) for pair in zip(at, slopes, strict=True)))


def simulated_lines(parameters: CostParameters) -> list[Line[FloatArray]]:
    """For each of `VIEWS` the draws of the cost of escalating, then of the saving before the payment fee."""
    p = simulated(parameters)
    direct = deciding(p)
    return [line for escalated in escalating(p).values() for line in (escalated, escalated.less(direct))]


def _quantiles(draws: list[FloatArray]) -> list[float]:
    """Low and high of each, one after another."""
    return [bound for each in draws for bound in low_and_high(each)]


def _slopes(x: float, here: list[float], next_x: float, there: list[float]) -> list[float]:
    return [(b - a) / (next_x - x) for a, b in zip(here, there, strict=True)]


def _segments(values: list[float], slopes: list[float]) -> tuple[Segment, ...]:
    """One segment for each view, from four quantiles of each and their slopes."""
    flat = [number for pair in zip(values, slopes, strict=True) for number in pair]
    width = len(flat) // len(VIEWS)
    return tuple(tuple(flat[start : start + width]) for start in range(0, len(flat), width))


def _grid(lines: list[Line[FloatArray]]) -> tuple[float, ...]:
    """The tangents written as quotients, since `math.tan` need not be the same on every machine."""
    scales = [scale for line in lines if (scale := _scale(line)) is not None] or [1.0]
    steps = [point / POINTS for point in range(POINTS)]
    return tuple(sorted({scale * 2 * t / (1 - t * t) for scale in (min(scales), max(scales)) for t in steps}))


def _scale(line: Line[FloatArray]) -> float | None:
    """Where uncertainty about the fixed part and about the slope weigh the same: there a curve bends, if it does."""
    fixed, slope = _spread(line.fixed), _spread(line.slope)
    return fixed / slope if fixed > 0 and slope > 0 else None


def _spread(draws: FloatArray) -> float:
    low, high = low_and_high(draws)
    return high - low
