from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from policyservice.costs.calibration.observed import Path
from policyservice.previews.aftermath.generate import ANSWERED_SURVEY, Before, Wish, fates, followed
from policyservice.previews.aftermath.truth import BY_GROUP, USUAL, truth_of

MANY = 40_000
BLOCKED = Before("delivery.late", "chat", "new", 12.5, False, "lead")
AT_ONCE = replace(BLOCKED, at_once=True)


def test_a_seed_gives_the_same_cases_and_another_seed_gives_others() -> None:
    cases, truths = [BLOCKED] * 50, [USUAL] * 50

    assert followed(cases, truths, Wish(1)) == followed(cases, truths, Wish(1))
    assert followed(cases, truths, Wish(1)) != followed(cases, truths, Wish(2))


def test_what_is_drawn_is_the_truth_on_average() -> None:
    found = followed([BLOCKED] * MANY, [USUAL] * MANY, Wish(3))
    escalated = [one for one in found if one.path is Path.ESCALATED]
    granted = [one for one in escalated if one.granted]
    without = [one for one in found if not one.granted]

    assert len(escalated) / MANY == pytest.approx(USUAL.q, abs=0.01)
    assert fmean(one.granted for one in escalated) == pytest.approx(USUAL.g, abs=0.01)
    assert fmean(one.third_tier for one in escalated) == pytest.approx(USUAL.p3, abs=0.01)
    assert fmean(one.repeats for one in escalated) == pytest.approx(USUAL.r, abs=0.02)
    assert fmean(one.complained for one in found) == pytest.approx(USUAL.p_pub, abs=0.003)
    for symbol, tells in (("h1", 0.01), ("h2", 0.02), ("h3", 0.03), ("hr", 0.03)):
        minutes = [one.minutes[symbol] for one in escalated if symbol in one.minutes]
        assert fmean(minutes) == pytest.approx(getattr(USUAL, symbol), rel=3 * tells)
    assert fmean(one.left for one in granted) == pytest.approx(USUAL.leaving + USUAL.d_slow, abs=0.015)
    assert fmean(one.left for one in without) == pytest.approx(USUAL.leaving + USUAL.d_none, abs=0.015)


def test_who_is_served_at_once_leaves_least_and_is_most_pleased() -> None:
    found = followed([AT_ONCE] * MANY, [USUAL] * MANY, Wish(4))
    scores = [one.satisfaction for one in found if one.satisfaction is not None]

    assert {one.path for one in found} == {Path.AT_ONCE}
    assert fmean(one.minutes["hd"] for one in found) == pytest.approx(USUAL.hd, rel=0.03)
    assert fmean(one.left for one in found) == pytest.approx(USUAL.leaving, abs=0.01)
    assert len(scores) / MANY == pytest.approx(ANSWERED_SURVEY, abs=0.01)
    assert fmean(scores) == pytest.approx(USUAL.pleased_at_once, abs=0.03)
    assert set(scores) <= {0, 0.25, 0.5, 0.75, 1}
    assert all(one.queue is None and one.repeats is None and one.complained is None for one in found)


def test_a_case_is_the_same_one_whichever_way_it_is_handled() -> None:
    drawn = fates([USUAL] * 400, Wish(5, hardness_is_known=True))
    pairs = [(drawn.of(place, AT_ONCE), drawn.of(place, BLOCKED)) for place in range(400)]

    assert all(at_once.before == blocked.before for at_once, blocked in pairs)
    assert all(blocked.left for at_once, blocked in pairs if at_once.left)  # being blocked keeps nobody who would go


def test_who_decides_otherwise_than_was_drawn_is_followed() -> None:
    drawn = fates([USUAL] * 50, Wish(6))
    place = next(place for place in range(50) if drawn.is_escalated[place])

    assert drawn.of(place, BLOCKED, granted=False).granted is False
    assert drawn.of(place, BLOCKED, granted=True).granted is True


@pytest.mark.parametrize("selection", [0.0, 0.7])
def test_selection_escalates_harder_cases_and_as_many_as_before(selection: float) -> None:
    drawn = fates([USUAL] * MANY, Wish(7, selection))

    assert drawn.is_escalated.mean() == pytest.approx(USUAL.q, abs=0.01)
    harder = drawn.hardness[drawn.is_escalated].mean() - drawn.hardness[~drawn.is_escalated].mean()
    assert harder == pytest.approx(0 if not selection else 0.7 * 0.3863 * (1 / 0.6 + 1 / 0.4), abs=0.03)


@pytest.mark.parametrize("known", [False, True])
def test_how_hard_a_case_is_shows_only_where_somebody_wrote_it_down(known: bool) -> None:
    (one,) = followed([BLOCKED], [USUAL], Wish(8, 0.5, known))

    assert len(one.before) == known


@pytest.mark.parametrize("selection", [-0.01, 1.0, float("nan")])
def test_a_selection_that_cannot_be_is_refused(selection: float) -> None:
    with pytest.raises(ValueError, match="selection"):
        Wish(1, selection)


def test_a_reason_goes_by_its_group_and_extra_churn_is_the_same_for_all() -> None:
    assert truth_of("billing.error") is BY_GROUP["billing"]
    assert truth_of("delivery.late") is USUAL
    assert {(truth.d_slow, truth.d_none) for truth in BY_GROUP.values()} == {(USUAL.d_slow, USUAL.d_none)}


def test_cases_of_several_reasons_keep_their_order_and_their_own_truth() -> None:
    reasons = ["billing.error", "courtesy.other"] * (MANY // 2)
    found = followed([replace(BLOCKED, reason=each) for each in reasons], [truth_of(each) for each in reasons], Wish(9))
    escalated = np.array([one.path is Path.ESCALATED for one in found])

    assert [one.reason for one in found] == reasons
    assert escalated[::2].mean() == pytest.approx(truth_of("billing.error").q, abs=0.015)
    assert escalated[1::2].mean() == pytest.approx(truth_of("courtesy.other").q, abs=0.015)
