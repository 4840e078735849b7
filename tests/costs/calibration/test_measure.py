"""Calibration against cases whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from policyservice.costs.calibration.beside import beside
from policyservice.costs.calibration.measure import EVERY, LEAST_PER_REASON, MEASURABLE, Measured, measure, proposed
from policyservice.costs.calibration.observed import Observed, Path
from policyservice.costs.escalation import labour
from policyservice.costs.parameters import DEFAULTS, check_sets, for_case
from policyservice.costs.provenance import Origin, provenance
from tests.costs.factories import a_set, a_value

TRUTH = {
    "hd": 3.0,
    "h1": 6.0,
    "h2": 22.0,
    "h3": 30.0,
    "hr": 8.0,
    "p3": 0.18,
    "r": 0.9,
    "q": 0.55,
    "g": 0.62,
    "d_slow": 0.05,
    "d_none": 0.11,
    "p_pub": 0.01,
}


def simulated(seed: int, cases: int = 2500, **changes: float) -> list[Observed]:
    """Cases of two reasons whose parameters are `TRUTH`; large losses are blocked, and lost, oftener."""
    truth, draw = TRUTH | changes, np.random.default_rng(seed)
    return [_case(draw, truth) for _ in range(cases)]


def _case(draw: np.random.Generator, t: dict[str, float]) -> Observed:
    reason, loss = ("delivery.late", "billing.error")[draw.integers(2)], float(draw.uniform(0, 40))
    usual = {"reason": reason, "channel": ("chat", "phone")[draw.integers(2)], "tier": "regular", "loss": loss}
    base = 0.03 + 0.001 * loss
    if draw.uniform() < 0.6 - 0.005 * loss:
        return Observed(Path.AT_ONCE, **usual, minutes={"hd": _minutes(draw, t["hd"])}, left=_is(draw, base))
    if not _is(draw, t["q"]):
        left = _is(draw, base + t["d_none"])
        return Observed(Path.GAVE_UP, **usual, left=left, complained=_is(draw, t["p_pub"]))
    granted, third, repeats = _is(draw, t["g"]), _is(draw, t["p3"]), int(draw.poisson(t["r"]))
    minutes = {"h1": _minutes(draw, t["h1"]), "h2": _minutes(draw, t["h2"])}
    minutes |= {"h3": _minutes(draw, t["h3"])} if third else {}
    minutes |= {"hr": _minutes(draw, t["hr"])} if repeats else {}
    return Observed(
        Path.ESCALATED,
        **usual,
        queue="lead",
        minutes=minutes,
        repeats=repeats,
        third_tier=third,
        granted=granted,
        left=_is(draw, base + t["d_slow" if granted else "d_none"]),
        complained=_is(draw, t["p_pub"]),
    )


def _is(draw: np.random.Generator, chance: float) -> bool:
    return bool(draw.uniform() < chance)


def _minutes(draw: np.random.Generator, average: float) -> float:
    return float(draw.gamma(1.5, average / 1.5))


def overall(found: list[Measured]) -> dict[str, Measured]:
    return {one.symbol: one for one in found if one.reason == EVERY}


def test_over_a_hundred_seeds_every_interval_holds_the_truth_at_least_90_times() -> None:
    held = dict.fromkeys(TRUTH, 0)
    for seed in range(100):
        found = overall(measure(simulated(seed), ()))
        assert set(found) == set(TRUTH) == set(MEASURABLE)
        for symbol, truth in TRUTH.items():
            held[symbol] += found[symbol].estimate.low <= truth <= found[symbol].estimate.high

    assert {symbol: times for symbol, times in held.items() if times < 90} == {}


def test_few_cases_move_the_estimate_little() -> None:
    cases = [Observed(Path.ESCALATED, "a", minutes={"h2": 60.0}, granted=False) for _ in range(2)]
    found = overall(measure(cases, ()))

    assert 15 < found["h2"].estimate.value < 30
    assert 0.65 < found["g"].estimate.value < 0.75
    assert set(found) == {"h2", "g"}


@pytest.mark.parametrize("gave_up", [0, 1])
def test_what_share_is_escalated_is_measured_only_where_somebody_is_known_to_have_given_up(gave_up: int) -> None:
    cases = [Observed(Path.ESCALATED, "a")] * 60 + [Observed(Path.GAVE_UP, "b")] * gave_up

    assert {one.reason for one in measure(cases, ()) if one.symbol == "q"} == ({EVERY, "a"} if gave_up else set())


def test_a_reason_with_just_enough_cases_far_from_all_others_has_an_interval_that_holds_its_truth() -> None:
    draw, held = np.random.default_rng(4), 0
    many = [Observed(Path.ESCALATED, "b", third_tier=each % 10 == 0) for each in range(2000)]
    for _ in range(100):
        few = [Observed(Path.ESCALATED, "a", third_tier=_is(draw, 0.45)) for _ in range(LEAST_PER_REASON)]
        (own,) = (one.estimate for one in measure([*few, *many], ()) if (one.reason, one.symbol) == ("a", "p3"))
        held += own.low <= 0.45 <= own.high

    assert held >= 90


def test_without_cases_nothing_is_measured_and_nothing_proposed() -> None:
    sets = (a_set("a", V="70"),)

    assert measure([], sets) == []
    assert proposed([], sets) == sets


@pytest.mark.parametrize(("cases", "has_own"), [(LEAST_PER_REASON - 1, False), (LEAST_PER_REASON, True)])
def test_a_reason_with_enough_cases_has_a_value_of_its_own_drawn_towards_that_of_all(cases: int, has_own: bool) -> None:
    few = [Observed(Path.ESCALATED, "a", minutes={"h2": 40.0})] * cases
    many = [Observed(Path.ESCALATED, "b", minutes={"h2": 10.0})] * 2000
    own = [one for one in measure([*few, *many], ()) if (one.reason, one.symbol) == ("a", "h2")]

    assert bool(own) is has_own
    for one in own:
        assert 10 < one.estimate.value < 40


def test_what_a_rulebook_states_for_a_reason_is_where_its_estimate_starts() -> None:
    stated = a_set("a", h2=a_value("50", "40", "60"))
    cases = [Observed(Path.ESCALATED, "a", minutes={"h2": 20.0})] * 20
    own = next(one for one in measure(cases, (stated,)) if (one.reason, one.symbol) == ("a", "h2"))

    assert own.before == stated.values["h2"]
    assert 20 < own.estimate.value < 50


def test_churn_is_measured_between_like_cases_or_not_at_all() -> None:
    alone = [Observed(Path.ESCALATED, "a", granted=True, left=True)] * 200
    apart = [Observed(Path.AT_ONCE, "b", left=False)] * 200

    assert "d_slow" not in overall(measure([*alone, *apart], ()))
    measured = overall(measure(simulated(1), ()))["d_slow"].value
    assert measured.source.endswith("adjusted comparison, grade C")


def test_a_proposal_can_be_put_in_force_and_says_what_it_was_measured_on() -> None:
    sets = (a_set("delivery.*", V="70"),)
    proposal = proposed(measure(simulated(2), sets), sets)

    check_sets(proposal)
    assert proposal[0] == sets[0]
    assert all(found.measured for found in proposal[1:])
    parameters = for_case(proposal, "delivery.late")
    assert provenance(parameters["h2"]).origin is Origin.MEASURED
    assert (provenance(parameters["h2"]).cases or 0) > 300
    assert parameters["V"].value == 70
    assert parameters["w1"] == DEFAULTS["w1"]


def test_what_was_measured_before_is_replaced_and_not_held_against_the_cases_again() -> None:
    old = a_set(h2=a_value("99", source="measured on 5 cases"), hd=a_value("4", source="measured on 9 cases"))
    sets = (replace(old, measured=True),)
    cases = [Observed(Path.ESCALATED, "a", minutes={"h2": 20.0})] * 10

    assert measure(cases, sets) == measure(cases, ())
    (found,) = proposed(measure(cases, sets), sets)
    assert found.values["h2"].source == "measured on 10 cases"
    assert found.values["hd"] == old.values["hd"]


def test_the_estimate_stands_beside_what_cases_took() -> None:
    cases = [
        Observed(Path.ESCALATED, "a", minutes={"h1": 5.0, "h2": 15.0}, repeats=0, third_tier=False, granted=True),
        Observed(Path.ESCALATED, "a", minutes={"h1": 5.0, "h2": 45.0}, repeats=2, third_tier=False, granted=False),
        Observed(Path.ESCALATED, "b"),
        Observed(Path.AT_ONCE, "c", minutes={"hd": 2.0}),
    ]
    of_a, of_b = beside(cases, ())

    assert (of_a.reason, of_a.cases, of_b.reason, of_b.cases) == ("a", 2, "b", 1)
    assert of_a.labour_expected == pytest.approx(float(labour(for_case((), "a").stated())))
    assert of_a.labour_low < of_a.labour_expected < of_a.labour_high
    assert of_a.labour_realised == pytest.approx((5 * 32 + 30 * 38 + 1 * 7 * 32) / 42)
    assert of_a.recorded == 1
    assert (of_a.granted_expected, of_a.granted_realised) == (0.75, 0.5)
    assert (of_b.labour_realised, of_b.recorded, of_b.granted_realised) == (None, 0, None)


def test_what_was_not_recorded_is_taken_at_its_stated_value_and_told() -> None:
    (found,) = beside([Observed(Path.ESCALATED, "a", minutes={"h2": 30.0})], ())

    assert found.labour_realised == pytest.approx((962 + 15 * 38) / 42)
    assert found.recorded == pytest.approx(30 * 38 / (962 + 15 * 38))


def test_a_value_is_exact_to_six_decimals_and_lies_within_its_range() -> None:
    found = overall(measure(simulated(3, 200), ()))

    for one in found.values():
        assert one.value.low <= one.value.value <= one.value.high
        assert (one.value.value * 10**6).denominator == 1
        assert isinstance(one.value.value, Fraction)
