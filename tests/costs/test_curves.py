from __future__ import annotations

from bisect import bisect_right

import pytest

from policyservice.costs.curves import curves, simulated_lines
from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import CostParameters, for_case
from policyservice.costs.simulation import low_and_high
from tests.costs.factories import a_set, a_value

SUMS = [0, 0.01, 0.7, 1, 2.5, 3, 7, 9.99, 14, 20, 33.3, 50, 71, 100, 150, 240, 500, 999, 1700, 5000, 1e5, 1e9]


def read_off(parameters: CostParameters, x: float) -> list[float]:
    drawn = curves(parameters)
    index = bisect_right(drawn.grid, x) - 1
    past = x - drawn.grid[index]
    flat = [number for segment in drawn.segments[index] for number in segment]
    return [value + slope * past for value, slope in zip(flat[::2], flat[1::2], strict=True)]


def simulated_again(parameters: CostParameters, x: float) -> list[float]:
    return [bound for line in simulated_lines(parameters) for bound in low_and_high(line.fixed + line.slope * x)]


@pytest.mark.parametrize(
    "parameters",
    [
        for_case((), "a"),
        for_case((a_set(V=a_value("600", "200", "2000")),), "a"),
        for_case((a_set(w1="3500", w2="4200", w3=a_value("6500", "5000", "9000")),), "a"),
        for_case((a_set(i="0", q="0.5", g="0.5"),), "a"),
    ],
    ids=["defaults", "dear customers", "wages in yen", "certain shares"],
)
def test_reading_off_the_curve_differs_from_simulating_by_at_most_a_quarter_percent_of_the_width(
    parameters: CostParameters,
) -> None:
    for x in SUMS:
        exact, read = simulated_again(parameters, x), read_off(parameters, x)
        for low in range(0, 4 * len(VIEWS), 2):
            width = exact[low + 1] - exact[low]
            assert read[low : low + 2] == pytest.approx(exact[low : low + 2], abs=0.0025 * width + 1e-9 * x)


def test_at_the_points_of_the_grid_it_is_the_simulation_itself() -> None:
    parameters = for_case((), "a")

    for x in curves(parameters).grid[::5]:
        assert read_off(parameters, x) == pytest.approx(simulated_again(parameters, x), abs=1e-9)


def test_parameters_that_are_all_certain_have_no_interval() -> None:
    certain = for_case((a_set(**{s: a_value(str(v.value)) for s, v in for_case((), "a").items()}),), "a")

    for x in (0, 7, 1e6):
        read = read_off(certain, x)
        assert read[::2] == pytest.approx(read[1::2])


def test_equal_parameters_are_simulated_once() -> None:
    assert curves(for_case((), "a")) is curves(for_case((), "b"))
