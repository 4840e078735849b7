"""Decision tables spread out to rules."""

from __future__ import annotations

from fractions import Fraction

from policyservice.rulebook.model import AllOf, Compare, EffectKind, FactRef, Op, Share

from .factories import a_table, load_with, problems_of

SHARE_OF_PAID = "[{entitle: {remedy: credit, amount: {share: $share, of: order.paid}}}]"
LATE = Compare("reason", Op.IS, "shop.late")


def test_each_row_becomes_a_rule_with_the_tables_condition_and_its_own_cells() -> None:
    book = load_with(
        a_table(
            table_id="delay-repay",
            columns="[order.days_late, order.category, $share]",
            rows=(
                '      - [{at_least: 120}, "-", 100 %]\n'
                "      - [{at_least: 60}, meal, 12.35 %]\n"
                "      - {id: otherwise, title: {en: None, fi: Ei mitään}, then: [{forbid: {remedy: credit}}]}\n"
            ),
            then=SHARE_OF_PAID,
        )
    )

    first, second, last = book.rules[-3:]
    assert [rule.id for rule in (first, second, last)] == ["delay-repay/1", "delay-repay/2", "delay-repay/otherwise"]
    assert [rule.row for rule in (first, second, last)] == [0, 1, 2]
    assert all(rule.first_hit and rule.table == "delay-repay" for rule in (first, second, last))
    assert first.when == AllOf((LATE, Compare("order.days_late", Op.AT_LEAST, 120)))
    assert second.when == AllOf(
        (LATE, Compare("order.days_late", Op.AT_LEAST, 60), Compare("order.category", Op.IS, "meal"))
    )
    assert last.when == AllOf((LATE,))
    assert first.then[0].amount == Share(Fraction(1), FactRef("order.paid"))
    assert second.then[0].amount == Share(Fraction(1235, 10000), FactRef("order.paid"))
    assert last.then[0].kind is EffectKind.FORBID
    assert (first.title.en, last.title.en) == ("a", "None")


def test_a_dollar_column_may_give_an_amount_and_a_concluded_value() -> None:
    book = load_with(
        a_table(
            columns="[order.days_late, $cap, $points]",
            rows="      - [1, late-cap, 3]\n",
            hit="all",
            then="[{entitle: {remedy: credit, amount: $cap}}, {conclude: {case.points: $points}}]",
        )
    )

    row = book.rules[-1]
    assert not row.first_hit
    assert row.then[1].value == 3


def test_advice_with_a_dollar_sign_is_left_as_it_is() -> None:
    book = load_with(
        a_table(
            columns="[order.days_late]",
            rows="      - [1]\n",
            then="[{advise: {en: $5, fi: $5}}]",
        )
    )

    assert book.rules[-1].then[0].text is not None
    assert book.rules[-1].then[0].text.en == "$5"


def test_a_later_row_of_a_first_table_needs_no_condition_of_its_own() -> None:
    text = a_table(
        columns="[order.days_late]", rows='      - [1]\n      - ["-"]\n', then="[{forbid: {remedy: credit}}]"
    )
    without_when = {path: body.replace("    when: {reason: shop.late}\n", "") for path, body in text.items()}

    assert load_with(without_when).rules[-1].when == AllOf(())


def test_the_first_row_of_a_first_table_needs_a_condition() -> None:
    text = a_table(columns="[order.days_late]", rows='      - ["-"]\n', then="[{forbid: {remedy: credit}}]")
    without_when = {path: body.replace("    when: {reason: shop.late}\n", "") for path, body in text.items()}

    assert "no positive condition" in problems_of(without_when)[0]
