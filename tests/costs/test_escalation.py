from __future__ import annotations

from fractions import Fraction

import pytest

from policyservice.costs.escalation import churn, escalating, labour, outside
from policyservice.costs.parameters import for_case
from tests.costs.factories import a_set


def test_at_the_defaults_an_escalated_case_takes_work_worth_22_90() -> None:
    # (5*32 + 15*38 + 0.1*20*60 + 0.5*7*32) / (60*0.7) = 962 / 42
    assert labour(for_case((), "a").stated()) == Fraction(962, 42)
    assert round(float(labour(for_case((), "a").stated())), 1) == 22.9


def test_at_the_defaults_churn_and_outside_cost_what_the_formula_says() -> None:
    stated = for_case((), "a").stated()

    # 60 * (0.7*(0.75*0.04 + 0.25*0.08) + 0.3*0.08); 0.003*100 + 0*750
    assert churn(stated) == Fraction("3.54")
    assert outside(stated) == Fraction("0.3")


def test_the_cash_view_leaves_out_customers_lost_and_the_full_view_adds_the_outside() -> None:
    stated = for_case((), "a").stated()
    lines = escalating(stated)

    assert list(lines) == ["cash", "churn", "full"]
    assert lines["cash"].fixed == Fraction("0.7") * labour(stated)
    assert lines["churn"].fixed - lines["cash"].fixed == churn(stated)
    assert lines["full"].fixed - lines["churn"].fixed == outside(stated)


def test_a_share_of_the_remedy_is_paid_after_an_escalation_too() -> None:
    assert {line.slope for line in escalating(for_case((), "a").stated()).values()} == {Fraction("0.525")}


def test_an_outside_body_counts_where_its_probability_is_stated() -> None:
    regulated = for_case((a_set(p_ext="0.01"),), "a").stated()

    assert outside(regulated) == Fraction("0.3") + Fraction("7.5")


@pytest.mark.parametrize("symbol", ["w1", "w2", "w3", "h1", "h2", "h3", "p3", "r", "hr"])
def test_every_part_of_the_work_raises_its_cost(symbol: str) -> None:
    before = for_case((), "a").stated()
    after = {**before, symbol: before[symbol] + Fraction("0.01")}

    assert labour(after) > labour(before)


def test_the_less_of_paid_time_is_productive_the_dearer_the_work() -> None:
    before = for_case((), "a").stated()

    assert labour({**before, "u": before["u"] / 2}) == 2 * labour(before)
