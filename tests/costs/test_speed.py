from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from policyservice.costs.speed import Served, Speed, speeds, target_of
from policyservice.rulebook.model import SpeedTarget
from tests.fakes import NOON


def served(*minutes: float | None, reason: str = "a", first: bool | None = None) -> list[Served]:
    return [Served(reason, NOON, None if each is None else NOON + timedelta(minutes=each), first) for each in minutes]


def only(found: list[Speed]) -> Speed:
    (one,) = found
    return one


def test_the_times_are_of_the_cases_that_got_a_remedy() -> None:
    found = only(speeds(served(1, 2, 3, 4, 5, 6, 7, 8, 9, 100, None)))

    assert (found.cases, found.remedied) == (11, 10)
    assert (found.median_minutes, found.slow_minutes) == (5, 9)
    assert (found.within, found.is_met, found.target) == (None, None, None)


def test_what_was_settled_in_the_first_contact_is_a_share_of_what_is_known() -> None:
    cases = [*served(1, 1, 1, first=True), *served(1, first=False), *served(1, 1, first=None)]
    found = only(speeds(cases))

    assert (found.known, found.first_contact) == (4, 0.75)
    assert found.low is not None
    assert found.high is not None
    assert 0.3 < found.low < 0.75 < found.high < 0.96


def test_nothing_given_and_nothing_known_is_told_as_such() -> None:
    found = only(speeds(served(None)))

    assert (found.median_minutes, found.slow_minutes, found.first_contact, found.low) == (None, None, None, None)
    assert only(speeds(served(None), [SpeedTarget(10, Fraction(1, 2))])).is_met is None
    assert speeds([]) == []


@pytest.mark.parametrize(("minutes", "is_met"), [(60.0, True), (60.1, False)])
def test_nine_in_ten_within_the_time_included_meet_the_target(minutes: float, is_met: bool) -> None:
    found = only(speeds(served(*[1] * 8, minutes, 5000), [SpeedTarget(60)]))

    assert found.is_met is is_met
    assert found.within == (0.9 if is_met else 0.8)


@pytest.mark.parametrize(("first", "is_met"), [(3, True), (2, False)])
def test_the_share_of_first_contacts_is_met_at_the_target(first: int, is_met: bool) -> None:
    cases = [*served(*[1] * first, first=True), *served(*[1] * (4 - first), first=False)]

    assert only(speeds(cases, [SpeedTarget(first_contact=Fraction(3, 4))])).is_met is is_met
    assert only(speeds(cases, [SpeedTarget(0 + 1, Fraction(3, 4))])).is_met is is_met


def test_the_narrowest_target_stands_and_of_equal_ones_the_later() -> None:
    every, group, own = SpeedTarget(1), SpeedTarget(2, reasons=("a.*",)), SpeedTarget(3, reasons=("a.b",))
    later = SpeedTarget(4)

    assert target_of([own, group, every], "a.b") == own
    assert target_of([own, group, every], "a.c") == group
    assert target_of([every, later, group], "b") == later
    assert target_of([group], "b") is None
