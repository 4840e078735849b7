from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from policyservice.domain.vocabulary import FactType
from policyservice.engine.expressions import UNPRICED, compile_amount
from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Difference,
    Each,
    FactRef,
    FirstKnown,
    Fixed,
    Largest,
    Least,
    ParameterRef,
    ParameterUnit,
    Share,
    SumOf,
    Unpriced,
)
from tests.engine.models import TODAY, a_fact, a_parameter, a_rulebook, reckoned

PAID = FactRef("order.paid")
BOOK = a_rulebook(
    facts=[a_fact("order.paid", FactType.MONEY), a_fact("order.count"), a_fact("event.day", FactType.DATE)],
    reckoned=[
        reckoned("order.extra", Difference(FactRef("order.count"), FactRef("order.free"))),
        reckoned("order.twice", SumOf((FactRef("order.extra"), FactRef("order.extra")))),
    ],
    parameters=[
        a_parameter("rate", {date(2026, 1, 1): Fraction(15, 100), date(2026, 6, 2): Fraction(20, 100)}),
        a_parameter("dated", {date(2019, 4, 1): 800, date(2025, 4, 1): 998}, in_force_by="event.day"),
        a_parameter("planned", {date(2027, 1, 1): 5, date(2028, 1, 1): None}, unit=ParameterUnit.MONEY),
    ],
)


def value(amount: Amount, day: int = TODAY, **facts):
    """The amount for facts such as `order_paid=700`."""
    return compile_amount(amount, BOOK).value(named(facts), day)


def missing(amount: Amount, **facts):
    """What would have to be found out."""
    return compile_amount(amount, BOOK).missing(named(facts), TODAY)


def named(facts):
    return {name.replace("_", ".", 1): found for name, found in facts.items()}


def test_a_constant_and_a_fact_are_themselves():
    assert value(Fixed(2500)) == 2500
    assert value(PAID, order_paid=700) == 700


@pytest.mark.parametrize(
    ("paid", "expected"), [(0, 0), (1, 1), (7, 1), (8, 1), (9, 2), (800, 100), (801, 101), (2**62, 2**59)]
)
def test_an_odd_part_of_a_cent_is_rounded_up_for_the_customer(paid, expected):
    assert value(Share(Fraction(125, 1000), PAID), order_paid=paid) == expected


def test_shares_of_shares_are_rounded_once():
    third = Share(Fraction(1, 3), Share(Fraction(3, 10), PAID))

    assert value(third, order_paid=101) == 11  # 10.1; rounding 30.3 up first would give 31 / 3 -> 11 as well
    assert value(Share(Fraction(1, 2), Share(Fraction(1, 2), PAID)), order_paid=5) == 2  # 1.25, not 3 / 2 -> 2
    assert value(SumOf((Share(Fraction(1, 3), PAID),) * 3), order_paid=100) == 100  # and not 102


def test_a_large_sum_is_exact():
    assert value(Share(Fraction(1), PAID), order_paid=2**63 - 1) == 2**63 - 1
    assert value(Share(Fraction(1, 3), PAID), order_paid=9007199254740993) == 3002399751580331


@pytest.mark.parametrize(
    ("minutes", "started", "completed"),
    [(0, 0, 0), (1, 1, 0), (60, 1, 1), (61, 2, 1), (119, 2, 1), (120, 2, 2), (-1, 0, 0)],
)
def test_periods_count_when_begun_or_when_completed(minutes, started, completed):
    per = FactRef("order.count")

    assert value(Each(Fixed(1), per, 60, started=True), order_count=minutes) == started
    assert value(Each(Fixed(1), per, 60), order_count=minutes) == completed


def test_a_negative_count_pays_nothing():
    assert value(Each(Fixed(50), FactRef("order.count")), order_count=-2) == 0
    assert value(Each(Fixed(50), FactRef("order.count")), order_count=2) == 100


def test_sums_and_extremes():
    parts = (Fixed(3), PAID, Fixed(9))

    assert value(SumOf(parts), order_paid=5) == 17
    assert value(Least(parts), order_paid=5) == 3
    assert value(Largest(parts), order_paid=5) == 9


def test_a_difference_may_be_negative():
    assert value(Difference(PAID, Fixed(900)), order_paid=700) == -200


@pytest.mark.parametrize(("paid", "expected"), [(3199, 400), (3192, 0), (3193, 400), (3200, 400), (3208, 401), (0, 0)])
def test_what_rounds_up_to_the_smallest_sum_is_paid_and_below_it_nothing_is(paid, expected):
    amount = Bounded(Share(Fraction(125, 1000), PAID), nothing_below=Fixed(400))

    assert value(amount, order_paid=paid) == expected


def test_what_is_too_small_is_nothing_whatever_the_floor():
    amount = Bounded(PAID, nothing_below=Fixed(400), at_least=Fixed(1000))

    assert value(amount, order_paid=399) == 0
    assert value(amount, order_paid=400) == 1000


@pytest.mark.parametrize(("paid", "expected"), [(99, 100), (100, 100), (101, 101), (199, 199), (200, 200), (201, 200)])
def test_a_floor_and_a_ceiling_come_last(paid, expected):
    assert value(Bounded(PAID, at_least=Fixed(100), at_most=Fixed(200)), order_paid=paid) == expected


def test_a_ceiling_lies_above_a_floor_that_is_higher():
    assert value(Bounded(Fixed(1), at_least=Fixed(300), at_most=Fixed(200))) == 200


@pytest.mark.parametrize(
    "amount",
    [
        PAID,
        Share(Fraction(1, 2), PAID),
        Each(Fixed(1), PAID),
        Each(PAID, Fixed(1)),
        SumOf((Fixed(1), PAID)),
        Least((Fixed(1), PAID)),
        Largest((Fixed(1), PAID)),
        Difference(Fixed(1), PAID),
        FirstKnown((PAID, PAID)),
        Bounded(PAID),
        Bounded(Fixed(1), nothing_below=PAID),
        Bounded(Fixed(1), at_least=PAID),
        Bounded(Fixed(1), at_most=PAID),
        SumOf((Unpriced(), PAID)),
        Bounded(Unpriced(), at_most=PAID),
    ],
)
def test_what_rests_on_an_unknown_fact_is_unknown_and_names_it(amount):
    assert value(amount) is None
    assert missing(amount) == ("order.paid",)
    assert value(amount, order_paid=1) is not None
    assert missing(amount, order_paid=1) == ()


def test_the_first_known_is_taken():
    amount = FirstKnown((PAID, FactRef("order.count"), Fixed(40)))

    assert value(amount) == 40
    assert value(amount, order_count=3) == 3
    assert value(amount, order_paid=0, order_count=3) == 0


def test_of_several_unknown_the_one_that_comes_first_is_to_be_found_out():
    assert missing(FirstKnown((PAID, FactRef("order.count")))) == ("order.paid",)


@pytest.mark.parametrize(
    "amount",
    [
        Unpriced(),
        FirstKnown((PAID, Unpriced())),
        Share(Fraction(1, 2), Unpriced()),
        SumOf((Fixed(1), Unpriced())),
        Least((Fixed(1), Unpriced())),
        Each(Unpriced(), Fixed(2)),
        Difference(Fixed(1), Unpriced()),
        Bounded(Unpriced(), at_most=Fixed(3)),
    ],
)
def test_what_has_no_sum_leaves_the_whole_without_one(amount):
    assert value(amount) is UNPRICED
    assert missing(amount) == ()


def test_a_known_sum_goes_before_no_sum():
    assert value(FirstKnown((PAID, Unpriced())), order_paid=5) == 5


def test_a_parameter_changes_on_its_day():
    share = Share(ParameterRef("rate"), PAID)

    assert value(share, TODAY, order_paid=1000) == 150
    assert value(share, TODAY + 1, order_paid=1000) == 200
    assert value(share, date(2025, 12, 31).toordinal(), order_paid=1000) is None


def test_a_parameter_dated_by_a_fact_goes_by_that_date():
    amount = ParameterRef("dated")

    assert value(amount, event_day=date(2025, 3, 31).toordinal()) == 800
    assert value(amount, event_day=date(2025, 4, 1).toordinal()) == 998
    assert value(amount, event_day=date(2019, 3, 31).toordinal()) is None
    assert value(amount) is None
    assert missing(amount) == ("event.day",)


def test_a_parameter_without_a_value_yet_leaves_nothing_to_find_out():
    assert value(ParameterRef("planned")) is None
    assert missing(ParameterRef("planned")) == ()
    assert value(ParameterRef("planned"), date(2027, 1, 1).toordinal()) == 5
    assert value(ParameterRef("planned"), date(2028, 1, 1).toordinal()) is None


def test_a_reckoned_fact_is_followed_down_to_what_it_is_reckoned_from():
    assert missing(FactRef("order.twice")) == ("order.count", "order.free")
    assert missing(FactRef("order.twice"), order_count=1) == ("order.free",)
    assert missing(FactRef("order.twice"), order_twice=4) == ()
