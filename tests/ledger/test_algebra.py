"""What of a decision counts while a part of its amount stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyservice.domain.decision import Owed
from policyservice.domain.limits import Usage
from policyservice.ledger.algebra import NO_PART, difference, split
from policyservice.ledger.values import Part
from tests.ledger.factories import a_held


def a_mixed_one():
    """EUR 7.00 owed and EUR 5.00 beyond; it costs 60 % of the first and 45 % of the second."""
    return a_held(500, 700, entitled_cost_minor=420, goodwill_cost_minor=225, owed=(Owed("meal", 700),), is_refund=True)


@pytest.mark.parametrize(
    ("standing", "usage"),
    [
        (1200, Usage(500, 700, 225, 420, 1, 0)),
        (701, Usage(1, 700, 1, 420, 1, 0)),  # 0.45 of a cent of cost is one cent
        (700, Usage(0, 700, 0, 420, 0, 1)),
        (699, Usage(0, 699, 0, 420, 0, 1)),  # 419.4 rounded up
        (1, Usage(0, 1, 0, 1, 0, 1)),
    ],
)
def test_the_entitled_part_stands_first_and_costs_follow_rounded_up(standing, usage):
    part = split(a_mixed_one(), standing)

    assert part.usage == usage
    assert part.refunded_minor == standing


def test_nothing_counts_of_what_is_given_back_whole():
    assert split(a_mixed_one(), 0) == NO_PART
    assert split(a_mixed_one(), None) == NO_PART


def test_cumulative_rules_are_owed_one_after_the_other():
    held = a_held(0, 1000, owed=(Owed("first", 600), Owed("second", 400, after_minor=600)))

    assert split(held, 1000).owed == {"first": (600, 1), "second": (400, 1)}
    assert split(held, 601).owed == {"first": (600, 1), "second": (1, 1)}
    assert split(held, 600).owed == {"first": (600, 1), "second": (0, 1)}
    assert split(held, 599).owed == {"first": (599, 1), "second": (0, 1)}


def test_a_remedy_without_a_sum_counts_and_costs_as_long_as_it_stands():
    reconnection = a_held(0, 0, goodwill_cost_minor=200)
    owed = a_held(0, 0, entitled_cost_minor=200, owed=(Owed("reconnect", 0),))

    assert split(reconnection, 0).usage == Usage(goodwill_cost=200, goodwill_count=1)
    assert split(owed, 0).usage == Usage(entitled_cost=200, entitled_count=1)
    assert split(owed, 0).owed == {"reconnect": (0, 1)}
    assert split(owed, None) == NO_PART


def test_the_difference_of_a_part_and_itself_changes_nothing():
    part = split(a_mixed_one(), 900)

    assert difference(part, part) == NO_PART
    assert difference(split(a_mixed_one(), 900), part) == Part(Usage(), 0, {})


@settings(deadline=None)
@given(
    goodwill=st.integers(0, 10**6),
    entitled=st.integers(0, 10**6),
    shares=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    cuts=st.lists(st.integers(0, 2 * 10**6), max_size=5),
)
def test_parts_never_exceed_the_whole_and_changes_add_up(goodwill, entitled, shares, cuts):
    held = a_held(
        goodwill,
        entitled,
        goodwill_cost_minor=goodwill * shares[0] // 100,
        entitled_cost_minor=entitled * shares[1] // 100,
        owed=(Owed("a", entitled // 2), Owed("b", entitled - entitled // 2, entitled // 2)) if entitled else (),
    )
    whole = split(held, held.amount_minor)
    before, total = NO_PART, Usage()
    for standing in [*(min(cut, held.amount_minor) for cut in cuts), held.amount_minor]:
        part = split(held, standing)
        total = total.plus(difference(part, before).usage)
        before = part

        assert part.usage.goodwill_face + part.usage.entitled_face == (standing if held.has_amount else 0)
        assert all(0 <= some <= all_ for some, all_ in zip(part.usage[:4], whole.usage[:4], strict=True))
        assert sum(part.usage[4:]) == (1 if part != NO_PART else 0)
        assert sum(minor for minor, _ in part.owed.values()) == part.usage.entitled_face

    assert total == whole.usage
