"""What escalating everything that was allowed would have cost: an estimate over all of it, with one interval.

The expected figure is the sum of each decision's own. The interval is not the sum of theirs: wages, handling times
and the other parameters are uncertain for all cases alike, so every case is reckoned with the same draw of them, the
costs of one draw are added up, and the interval holds 90 % of these sums. (Adding up lows and highs would be a little
wider; taking the cases for independent would make it far too narrow.)

All are estimates: never added to what was given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from policyservice.costs.compare import CostModel
from policyservice.costs.curves import simulated_lines
from policyservice.costs.line import VIEWS, FloatArray
from policyservice.costs.parameters import SYMBOLS, CostParameters
from policyservice.costs.simulation import low_and_high
from policyservice.domain.decision import Decision, Range
from policyservice.domain.money import exponent
from policyservice.rulebook.model import CostSet, Remedy


@dataclass(frozen=True, slots=True)
class Estimated:
    """The estimate over every allowed decision, in minor units, by view: escalating them, and what was saved by not.

    `on_defaults` and `parameters` say how many of the parameters rest on a default, of all that were used.
    """

    decisions: int
    views: dict[str, tuple[Range, Range]]  # view -> (escalation, saving)
    on_defaults: int
    parameters: int


@dataclass(slots=True)
class Escalating:
    """The sums that the estimate is made from, for one currency."""

    counts: dict[tuple[str, str, str | None], list[int]] = field(default_factory=dict)
    """(reason, remedy, channel) -> [cases, cost]; which queue an allowed case would have gone to is not recorded."""
    expected: dict[str, list[int]] = field(default_factory=lambda: {view: [0, 0] for view in VIEWS})

    def add(self, reason: str, remedy: str, decision: Decision, channel: str | None = None) -> None:
        """Count an allowed decision."""
        cost = decision.cost
        if cost is None:
            return
        cell = self.counts.get((reason, remedy, channel))
        if cell is None:
            cell = self.counts[reason, remedy, channel] = [0, 0]
        cell[0] += 1
        cell[1] += cost.remedy_minor
        for view, sums in self.expected.items():
            escalation, saving = cost.views[view]
            sums[0] += escalation.expected
            sums[1] += saving.expected

    def estimated(self, sets: tuple[CostSet, ...], remedies: dict[str, Remedy], currency: str) -> Estimated:
        """The estimate over everything counted."""
        model = CostModel(sets)
        grouped = self._by_parameters(model, remedies)
        totals = _added_up(grouped, 10 ** exponent(currency))
        views = {
            view: (
                _range(self.expected[view][0], totals[2 * place] if totals else None),
                _range(self.expected[view][1], totals[2 * place + 1] if totals else None),
            )
            for place, view in enumerate(VIEWS)
        }
        defaults = sum(len(parameters.defaults()) for parameters in grouped)
        return Estimated(sum(c for c, _ in self.counts.values()), views, defaults, len(grouped) * len(SYMBOLS))

    def _by_parameters(self, model: CostModel, remedies: dict[str, Remedy]) -> dict[CostParameters, list[int]]:
        """[cases, cost, payment fees] for each set of parameters in use; sums in minor units."""
        grouped: dict[CostParameters, list[int]] = {}
        for (reason, remedy, channel), (cases, cost) in self.counts.items():
            sums = grouped.setdefault(model.parameters(reason, channel), [0, 0, 0])
            for place, more in enumerate((cases, cost, cases * remedies[remedy].fee_minor)):
                sums[place] += more
        return grouped


def _added_up(grouped: dict[CostParameters, list[int]], unit: int) -> list[FloatArray]:
    """For each view the draws of escalating everything, then of the saving; in minor units. Empty where nothing is."""
    totals: list[FloatArray] = []
    for parameters, (cases, cost, fees) in grouped.items():
        for place, line in enumerate(simulated_lines(parameters)):
            drawn = cases * unit * line.fixed + cost * line.slope - (fees if place % 2 else 0)
            if place < len(totals):
                totals[place] = totals[place] + drawn
            else:
                totals.append(drawn)
    return totals


def _range(expected: int, drawn: FloatArray | None) -> Range:
    if drawn is None:
        return Range(expected, expected, expected)
    low, high = low_and_high(drawn)
    return Range(expected, min(expected, round(low)), max(expected, round(high)))
