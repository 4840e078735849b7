"""Statistics of small numbers: exact where they say so, and right as often as they say."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from policyservice.reports.statistics.beta import quantile, share_below
from policyservice.reports.statistics.discoveries import discovered
from policyservice.reports.statistics.ranks import fisher, ranked
from policyservice.reports.statistics.rates import Change, compared


@pytest.mark.parametrize(("n", "k", "x"), [(5, 2, 0.5), (40, 39, 0.9), (200, 10, 0.02), (7, 7, 0.4), (1, 1, 0.3)])
def test_the_beta_distribution_is_the_binomial_tail(n: int, k: int, x: float):
    tail = sum(comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(k, n + 1))

    assert share_below(x, k, n - k + 1) == pytest.approx(tail, rel=1e-10)
    assert quantile(tail, k, n - k + 1) == pytest.approx(x, rel=1e-9)


def test_the_beta_distribution_ends_at_0_and_1_and_is_even_about_its_middle():
    assert (share_below(0, 2, 3), share_below(1, 2, 3)) == (0.0, 1.0)
    assert share_below(0.5, 0.5, 0.5) == pytest.approx(0.5)
    assert share_below(0.3, 2.5, 7.1) == pytest.approx(1 - share_below(0.7, 7.1, 2.5))


def test_a_rate_that_clearly_fell_is_down_one_that_clearly_rose_is_up_and_a_few_cases_tell_nothing():
    assert compared([10] * 14, [4] * 14).change is Change.DOWN
    assert compared([4] * 14, [10] * 14).change is Change.UP
    assert compared([1, 0, 1, 0, 0, 1, 0], [0] * 7).change is Change.CANNOT_TELL
    assert compared([10] * 6, [0] * 6).change is Change.CANNOT_TELL  # too few days
    assert compared([0] * 14, [0] * 14).change is Change.CANNOT_TELL
    assert compared((), ()).ratio is None


def test_the_interval_of_a_ratio_is_the_exact_one_of_a_binomial_share():
    found = compared([1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0])
    low, high = quantile(0.025, 2, 8), quantile(0.975, 3, 7)

    assert found.dispersion == 1.0
    assert (found.low, found.high) == (pytest.approx(low / (1 - low)), pytest.approx(high / (1 - high)))
    assert found.ratio == pytest.approx(2 / 7)


def test_days_that_scatter_widen_the_interval():
    even, scattered = compared([6] * 14, [4] * 14), compared([0, 12] * 7, [0, 8] * 7)

    assert scattered.dispersion > 2
    assert scattered.low < even.low
    assert scattered.high is not None
    assert even.high is not None
    assert scattered.high > even.high


@pytest.mark.parametrize("scatter", [None, 2.0])
def test_where_nothing_changed_a_change_is_claimed_in_about_one_of_twenty_at_most(scatter: float | None):
    random = np.random.default_rng(1)
    claims = 0
    for _ in range(1_000):
        mean = np.full(56, 3.0) if scatter is None else random.gamma(scatter, 3.0 / scatter, 56)
        days = random.poisson(mean).tolist()
        claims += compared(days[:28], days[28:]).change is not Change.CANNOT_TELL
    assert claims <= 65  # 50 are expected at most


def test_a_rate_that_was_halved_is_found():
    random = np.random.default_rng(2)
    found = sum(
        compared(random.poisson(4, 28).tolist(), random.poisson(2, 28).tolist()).change is Change.DOWN
        for _ in range(200)
    )
    assert found >= 190


def by_counting(group: list[int], others: list[int]) -> float:
    """The two-sided p-value by counting every choice of the group."""
    values = sorted(group + others)
    ranks = {value: sum(i + 1 for i, v in enumerate(values) if v == value) / values.count(value) for value in values}
    seen = sum(ranks[value] for value in group)
    sums = [sum(ranks[v] for v in chosen) for chosen in combinations(values, len(group))]
    below = sum(each <= seen + 1e-9 for each in sums) / len(sums)
    above = sum(each >= seen - 1e-9 for each in sums) / len(sums)
    return min(1.0, 2 * min(below, above))


@pytest.mark.parametrize("seed", range(20))
def test_the_rank_sum_test_is_exact_with_ties_whichever_sample_is_smaller(seed: int):
    random = np.random.default_rng(seed)
    group = random.integers(0, 4, random.integers(1, 7)).tolist()
    others = random.integers(0, 5, random.integers(1, 7)).tolist()

    found = ranked(group, others)

    assert found.p == pytest.approx(by_counting(group, others))
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in group for b in others]
    assert found.higher == pytest.approx(sum(pairs) / len(pairs))


def test_values_that_are_all_the_same_are_even():
    assert ranked([3] * 5, [3] * 9) == ranked([3] * 500, [3] * 900)
    assert (ranked([3] * 5, [3] * 9).higher, ranked([3] * 5, [3] * 9).p) == (0.5, 1.0)


def test_large_samples_agree_with_the_exact_test():
    random = np.random.default_rng(4)
    group, others = random.integers(0, 30, 40).tolist(), random.integers(2, 32, 60).tolist()
    import policyservice.reports.statistics.ranks as module

    exact = ranked(group, others).p
    least, module._MOST_WORK = module._MOST_WORK, 0
    try:
        approximate = ranked(group, others).p
    finally:
        module._MOST_WORK = least
    assert approximate == pytest.approx(exact, rel=0.1)


def test_where_nearly_all_are_the_same_the_exact_test_of_a_share_is_taken():
    group, others = [5] * 4 + [0] * 96, [5] * 4 + [0] * 4_896

    assert ranked(group, others).p == pytest.approx(fisher(4, 100, 8, 5_000))
    assert fisher(0, 5, 5, 10) == pytest.approx(2 / comb(10, 5))


@pytest.mark.parametrize("sizes", [(30, 300), (6, 40), (25, 2_000)])
def test_a_test_finds_nothing_in_nothing_as_often_as_it_says(sizes: tuple[int, int]):
    random = np.random.default_rng(5)
    draws = 300
    below = 0
    for _ in range(draws):
        values = random.choice([0, 0, 0, 500, 500, 700, 1000], sum(sizes)).tolist()
        below += ranked(values[: sizes[0]], values[sizes[0] :]).p <= 0.05
    assert below <= 0.05 * draws + 3 * (0.05 * 0.95 * draws) ** 0.5


def test_discoveries_hold_against_the_number_of_tests():
    assert discovered([]) == []
    assert discovered([0.05]) == [True]
    assert discovered([0.051]) == [False]
    harmonic = 1 + 1 / 2
    assert discovered([0.05 / (2 * harmonic), 1.0]) == [True, False]
    assert discovered([0.05 / (2 * harmonic) + 1e-9, 1.0]) == [False, False]
    assert discovered([0.05 / harmonic, 0.05 / harmonic]) == [True, True]
