from __future__ import annotations

from fractions import Fraction

import pytest

from policyservice.costs.compare import CostModel
from policyservice.domain.decision import Range
from policyservice.domain.errors import FieldProblem
from policyservice.domain.money import LARGEST_MINOR
from tests.costs.factories import a_set, a_value

DEFAULT = CostModel()


def break_even(model: CostModel, factor: str = "1", fee: int = 0, currency: str = "EUR") -> dict[str, Range | None]:
    return model.break_even("delivery.late", Fraction(factor), fee, currency)


def some(found: Range | None) -> Range:
    assert found is not None
    return found


@pytest.mark.parametrize(("view", "expected", "low", "high"), [("cash", 25, 13, 58), ("full", 32, 22, 75)])
def test_at_the_defaults_it_has_the_check_values(view: str, expected: int, low: int, high: int) -> None:
    found = some(break_even(DEFAULT)[view])

    assert round(found.expected / 100) == expected
    assert (found.low / 100, found.high / 100) == pytest.approx((low, high), abs=1)


@pytest.mark.parametrize("view", ["cash", "churn", "full"])
def test_one_cent_below_it_deciding_saves_and_one_above_it_does_not(view: str) -> None:
    amount = some(break_even(DEFAULT)[view]).expected

    assert DEFAULT.estimate("a", amount - 1, 0, "EUR").views[view][1].expected >= 0
    assert DEFAULT.estimate("a", amount + 1, 0, "EUR").views[view][1].expected <= 0


def test_each_view_raises_it() -> None:
    cash, churn, full = (some(found) for found in break_even(DEFAULT).values())

    assert cash.expected < churn.expected < full.expected


def test_what_costs_the_company_half_may_be_given_up_to_twice_the_amount() -> None:
    whole, half = some(break_even(DEFAULT)["full"]), some(break_even(DEFAULT, "1/2")["full"])

    assert half.expected == pytest.approx(2 * whole.expected, abs=1)
    assert (half.low, half.high) == pytest.approx((2 * whole.low, 2 * whole.high), abs=2)


def test_a_payment_fee_lowers_it() -> None:
    assert some(break_even(DEFAULT, fee=35)["full"]).expected < some(break_even(DEFAULT)["full"]).expected


def test_it_is_nothing_where_deciding_costs_more_than_an_escalation_at_any_amount() -> None:
    assert break_even(DEFAULT, fee=10_000_00) == dict.fromkeys(("cash", "churn", "full"), Range(0, 0, 0))


def test_there_is_none_for_a_remedy_that_costs_the_company_nothing() -> None:
    assert break_even(DEFAULT, "0") == dict.fromkeys(("cash", "churn", "full"))


def test_there_is_none_where_the_remedy_costs_as_much_later_as_now() -> None:
    assert break_even(CostModel((a_set(q="1", g="1", i="0"),)))["full"] is None


def test_where_some_draws_have_none_the_upper_bound_is_the_largest_sum() -> None:
    nearly = a_set(q="1", g="1", i=a_value("0.000000000000000000001"))

    assert some(break_even(CostModel((nearly,)))["full"]).high == LARGEST_MINOR


def test_yen_are_whole() -> None:
    euro, yen = some(break_even(DEFAULT)["full"]), some(break_even(DEFAULT, currency="JPY")["full"])

    assert yen.expected == round(euro.expected / 100)


def test_an_unknown_currency_is_a_field_problem() -> None:
    with pytest.raises(FieldProblem):
        break_even(DEFAULT, currency="XXX")
