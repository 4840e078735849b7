"""A remedy beside an escalation: what each costs, what deciding at once saves, and up to which amount.

The expected figure is the model at the stated parameters, exact and then rounded half to even, so that it
can be reckoned again by hand; the interval is the 5 % to 95 % range of the simulation, widened where needed
to hold the expected figure. All are estimates: none is ever posted to a ledger. Source:
docs/explanation/costs.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

import numpy as np

from policyservice.costs.curves import simulated_lines
from policyservice.costs.escalation import escalating
from policyservice.costs.line import FloatArray, Line
from policyservice.costs.parameters import CostParameters, check_sets, for_case
from policyservice.costs.remedy import deciding
from policyservice.costs.simulation import low_and_high
from policyservice.costs.table import Table
from policyservice.domain.decision import CostEstimate, Range
from policyservice.domain.money import LARGEST_MINOR, exponent
from policyservice.rulebook.model import CostSet


class CostModel:
    """One version of the cost parameters, ready to estimate with; safe to share between threads.

    `version` is stored with each estimate. The parameters are numbers of whole units of whichever currency
    is asked for: nothing is converted.

    Raises:
        InvalidCostParameter: a set holds a value that its symbol cannot have.
    """

    def __init__(self, sets: tuple[CostSet, ...] = (), version: int = 0) -> None:
        check_sets(sets)
        self.sets = sets
        self.version = version
        self._channels = frozenset(name for found in sets for name in found.channels)
        self._queues = frozenset(name for found in sets for name in found.queues)
        self.by_queue = bool(self._queues)
        self._tables: dict[tuple[str, str, str | None, str | None], Table] = {}

    def parameters(self, reason: str, channel: str | None = None, queue: str | None = None) -> CostParameters:
        """What is reckoned with for a case, each parameter with its range and source.

        `queue` is who decides where the case is escalated; it is asked for only where a set names queues (`by_queue`).
        """
        return for_case(self.sets, reason, channel, queue)

    def estimate(
        self,
        reason: str,
        remedy_cost_minor: int,
        fee_minor: int,
        currency: str,
        channel: str | None = None,
        queue: str | None = None,
    ) -> CostEstimate:
        """What a remedy costs beside what escalating the case would have cost, in minor units of `currency`.

        `remedy_cost_minor` is the cost to the company (k*A of the model), `fee_minor` what paying it out
        costs besides. An escalation is taken to cost the same remedy in the share of cases that are
        compensated in the end, without the fee.

        Raises:
            FieldProblem: the code is not a currency of ISO 4217.
        """
        # one table for all channels, and for all queues, that no set names: callers may invent any number of them
        known_channel = channel if channel in self._channels else None
        known_queue = queue if queue in self._queues else None
        key = (reason, currency, known_channel, known_queue)
        table = self._tables.get(key)
        if table is None:
            table = self._table(*key)
        return table.estimate(remedy_cost_minor, fee_minor, self.version)

    def prepare(self, reasons: Iterable[str], currency: str) -> None:
        """Simulate now what estimates for these reasons need, so that no decision waits for it.

        Takes about a tenth of a second for each different set of parameters, twice that for the first of a process.

        Raises:
            FieldProblem: the code is not a currency of ISO 4217.
        """
        for reason, channel, queue in product(reasons, (None, *self._channels), (None, *self._queues)):
            self._table(reason, currency, channel, queue)

    def _table(self, reason: str, currency: str, channel: str | None, queue: str | None) -> Table:
        found = self.parameters(reason, channel, queue)
        table = self._tables[reason, currency, channel, queue] = Table(found, exponent(currency))
        return table

    def break_even(
        self,
        reason: str,
        cost_factor: Fraction,
        fee_minor: int,
        currency: str,
        channel: str | None = None,
        queue: str | None = None,
    ) -> dict[str, Range | None]:
        """The amount (face value) below which deciding at once is cheaper than escalating, in each view.

        0 where escalating is cheaper for every amount. None where no amount is the break-even, since a
        remedy costs no more now than later: it costs the company nothing, or is given in the end in every
        case and induces no claims.

        Raises:
            FieldProblem: the code is not a currency of ISO 4217.
        """
        found = self.parameters(reason, channel, queue)
        unit = 10 ** exponent(currency)
        stated = found.stated()
        direct = deciding(stated)
        drawn = simulated_lines(found)[1::2]
        return {
            view: _break_even(escalated.less(direct), simulated, unit, cost_factor, fee_minor)
            for (view, escalated), simulated in zip(escalating(stated).items(), drawn, strict=True)
        }


def _break_even(
    stated: Line[Fraction], drawn: Line[FloatArray], unit: int, cost_factor: Fraction, fee: int
) -> Range | None:
    """Where the line of the saving meets zero, in minor units of face value; None where it never comes down to it."""
    if cost_factor <= 0 or stated.slope >= 0:
        return None
    expected = _amount((stated.fixed * unit - fee) / (-stated.slope * cost_factor))
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw in which it never comes down: no amount is too large
        amounts = (drawn.fixed * unit - fee) / (-drawn.slope * float(cost_factor))
    low, high = low_and_high(np.nan_to_num(amounts, nan=0.0, posinf=LARGEST_MINOR, neginf=0.0))
    return Range(expected, min(_amount(low), expected), max(_amount(high), expected))


def _amount(exact: Fraction | float) -> int:
    """A face value in minor units, never negative and within 64 bits."""
    return min(max(round(exact), 0), LARGEST_MINOR)
