"""The adjusted comparison against a truth that is known: it holds it, finds nothing in nothing, and claims no more."""

from __future__ import annotations

import numpy as np
import pytest

from policyservice.costs.trusting import (
    LEAST_OF_EACH,
    WEAKNESS,
    Finding,
    Grade,
    Handled,
    band_of,
    compared,
)
from policyservice.domain.vocabulary import LANGUAGES

SEEDS = 200


def simulated(
    seed: int,
    *,
    effect: float = 0.0,
    cases: int = 600,
    by_loss: float = 0.0,
    hidden: float = 0.0,
    leaves_a_trace: bool = False,
) -> list[Handled]:
    """Cases whose outcome rises with the loss and is `effect` higher where decided at once.

    The larger the loss, the rarer is deciding at once, by `by_loss`; so is it for hard cases, by `hidden`, and hard
    cases come out worse. Hardness is written down as a figure known before where it `leaves_a_trace`.
    """
    draw = np.random.default_rng(seed)
    losses = draw.uniform(0, 60, cases)
    hard = draw.normal(size=cases)
    reasons, tiers, channels = (draw.integers(0, n, cases) for n in (3, 2, 2))
    chance = 1 / (1 + np.exp(by_loss * (losses - 30) / 10 + hidden * hard + 0.4 * (reasons - 1)))
    at_once = draw.uniform(size=cases) < chance
    noise = draw.normal(size=cases) * (1 + losses / 60)  # its spread differs, too
    outcomes = 0.05 * losses + 0.5 * reasons + 0.3 * tiers + hidden * hard + effect * at_once + noise
    return [
        Handled(
            bool(at_once[n]),
            f"r{reasons[n]}",
            float(losses[n]),
            f"t{tiers[n]}",
            f"c{channels[n]}",
            float(outcomes[n]),
            (float(hard[n]),) if leaves_a_trace else (),
        )
        for n in range(cases)
    ]


def covered(**planted: float) -> float:
    """The share of seeds in which the interval holds the truth."""
    truth = planted.get("effect", 0.0)
    found = [compared(simulated(seed, **planted)) for seed in range(SEEDS)]  # type: ignore[arg-type]
    assert {each.grade for each in found} == {Grade.C}
    return (
        sum(each.low <= truth <= each.high for each in found if each.low is not None and each.high is not None) / SEEDS
    )


@pytest.mark.parametrize(
    "planted", [{"effect": 0.8}, {"effect": -0.5, "by_loss": 0.05, "cases": 1500}, {"effect": 0.0}]
)
def test_the_interval_holds_the_truth_about_95_times_in_a_hundred(planted: dict[str, float]):
    assert 0.91 <= covered(**planted) <= 0.985


def test_selection_that_is_written_down_fools_the_plain_comparison_and_not_the_adjusted_one():
    found = [compared(simulated(seed, by_loss=0.3, cases=1500)) for seed in range(60)]

    assert np.mean([each.plain for each in found]) < -0.3  # though deciding at once did nothing
    assert abs(np.mean([each.difference for each in found if each.difference is not None])) < 0.05


def test_where_nothing_is_there_it_finds_nothing_about_95_times_in_a_hundred():
    found = [compared(simulated(seed)).finding for seed in range(SEEDS)]

    assert found.count(Finding.NONE) / SEEDS >= 0.91
    assert set(found) <= {Finding.NONE, Finding.LESS, Finding.MORE}


def test_an_effect_that_is_there_is_found_with_its_sign():
    assert compared(simulated(1, effect=1.5)).finding is Finding.MORE
    assert compared(simulated(1, effect=-1.5)).finding is Finding.LESS


def test_selection_that_left_a_trace_beforehand_is_refused_rather_than_adjusted_away():
    for seed in range(20):
        found = compared(simulated(seed, hidden=0.8, leaves_a_trace=True))

        assert (found.grade, found.finding) == (Grade.D, Finding.NOT_ALIKE)
        assert (found.difference, found.low, found.high) == (None, None, None)
        assert found.imbalance > 0.25


def test_selection_that_nobody_wrote_down_is_never_claimed_to_be_an_effect_of_trusting():
    found = [compared(simulated(seed, hidden=0.4)) for seed in range(20)]

    assert any(each.finding is Finding.LESS for each in found)  # no estimator sees it ...
    for each in found:
        assert each.grade is Grade.C
        if each.finding is Finding.LESS:  # ... so it is said, with how little would explain it
            assert each.weakness is WEAKNESS[Finding.LESS]
            assert "not that trusting was the cause" in each.weakness.en
            assert each.high is not None
            assert each.explained_by == -each.high


def test_too_few_like_cases_are_not_compared():
    cases = simulated(3, cases=2 * LEAST_OF_EACH - 2)
    apart = [Handled(n % 2 == 0, f"r{n % 2}", 10.0, "t", "c", float(n)) for n in range(400)]
    mostly_apart = [*apart, *(Handled(n % 2 == 0, "r9", 10.0, "t", "c", float(n)) for n in range(80))]

    for few in (cases, apart, mostly_apart, []):
        found = compared(few)
        assert (found.grade, found.finding, found.difference) == (Grade.D, Finding.TOO_FEW, None)


def test_with_one_cell_and_no_covariate_it_is_the_difference_of_means():
    draw = np.random.default_rng(5)
    cases = [Handled(n < 40, "r", 7.0, "t", "c", float(draw.normal())) for n in range(100)]
    ones, others = ([case.outcome for case in cases if case.at_once is kind] for kind in (True, False))

    found = compared(cases)

    assert found.difference == pytest.approx(np.mean(ones) - np.mean(others))
    error = np.sqrt(np.var(ones, ddof=1) / 40 + np.var(others, ddof=1) / 60)  # what HC2 is for two groups
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * error)
    assert (found.compared, found.cases) == ((40, 60), (40, 60))


@pytest.mark.parametrize(("loss", "band"), [(0.0, 0), (9.99, 0), (10.0, 1), (19.99, 1), (499.99, 5), (500.0, 6)])
def test_a_loss_at_a_bound_belongs_to_the_band_above(loss: float, band: int):
    assert band_of(loss) == band


def test_what_may_be_said_is_said_in_both_languages():
    assert set(WEAKNESS) == set(Finding)
    assert all(text.get(language) for text in WEAKNESS.values() for language in LANGUAGES)
