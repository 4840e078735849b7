from __future__ import annotations

import hashlib

import numpy as np
import pytest

from policyservice.costs.curves import simulated_lines
from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import DEFAULTS, for_case
from policyservice.costs.simulation import DRAWS, HIGH_RANK, LOW_RANK, low_and_high, simulated
from tests.costs.factories import a_set


def test_the_ranks_are_exactly_the_5_and_95_percent_quantiles() -> None:
    assert (LOW_RANK * 100, HIGH_RANK * 100) == (5 * (DRAWS - 1), 95 * (DRAWS - 1))
    assert low_and_high(np.arange(DRAWS)[::-1].astype(float)) == (LOW_RANK, HIGH_RANK)


def test_every_draw_lies_in_its_range_and_a_point_stays_a_point() -> None:
    for symbol, draws in simulated(for_case((), "a")).items():
        assert draws.shape == (DRAWS,)
        assert float(DEFAULTS[symbol].low) <= draws.min()
        assert draws.max() <= float(DEFAULTS[symbol].high)
    assert set(simulated(for_case((), "a"))["c_ext"]) == {750.0}


@pytest.mark.parametrize("symbol", [s for s, v in DEFAULTS.items() if v.low < v.high])
def test_the_draws_follow_a_triangle_over_the_range(symbol: str) -> None:
    default, draws = DEFAULTS[symbol], simulated(for_case((), "a"))[symbol]
    width = float(default.high - default.low)

    mean = float(default.low + default.value + default.high) / 3
    below = float((default.value - default.low) / (default.high - default.low))

    assert draws.mean() == pytest.approx(mean, abs=0.01 * width)
    assert (draws < float(default.value)).mean() == pytest.approx(below, abs=0.01)


def test_changing_one_parameter_moves_no_other_draws() -> None:
    before, after = simulated(for_case((), "a")), simulated(for_case((a_set(V="80"),), "a"))

    assert [s for s in before if not np.array_equal(before[s], after[s])] == ["V"]


def test_the_draws_are_these_for_ever() -> None:
    # if this moves, logged estimates no longer replay: restore the draws, do not edit the sum
    drawn = simulated(for_case((), "a"))
    sums = hashlib.sha256(b"".join(drawn[s].astype("<f8").tobytes() for s in sorted(drawn))).hexdigest()

    assert sums == "b7e28313b214772a071f393a2d3fa94b286e1b900f59b093dd0176ab5f224ac4"


# Check values of the cost model: median, 5 % and 95 % with triangular uncertainty. The simulation's own
# chance error is about 0.1.
@pytest.mark.parametrize(
    ("amount", "view", "median", "low", "high"),
    [
        (7, "cash", 13.6, 4.7, 26.2),
        (7, "full", 21.8, 11.3, 35.6),
        (20, "cash", 5.0, -5.7, 19.0),
        (50, "full", -6.5, -23.6, 12.3),
    ],
)
def test_the_simulated_saving_has_the_check_values(
    amount: int, view: str, median: float, low: float, high: float
) -> None:
    line = simulated_lines(for_case((), "a"))[2 * VIEWS.index(view) + 1]
    saving = line.fixed + line.slope * amount

    assert float(np.median(saving)) == pytest.approx(median, abs=0.1)
    assert low_and_high(saving) == pytest.approx((low, high), abs=0.25)


@pytest.mark.parametrize(("view", "median", "low", "high"), [("cash", 28, 13, 58), ("full", 40, 22, 75)])
def test_the_simulated_break_even_has_the_check_values(view: str, median: float, low: float, high: float) -> None:
    line = simulated_lines(for_case((), "a"))[2 * VIEWS.index(view) + 1]
    amounts = line.fixed / -line.slope

    assert float(np.median(amounts)) == pytest.approx(median, abs=0.6)
    assert low_and_high(amounts) == pytest.approx((low, high), abs=1.0)
