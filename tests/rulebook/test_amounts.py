"""Amounts, as decision.md writes them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyservice.domain.vocabulary import FactType
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
    Share,
    SumOf,
    Unpriced,
)

from .factories import a_rule, load_with, problems_of, rules

PAID = FactRef("order.paid")


def _amount(text: str) -> Amount | None:
    overlay = rules(a_rule(then=f"[{{permit: {{remedy: credit, up_to: {text}}}}}]"))
    return next(rule for rule in load_with(overlay).rules if rule.id == "a-rule").then[0].amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("25.00", Fixed(2500)),
        ("12.35", Fixed(1235)),
        ("0.1", Fixed(10)),
        ("order.paid", PAID),
        ("late-cap", ParameterRef("late-cap")),
        ("{share: 12.5 %, of: order.paid}", Share(Fraction(1, 8), PAID)),
        ("{share: late-share, of: order.paid}", Share(ParameterRef("late-share"), PAID)),
        ("{share: 50 %, of: order.paid, nothing_below: 4.00}", Bounded(Share(Fraction(1, 2), PAID), Fixed(400))),
        ("{each: 50.00, per: order.items}", Each(Fixed(5000), FactRef("order.items"))),
        ("{each: 2.00, per: 3}", Each(Fixed(200), Fixed(3))),
        ("{each: 2.00, per: order.items, completed: 7}", Each(Fixed(200), FactRef("order.items"), 7)),
        (
            "{each: 20.00, per: order.items, started: 10080, at_most: 160.00}",
            Bounded(Each(Fixed(2000), FactRef("order.items"), 10080, started=True), at_most=Fixed(16000)),
        ),
        ("{sum: [order.paid, {least: [1.00, 2.00]}]}", SumOf((PAID, Least((Fixed(100), Fixed(200)))))),
        ("{largest: [order.paid, 2.00]}", Largest((PAID, Fixed(200)))),
        ("{from: order.paid, less: 5.00}", Difference(PAID, Fixed(500))),
        ("{first_known: [order.paid, 40.00]}", FirstKnown((PAID, Fixed(4000)))),
        ("{first_known: [order.paid, unpriced]}", FirstKnown((PAID, Unpriced()))),
    ],
)
def test_an_amount_is_read_as_written(text: str, amount: Amount) -> None:
    assert _amount(text) == amount


@given(st.integers(0, 10**9))
def test_a_sum_is_exactly_the_minor_units_of_its_text(minor: int) -> None:
    from policyservice.rulebook.model import Place
    from policyservice.rulebook.problems import Problems
    from policyservice.rulebook.read.names import Names
    from policyservice.rulebook.read.reading import Reading
    from policyservice.rulebook.text.nodes import Scalar
    from policyservice.rulebook.text.scalars import scalar

    node = scalar(f"{minor // 100}.{minor % 100:02d}", False, Place("f", 1, 1), Problems())

    assert isinstance(node, Scalar)
    assert Reading("base", "EUR", Names(Problems())).sum(node) == minor


def test_a_reckoned_fact_of_counts_is_a_whole_number() -> None:
    book = load_with(
        {
            "base/vocabulary/more.yaml": (
                "reckoned:\n"
                "  bags.extra: {from: order.items, less: bags.free}\n"
                "  bags.free: {each: 2, per: order.days_late, title: {en: Free, fi: Ilmaiset}}\n"
            )
        }
    )

    extra, free = book.reckoned["bags.extra"], book.reckoned["bags.free"]
    assert extra.type is free.type is FactType.INTEGER
    assert extra.expression == Difference(FactRef("order.items"), FactRef("bags.free"))
    assert free.expression == Each(Fixed(2), FactRef("order.days_late"))
    assert (extra.title.en, free.title.en) == ("bags.extra", "Free")


def test_a_reckoned_fact_with_money_anywhere_below_it_is_money() -> None:
    book = load_with(
        {
            "base/vocabulary/more.yaml": (
                "reckoned:\n  a.twice: {sum: [a.left, a.left]}\n  a.left: {from: order.paid, less: order.back}\n"
                "facts:\n  order.back: {type: money, title: {en: a, fi: b}}\n"
            )
        }
    )

    assert book.reckoned["a.twice"].type is FactType.MONEY


def test_a_reckoned_sum_stays_in_its_currency() -> None:
    problems = problems_of(
        {
            "base/vocabulary/more.yaml": "reckoned:\n  a.left: {from: order.paid, less: 5.00}\n",
            "base/rules/more.yaml": "currency: GBP\nrules:\n"
            + a_rule(then="[{permit: {remedy: credit, up_to: a.left}}]"),
        }
    )

    assert len(problems) == 1
    assert "`a.left` is reckoned with sums in EUR; this file is in GBP" in problems[0]


def test_a_sum_in_a_currency_without_decimals_is_a_whole_number() -> None:
    overlay = {"base/rules/more.yaml": "currency: JPY\nrules:\n" + a_rule().replace("5.00", "500")}

    rule = load_with(overlay).rules[-1]

    assert (rule.then[0].amount, rule.currency) == (Fixed(500), "JPY")


def test_a_zero_needs_no_decimals() -> None:
    assert _amount("0") == Fixed(0)
