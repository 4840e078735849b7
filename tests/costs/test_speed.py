from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import pytest

from policyservice.costs.speed import LEAST_CASES, Speed, Tally, speed, target_of
from policyservice.rulebook.model import SpeedTarget


def tally(minutes: Iterable[int | None], *, settled: int = 0, again: int = 0) -> Tally:
    """Cases with these times, and others of which it is known whether the first contact was enough."""
    found = Tally()
    for each in minutes:
        found.count(1, each, None)
    found.count(settled, None, True)
    found.count(again, None, False)
    return found


def of_one(found: Tally, *targets: SpeedTarget) -> Speed:
    return speed({"a": found}, targets, of="a")


def test_the_times_are_of_the_cases_that_got_a_remedy() -> None:
    found = of_one(tally([*range(1, 19), 100, 5000, None]))

    assert (found.cases, found.given) == (21, 20)
    assert (found.median_minutes, found.slow_minutes) == (10, 18)
    assert (found.aimed, found.within, found.is_met, found.target) == (0, None, None, None)


def test_what_was_settled_in_the_first_contact_is_a_share_of_what_is_known() -> None:
    found = of_one(tally([1, 2], settled=15, again=5))

    assert (found.cases, found.known, found.first_contact) == (22, 20, 0.75)
    assert found.low is not None
    assert found.high is not None
    assert 0.5 < found.low < 0.75 < found.high < 0.95


@pytest.mark.parametrize(("cases", "is_told"), [(LEAST_CASES, True), (LEAST_CASES - 1, False)])
def test_of_too_few_cases_their_number_is_told_and_nothing_else(cases: int, is_told: bool) -> None:
    times = of_one(tally([5] * cases), SpeedTarget(60))
    assert (times.cases, times.given, times.aimed) == (cases, cases, cases)
    told = [times.median_minutes, times.slow_minutes, times.within, times.is_met]
    assert told == ([5, 5, 1.0, True] if is_told else [None] * 4)

    shares = of_one(tally([], settled=cases), SpeedTarget(first_contact=Fraction(1, 2)))
    assert shares.known == cases
    assert (shares.first_contact, shares.is_met) == ((1.0, True) if is_told else (None, None))
    assert (shares.low is None, shares.high is None) == (not is_told, not is_told)


def test_of_no_cases_nothing_is_told() -> None:
    found = speed({}, [SpeedTarget(10, Fraction(1, 2))], of="a")

    assert (found.cases, found.given, found.known) == (0, 0, 0)
    assert (found.median_minutes, found.first_contact, found.is_met) == (None, None, None)


@pytest.mark.parametrize(("minutes", "is_met"), [(60, True), (61, False)])
def test_nine_in_ten_within_the_time_included_meet_the_target(minutes: int, is_met: bool) -> None:
    found = of_one(tally([*[1] * 17, minutes, 5000, 5000]), SpeedTarget(60))

    assert found.is_met is is_met
    assert found.within == (0.9 if is_met else 0.85)


@pytest.mark.parametrize(("settled", "is_met"), [(15, True), (14, False)])
def test_the_share_of_first_contacts_is_met_at_the_target(settled: int, is_met: bool) -> None:
    cases = tally([1] * 20, settled=settled, again=20 - settled)

    assert of_one(cases, SpeedTarget(first_contact=Fraction(3, 4))).is_met is is_met
    assert of_one(cases, SpeedTarget(1, Fraction(3, 4))).is_met is is_met


def test_one_aim_that_is_missed_decides_and_one_that_is_not_known_leaves_it_open() -> None:
    late, quick = tally([100] * 20), tally([1] * 20)
    both = SpeedTarget(60, Fraction(3, 4))

    assert of_one(late, both).is_met is False
    assert of_one(quick, both).is_met is None


def test_several_reasons_are_held_against_their_own_times_and_no_single_target() -> None:
    cases = {"a.x": tally([50] * 12), "b.x": tally([50] * 10), "c": tally([1] * 30)}
    found = speed(cases, [SpeedTarget(60, reasons=("a.*",)), SpeedTarget(40, reasons=("b.*",))])

    assert (found.cases, found.given, found.aimed) == (52, 52, 22)
    assert found.within == pytest.approx(12 / 22)
    assert (found.target, found.is_met) == (None, None)
    assert found.median_minutes == 1


def test_tallies_that_are_added_count_as_if_counted_together() -> None:
    one, other = tally([1, 2, None], settled=2, again=1), tally([2, 3], settled=1)
    one.add(other)

    assert one == tally([1, 2, None, 2, 3], settled=3, again=1)


def test_the_narrowest_target_stands_and_of_equal_ones_the_later() -> None:
    every, group, own = SpeedTarget(1), SpeedTarget(2, reasons=("a.*",)), SpeedTarget(3, reasons=("a.b",))
    later = SpeedTarget(4)

    assert target_of([own, group, every], "a.b") == own
    assert target_of([own, group, every], "a.c") == group
    assert target_of([every, later, group], "b") == later
    assert target_of([group], "b") is None
