"""What a rule demands to be verified, as it is read."""

from __future__ import annotations

import pytest

from policyservice.rulebook.model import Verify

from .factories import a_rule, a_table, load_with, rules


def stated(more: str) -> dict[str, Verify | None]:
    book = load_with(rules(a_rule(when="{reason: shop.late, order.days_late: {at_least: 2}}", more=more)))
    return {rule.id: rule.verify for rule in book.rules}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3.00", Verify(300)),
        ("0", Verify(0)),
        ("{amount: 3.00, facts: [order.paid]}", Verify(300, ("order.paid",))),
        ("{amount: 3.00, facts: [order.beyond, case.severe]}", Verify(300, ("order.beyond", "case.severe"))),
    ],
)
def test_a_sum_is_read_with_the_facts_where_they_are_named(text: str, found: Verify) -> None:
    assert stated(f"    verify_above: {text}\n")["a-rule"] == found


def test_a_rule_that_says_nothing_has_none_of_its_own() -> None:
    assert set(stated("").values()) == {None}


def test_the_sum_is_in_the_currency_of_the_file() -> None:
    file = {
        "base/rules/more.yaml": "currency: JPY\nrules:\n"
        + a_rule(
            when="{reason: shop.late, order.items: {at_least: 2}}",
            then="[{permit: {remedy: credit, up_to: 900}}]",
            more="    verify_above: 500\n",
        )
    }

    (rule,) = [rule for rule in load_with(file).rules if rule.id == "a-rule"]
    assert (rule.currency, rule.verify) == ("JPY", Verify(500))


def test_what_a_table_says_holds_for_every_row() -> None:
    table = a_table(
        columns="[order.days_late, $sum]",
        rows="      - [{at_least: 4}, 5.00]\n      - [{at_least: 2}, 4.00]\n"
        "      - {id: otherwise, then: [{forbid: {remedy: credit}}]}\n    verify_above: 3.00\n",
        then="[{entitle: {remedy: credit, amount: $sum}}]",
    )

    rows = [rule.verify for rule in load_with(table).rules if rule.table == "a-table"]
    assert rows == [Verify(300)] * 3


def test_where_it_stands_in_the_text_is_known_and_is_no_part_of_what_it_says() -> None:
    found = stated("    verify_above: 3.00\n")["a-rule"]

    assert found == Verify(300)
    assert found is not None
    assert str(found.place) == "base/rules/more.yaml:10:5"
