"""Conditions, and the rules they stand in."""

from __future__ import annotations

from datetime import date

import pytest

from policyservice.domain.vocabulary import Basis
from policyservice.rulebook.model import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    EffectKind,
    Interval,
    Not,
    Op,
    ParameterRef,
    Rule,
)

from .factories import a_rule, load_with, problems_of, rules


def _rule(**parts: str) -> Rule:
    return next(rule for rule in load_with(rules(a_rule(**parts))).rules if rule.id == "a-rule")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("{reason: shop.late}", Compare("reason", Op.IS, "shop.late")),
        ("{reason: shop.*}", Compare("reason", Op.ONE_OF, ("shop.late", "shop.lost"))),
        (
            "{reason: {one_of: [shop.*, other, shop.late]}}",
            Compare("reason", Op.ONE_OF, ("shop.late", "shop.lost", "other")),
        ),
        ("{reason: {is_not: shop.*}}", Compare("reason", Op.NONE_OF, ("shop.late", "shop.lost"))),
        ("{order.paid: {at_least: 12.35}}", Compare("order.paid", Op.AT_LEAST, 1235)),
        ("{order.paid: {more_than: late-cap}}", Compare("order.paid", Op.MORE_THAN, ParameterRef("late-cap"))),
        ("{order.date: {less_than: 2025-01-01}}", Compare("order.date", Op.LESS_THAN, date(2025, 1, 1).toordinal())),
        ("{customer.tier: {at_least: regular}}", Compare("customer.tier", Op.AT_LEAST, "regular")),
        ("{order.beyond: {more_than: -1}}", Compare("order.beyond", Op.MORE_THAN, -1)),
        ("{order.returned: true}", Compare("order.returned", Op.IS, True)),
        ("{order.date: {present: true}}", Compare("order.date", Op.PRESENT, True)),
        ('{note.kind: "late"}', Compare("note.kind", Op.IS, "late")),
        ("{order.category: {none_of: [meal]}}", Compare("order.category", Op.NONE_OF, ("meal",))),
        (
            "{order.days_late: {at_least: 4, less_than: 9}}",
            AllOf((Compare("order.days_late", Op.AT_LEAST, 4), Compare("order.days_late", Op.LESS_THAN, 9))),
        ),
        (
            "{any: [{order.items: 1}, {all: [{order.items: 2}, {not: {order.returned: true}}]}]}",
            AnyOf(
                (
                    Compare("order.items", Op.IS, 1),
                    AllOf((Compare("order.items", Op.IS, 2), Not(Compare("order.returned", Op.IS, True)))),
                )
            ),
        ),
    ],
)
def test_a_condition_is_read_as_written(text: str, condition: Condition) -> None:
    assert _rule(when=text).when == condition


def test_a_rule_carries_what_it_says_of_itself() -> None:
    rule = load_with().rules[0]

    assert (rule.id, rule.basis, rule.currency, rule.pack) == ("late-credit", Basis.GOODWILL, "EUR", "base")
    assert rule.in_force == Interval(date(2024, 9, 1), None)
    assert rule.say is not None
    assert rule.say.fi == "Olen pahoillani."
    assert str(rule.place) == "base/rules/late.yaml:2:5"


def test_an_effect_on_several_remedies_becomes_one_each() -> None:
    rule = _rule(then="[{forbid: {remedies: [refund, credit]}}, {escalate: {every: true, to: legal}}]")

    assert [(effect.kind, effect.remedy, effect.to) for effect in rule.then] == [
        (EffectKind.FORBID, "refund", None),
        (EffectKind.FORBID, "credit", None),
        (EffectKind.ESCALATE, None, "legal"),
    ]


def test_an_effect_may_stand_on_a_basis_of_its_own() -> None:
    rule = _rule(
        basis="contract",
        then="[{entitle: {remedy: refund, amount: order.paid, cumulative: true}}, "
        "{permit: {remedy: credit, up_to: 1.00, basis: goodwill}}]",
    )

    assert [effect.basis for effect in rule.then] == [Basis.CONTRACT, Basis.GOODWILL]
    assert rule.then[0].cumulative


def test_conclusions_take_constants_and_parameters() -> None:
    rule = _rule(then="[{conclude: {case.severe: true, case.points: 10}}]")

    assert [(effect.fact, effect.value) for effect in rule.then] == [("case.severe", True), ("case.points", 10)]


def test_a_declared_code_wins_over_a_parameter_and_a_parameter_of_codes_may_stand_in() -> None:
    parameter = {
        "base/parameters/tier.yaml": "best-tier:\n  what: a\n  unit: code\n  values: {2024-01-01: loyal}\n",
    }
    book = load_with(parameter | rules(a_rule(when="{customer.tier: {at_least: best-tier}}")))

    assert book.rules[-1].when == Compare("customer.tier", Op.AT_LEAST, ParameterRef("best-tier"))


def test_a_parameter_of_codes_must_hold_codes_of_the_fact() -> None:
    parameter = {
        "base/parameters/tier.yaml": "best-tier:\n  what: a\n  unit: code\n  values: {2024-01-01: royal}\n",
    }

    problems = problems_of(parameter | rules(a_rule(when="{customer.tier: best-tier}")))

    assert len(problems) == 1
    assert "has the value `royal`, which is no code of `customer.tier`" in problems[0]
