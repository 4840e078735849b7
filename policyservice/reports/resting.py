"""What the estimates of a report rest on: the parameters each decision was estimated with, by version."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sqlalchemy import Connection

from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import CostParameters, for_case
from policyservice.costs.provenance import resting_on_defaults
from policyservice.decisions import cost_versions
from policyservice.domain.money import exponent
from policyservice.reports.figures import PLACE, Vector
from policyservice.rulebook.model import CostSet


class Versions:
    """The cost parameters of each version, read once per report."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._sets: dict[int, tuple[CostSet, ...]] = {}
        self._found: dict[tuple[int, str, str], CostParameters] = {}

    def parameters(self, version: int, reason: str, channel: str) -> CostParameters:
        """What cases of a reason in a channel were estimated with; sets for single queues are left aside."""
        key = (version, reason, channel)
        if key not in self._found:
            if version not in self._sets:
                self._sets[version] = cost_versions.read(self._conn, version)
            self._found[key] = for_case(self._sets[version], reason, channel)
        return self._found[key]


class Resting:
    """For each view the estimated cost of escalating, and how much of it rests on defaults, in minor units."""

    __slots__ = ("resting", "whole")

    def __init__(self) -> None:
        self.whole = dict.fromkeys(VIEWS, Fraction(0))
        self.resting = dict.fromkeys(VIEWS, Fraction(0))

    def count(self, parameters: CostParameters, currency: str, vector: Vector) -> None:
        """Count estimates that were made with the same parameters: the cost is a line, so their mean stands for all."""
        estimated = vector[PLACE["estimated"]]
        if estimated <= 0:
            return
        mean = Fraction(vector[PLACE["estimated_remedy"]], estimated * 10 ** exponent(currency))
        shares = resting_on_defaults(parameters, mean)
        for view in VIEWS:
            expected = vector[PLACE[f"escalation_{view}_expected"]]
            self.whole[view] += expected
            self.resting[view] += expected * shares[view]

    def shares(self) -> Mapping[str, Fraction | None]:
        """For each view the share that rests on defaults, 0 to 1; None where nothing was estimated."""
        return {view: self.resting[view] / whole if whole else None for view, whole in self.whole.items()}
