from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from policyservice.costs.calibration.shrinkage import PLAIN_FROM, Prior, difference, mean, share

Q = Prior.of_triangle(0.4, 0.7, 0.95)
H2 = Prior.of_triangle(6, 15, 35)


def test_a_prior_has_the_value_and_the_variance_of_its_triangle() -> None:
    draws = np.random.default_rng(1).triangular(6, 15, 35, 400_000)

    assert H2.mean == 15
    assert pytest.approx(draws.var(), rel=0.01) == H2.variance
    assert Prior.of_triangle(15, 15, 15).variance == pytest.approx(0.0225)
    assert Prior.of_triangle(0, 0, 0).variance > 0


def test_without_a_case_the_estimate_is_what_was_held_before() -> None:
    assert share(Q, 0, 0).value == pytest.approx(0.7)
    assert mean(H2, [], 225).value == pytest.approx(15)


def test_few_cases_move_an_estimate_little_and_many_move_it_wholly() -> None:
    few, many = (share(Q, 0, cases).value for cases in (2, 5000))
    assert 0.6 < few < 0.7
    assert many < 0.01
    few, many = (mean(H2, [60.0] * cases, 225).value for cases in (2, 5000))
    assert 15 < few < 30
    assert many == pytest.approx(60, abs=0.1)


def test_a_share_weighs_what_was_held_as_its_variance_says() -> None:
    weight = 0.7 * 0.3 / Q.variance - 1

    assert share(Q, 3, 10).value == pytest.approx((weight * 0.7 + 3) / (weight + 10))


def test_a_mean_weighs_what_was_held_by_the_variance_between_cases() -> None:
    measured = [10.0, 20.0, 30.0]
    between = (200 + 10 * 225) / 12
    weight = between / H2.variance

    assert mean(H2, measured, 225).value == pytest.approx((weight * 15 + 60) / (weight + 3))


def test_a_difference_is_the_mean_weighed_by_certainty_and_never_negative() -> None:
    prior = Prior(0.04, 0.02**2)
    found = difference(prior, 0.08, 0.02, 10)

    assert found.value == pytest.approx(0.06)
    assert found.high - found.value == pytest.approx(1.959964 * 0.02 / sqrt(2))
    negative = difference(prior, -0.5, 0.001, 500)
    assert (negative.value, negative.low, negative.high) == (0, 0, 0)


@pytest.mark.parametrize(("cases", "holds"), [(PLAIN_FROM - 1, False), (PLAIN_FROM, True)])
def test_from_enough_cases_on_a_default_far_off_does_not_make_an_estimate_look_sure(cases: int, holds: bool) -> None:
    sure = Prior(0.9, 0.001**2)

    found = share(sure, 0, cases)

    assert (found.low <= 0.0 <= found.high) is holds


@pytest.mark.parametrize(
    ("truth", "cases"),  # ten cases are enough only near what was held before
    [(0.6, 10), (0.7, 10), *((truth, cases) for truth in (0.02, 0.4, 0.7, 0.97) for cases in (20, 40, 400))],
)
def test_the_interval_of_a_share_holds_the_truth_at_least_90_times_in_a_hundred(truth: float, cases: int) -> None:
    draw = np.random.default_rng(7)
    found = [share(Q, int(draw.binomial(cases, truth)), cases) for _ in range(400)]

    assert sum(each.low <= truth <= each.high for each in found) >= 360


@pytest.mark.parametrize(
    ("truth", "cases"), [(12.0, 10), (12.0, 300), (34.0, 20), (34.0, 300), (90.0, 20), (90.0, 300)]
)
def test_the_interval_of_a_mean_holds_the_truth_at_least_90_times_in_a_hundred(truth: float, cases: int) -> None:
    draw = np.random.default_rng(8)
    found = [mean(H2, list(draw.gamma(2, truth / 2, cases)), 225) for _ in range(400)]

    assert sum(each.low <= truth <= each.high for each in found) >= 360
