"""One set of parameters in minor units of a currency, laid out so that an estimate takes microseconds."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from math import lcm

from policyservice.costs.curves import Segment, curves
from policyservice.costs.escalation import escalating
from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import CostParameters
from policyservice.costs.remedy import deciding
from policyservice.domain.decision import CostEstimate, Range


class Table:
    """The estimate for one set of parameters and one number of decimals."""

    __slots__ = ("_direct", "_fixed", "_grid", "_paid_anyway", "_parts", "_segments")

    def __init__(self, parameters: CostParameters, decimals: int) -> None:
        unit = 10**decimals
        drawn = curves(parameters)
        self._grid = [x * unit for x in drawn.grid]
        self._segments = [tuple(_in_minor_units(view, unit) for view in segment) for segment in drawn.segments]
        self._set_exact(parameters.stated(), unit)

    def _set_exact(self, stated: dict[str, Fraction], unit: int) -> None:
        """The model's lines in whole parts of a minor unit: exact, and quicker than fractions."""
        direct = deciding(stated)
        escalated = [escalating(stated)[view] for view in VIEWS]
        slope = escalated[0].slope  # q*g, the same in every view
        exact = [slope, direct.slope, *(line.fixed * unit for line in (direct, *escalated))]
        self._parts = 2 * lcm(*(number.denominator for number in exact))  # even, so that it can be halved
        self._paid_anyway, direct_slope, direct_fixed, *self._fixed = (int(n * self._parts) for n in exact)
        self._direct = (direct_fixed, direct_slope)

    def estimate(self, cost: int, fee: int, version: int) -> CostEstimate:
        """The estimate for a remedy's cost and payment fee in minor units.

        Written out flat, since every decision and every line of a back-test waits for it.
        """
        parts = self._parts
        half = parts // 2
        later = self._paid_anyway * cost + half
        now = self._direct[0] + self._direct[1] * cost + fee * parts
        index = max(bisect_right(self._grid, cost) - 1, 0)
        past = cost - self._grid[index]
        views = {}
        for name, fixed, (a, a_slope, b, b_slope, c, c_slope, d, d_slope) in zip(
            VIEWS, self._fixed, self._segments[index], strict=True
        ):
            escalated = fixed + later
            expected, low, high = escalated // parts, round(a + a_slope * past), round(b + b_slope * past)
            saved, least, most = (
                (escalated - now) // parts,
                round(c + c_slope * past) - fee,
                round(d + d_slope * past) - fee,
            )
            views[name] = (
                Range(expected, low if low < expected else expected, high if high > expected else expected),
                Range(saved, least if least < saved else saved, most if most > saved else saved),
            )
        escalation, saving = views["full"]
        return CostEstimate(cost, escalation, saving, views, version)


def _in_minor_units(view: Segment, unit: int) -> Segment:
    """Values are scaled; slopes are minor units per minor unit and stay."""
    return tuple(number if place % 2 else number * unit for place, number in enumerate(view))
