"""What only shows in the whole: conclusions that may meet, circles, the engine's bounds."""

from __future__ import annotations

import pytest

from policyservice.domain.errors import RulebookRefused
from policyservice.rulebook import bounds
from policyservice.rulebook.check import engine

from .factories import a_rule, a_table, load_with, problems_of, rules


def _concluding(one: str, other: str, more: str = "", more_other: str = "") -> dict[str, str]:
    return rules(
        a_rule("one", when=one, then="[{conclude: {case.points: 1}}]", more=more),
        a_rule("other", when=other, then="[{conclude: {case.points: 2}}]", more=more_other),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{reason: shop.late}", "{reason: shop.lost}"),
        ("{reason: shop.*}", "{reason: other}"),
        ("{reason: other, order.days_late: {less_than: 4}}", "{reason: other, order.days_late: {at_least: 4}}"),
        ("{order.days_late: 3}", "{order.days_late: {one_of: [2, 4]}}"),
        ("{order.days_late: 3}", "{order.days_late: {is_not: 3}}"),
        ("{order.paid: {at_most: 4.99}}", "{order.paid: {at_least: 5.00}}"),
        ("{order.date: {less_than: 2025-01-01}}", "{order.date: {at_least: 2025-01-01}}"),
        ("{order.returned: true}", "{order.returned: {is_not: true}}"),
        ("{order.category: meal}", "{order.category: {none_of: [meal]}}"),
        ("{customer.tier: {less_than: regular}}", "{customer.tier: {more_than: new}}"),
        ("{note.kind: a}", "{note.kind: {is_not: a}}"),
        ("{reason: other, order.date: {present: false}}", "{order.date: {at_least: 2025-01-01}}"),
        ("{reason: other, not: {order.days_late: {at_least: 4}}}", "{order.days_late: {at_least: 4}}"),
    ],
)
def test_rules_that_never_both_fire_may_conclude_different_values(one: str, other: str) -> None:
    assert len(load_with(_concluding(one, other)).rules) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{reason: shop.*}", "{reason: shop.lost}"),
        ("{reason: other, order.days_late: {at_most: 4}}", "{reason: other, order.days_late: {at_least: 4}}"),
        ("{order.days_late: 3}", "{order.items: 3}"),
        ("{order.days_late: 3}", "{order.days_late: {one_of: [3, 4]}}"),
        ("{order.paid: {at_most: 5.00}}", "{order.paid: {at_least: 5.00}}"),
        ("{customer.tier: {at_most: regular}}", "{customer.tier: {more_than: new}}"),
        ("{order.paid: {at_most: late-cap}}", "{order.paid: {more_than: late-cap}}"),
        ("{any: [{reason: shop.late}, {order.items: 1}]}", "{reason: shop.lost}"),
    ],
)
def test_rules_that_may_both_fire_may_not(one: str, other: str) -> None:
    problems = problems_of(_concluding(one, other))

    assert len(problems) == 1
    assert "`other` and `one`" in problems[0]
    assert "may both fire and conclude different values for `case.points`" in problems[0]


def test_rules_in_force_one_after_the_other_may_conclude_different_values() -> None:
    text = _concluding("{reason: other}", "{reason: other}")["base/rules/more.yaml"]
    first = text.replace("in_force: {from: 2024-01-01}", "in_force: {from: 2024-01-01, before: 2025-01-01}", 1)
    head, tail = first.rsplit("in_force: {from: 2024-01-01}", 1)

    apart = head + "in_force: {from: 2025-01-01}" + tail
    overlapping = head + "in_force: {from: 2024-12-31}" + tail

    assert len(load_with({"base/rules/more.yaml": apart}).rules) == 3
    assert len(problems_of({"base/rules/more.yaml": overlapping})) == 1


def test_rules_of_two_currencies_never_both_fire() -> None:
    one = a_rule("one", then="[{conclude: {case.points: 1}}]")
    other = a_rule("other", then="[{conclude: {case.points: 2}}]")

    book = load_with({"base/rules/a.yaml": "rules:\n" + one, "base/rules/b.yaml": "currency: GBP\nrules:\n" + other})

    assert len(book.rules) == 3


def test_rows_of_one_first_table_may_conclude_different_values_and_rows_of_an_all_table_may_not() -> None:
    rows = "      - [{at_least: 5}, 2]\n      - [{at_least: 1}, 1]\n"
    parts = {"columns": "[order.days_late, $points]", "rows": rows, "then": "[{conclude: {case.points: $points}}]"}

    assert len(load_with(a_table(**parts)).rules) == 3
    assert len(problems_of(a_table(**parts, hit="all"))) == 1


def test_one_rule_may_not_conclude_two_values() -> None:
    problems = problems_of(rules(a_rule(then="[{conclude: {case.points: 1}}, {conclude: {case.points: 2}}]")))

    assert len(problems) == 1


def test_a_circle_through_a_reckoned_fact_and_a_dated_parameter_is_named() -> None:
    problems = problems_of(
        {
            "base/vocabulary/more.yaml": (
                "facts:\n  case.day: {type: date, provided_by: rules, title: {en: a, fi: b}}\n"
            ),
            "base/parameters/more.yaml": (
                "limit-now:\n  what: a\n  unit: integer\n  in_force_by: case.day\n  values: {2024-01-01: 3}\n"
            ),
            **rules(
                a_rule(when="{order.days_late: {at_least: limit-now}}", then="[{conclude: {case.day: 2024-01-01}}]")
            ),
        }
    )

    assert len(problems) == 1
    assert "facts go in a circle: `case.day` needs `case.day`" in problems[0]


def test_a_rule_of_as_many_alternatives_as_the_engine_takes_is_fine_and_one_more_is_not() -> None:
    def listed(count: int) -> dict[str, str]:
        return rules(a_rule(when=f"{{order.days_late: {{one_of: {list(range(count))}}}}}"))

    assert load_with(listed(bounds.ALTERNATIVES_PER_RULE))
    assert (
        "251 alternatives, more than the engine takes in one rule"
        in problems_of(listed(bounds.ALTERNATIVES_PER_RULE + 1))[0]
    )


def test_alternatives_are_counted_after_not_is_pushed_to_the_leaves() -> None:
    either = "{any: [" + ", ".join(f"{{order.items: {n}}}" for n in range(1, 17)) + "]}"
    inside = f"{{reason: other, all: [{either}, {{not: {{all: [{either}, {either}]}}}}]}}"

    assert load_with(rules(a_rule(when=inside)))
    outside = f"{{reason: other, all: [{either}, {either}]}}"
    assert "256 alternatives" in problems_of(rules(a_rule(when=outside)))[0]


def test_a_rule_of_as_many_facts_as_the_engine_takes_is_fine_and_one_more_is_not() -> None:
    def using(count: int) -> dict[str, str]:
        names = [f"many.n{number}" for number in range(count)]
        facts = "".join(f"  {name}: {{type: boolean, title: {{en: a, fi: b}}}}\n" for name in names)
        when = "{" + ", ".join(f"{name}: true" for name in names) + "}"
        return {"base/vocabulary/more.yaml": "facts:\n" + facts, **rules(a_rule(when=when))}

    assert load_with(using(bounds.FACTS_PER_RULE))
    assert "uses 191 facts" in problems_of(using(bounds.FACTS_PER_RULE + 1))[0]


def test_a_rule_of_as_many_demands_as_the_engine_takes_is_fine_and_one_more_is_not() -> None:
    def unlike(count: int) -> dict[str, str]:
        return rules(a_rule(when=f"{{reason: other, order.days_late: {{none_of: {list(range(1, count))}}}}}"))

    assert load_with(unlike(bounds.DEMANDS_PER_RULE))
    problems = problems_of(unlike(bounds.DEMANDS_PER_RULE + 1))
    assert "191 demands side by side, more than the engine takes in one rule" in problems[0]


def test_a_row_of_a_first_table_is_bounded_by_its_opposite_too() -> None:
    def row(count: int) -> dict[str, str]:
        cell = f"{{one_of: {list(range(count))}}}"
        return a_table(columns="[order.days_late]", rows=f"      - [{cell}]\n", then="[{forbid: {remedy: credit}}]")

    assert load_with(row(bounds.DEMANDS_PER_RULE))
    assert "191 demands side by side" in problems_of(row(bounds.DEMANDS_PER_RULE + 1))[0]


def test_a_text_is_compared_up_to_a_length_and_not_beyond() -> None:
    def text(length: int) -> dict[str, str]:
        return rules(a_rule(when=f"{{note.kind: {'a' * length}}}"))

    assert load_with(text(bounds.TEXT_COMPARED))
    assert "at most 2000 characters, this one 2001" in problems_of(text(bounds.TEXT_COMPARED + 1))[0]


def test_a_shard_holds_so_many_rules_and_not_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "RULES_PER_SHARD", 3)

    def late(count: int) -> dict[str, str]:
        return rules(*(a_rule(f"r{number}") for number in range(count)))

    assert load_with(late(2))  # with the base pack's own rule for the reason: 3
    assert "3 rules can speak" not in str(problems_of(late(3)))
    assert "4 rules can speak about the reason `shop.late`" in problems_of(late(3))[0]


def test_rules_on_different_levels_of_conclusions_are_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "RULES_PER_SHARD", 2)
    concluding = a_rule("one", then="[{conclude: {case.severe: true}}]")
    resting = a_rule("two", when="{reason: shop.late, case.severe: true}")

    assert load_with(rules(concluding, resting))


def test_a_refused_rulebook_says_that_nothing_was_changed() -> None:
    with pytest.raises(RulebookRefused, match="nothing was changed"):
        load_with(rules(a_rule(when="{reason: shop.lte}")))
