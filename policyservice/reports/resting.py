"""What the estimates of a report rest on: the parameters each decision was estimated with, by version."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from sqlalchemy import Connection

from policyservice.costs.escalation import escalating
from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import CostParameters, for_case
from policyservice.costs.provenance import resting_on_defaults
from policyservice.decisions import cost_versions
from policyservice.domain.money import exponent
from policyservice.reports.figures import PLACE, Vector
from policyservice.rulebook.model import CostSet

Lines = Mapping[str, tuple[float, float, float, float]]
"""For each view two lines in the remedy's cost, each as fixed part and slope: all of the cost of escalating, and what
of it rests on defaults.
"""


class Versions:
    """The cost parameters of each version, read once per report."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._sets: dict[int, tuple[CostSet, ...]] = {}
        self._found: dict[tuple[int, str, str], CostParameters] = {}
        self._lines: dict[tuple[int, str, str], Lines] = {}

    def parameters(self, version: int, reason: str, channel: str) -> CostParameters:
        """What cases of a reason in a channel were estimated with; sets for single queues are left aside."""
        key = (version, reason, channel)
        if key not in self._found:
            if version not in self._sets:
                self._sets[version] = cost_versions.read(self._conn, version)
            self._found[key] = for_case(self._sets[version], reason, channel)
        return self._found[key]

    def lines(self, version: int, reason: str, channel: str) -> Lines:
        """The estimate of such cases as lines in the remedy's cost: see `Lines`."""
        key = (version, reason, channel)
        if key not in self._lines:  # by name: comparing whole sets of parameters takes longer than reckoning
            self._lines[key] = _lines(self.parameters(*key))
        return self._lines[key]


class Resting:
    """For each view the estimated cost of escalating, and how much of it rests on defaults, in minor units."""

    __slots__ = ("resting", "whole")

    def __init__(self) -> None:
        self.whole = dict.fromkeys(VIEWS, 0)
        self.resting = dict.fromkeys(VIEWS, 0.0)

    def count(self, lines: Lines, currency: str, vector: Vector) -> None:
        """Count estimates that were made with the same parameters: the cost is a line, so their mean stands for all."""
        estimated = vector[PLACE["estimated"]]
        if estimated <= 0:
            return
        mean = vector[PLACE["estimated_remedy"]] / (estimated * 10 ** exponent(currency))
        for view, (fixed, slope, resting, resting_slope) in lines.items():
            expected, whole = vector[PLACE[f"escalation_{view}_expected"]], fixed + slope * mean
            self.whole[view] += expected
            self.resting[view] += expected * (resting + resting_slope * mean) / whole if whole else 0.0

    def shares(self) -> Mapping[str, float | None]:
        """For each view the share that rests on defaults, 0 to 1; None where nothing was estimated."""
        return {view: self.resting[view] / whole if whole else None for view, whole in self.whole.items()}


@lru_cache(maxsize=256)
def _lines(parameters: CostParameters) -> Lines:
    without, with_one = (resting_on_defaults(parameters, Fraction(cost)) for cost in (0, 1))
    found = {}
    for view, line in escalating(parameters.stated()).items():
        resting = without[view] * line.fixed
        more = with_one[view] * (line.fixed + line.slope) - resting
        found[view] = (float(line.fixed), float(line.slope), float(resting), float(more))
    return found
