from __future__ import annotations

from datetime import date

import durable_rules_engine
import pytest

from policyservice.domain.errors import EngineFault
from policyservice.domain.vocabulary import FactType
from policyservice.engine.chunks import Chunks
from policyservice.engine.evaluator import compile_rules
from policyservice.engine.matcher import DurableMatcher
from policyservice.rulebook.model import AnyOf, Compare, Each, FactRef, Not, Op, ParameterRef
from tests.engine.models import (
    TODAY,
    a_conclusion,
    a_fact,
    a_parameter,
    a_rule,
    a_rulebook,
    a_table,
    at_least,
    between,
    by_rules,
    eq,
    every,
    reckoned,
)

DAYS, PAID = a_fact("order.days"), a_fact("order.paid", FactType.MONEY)
LATE = eq("reason", "late")
LIMITS = (2**31 - 1, 2**32, 2**53, 2**53 + 1, 2**62, 2**62 + 1, 2**63 - 2, -1, -5, -(2**53) - 1, -(2**63) + 1)


@pytest.fixture
def match():
    """Matches facts against rules, and closes what it opened."""
    opened: list[DurableMatcher] = []

    def make(*rules, facts=(), **more):
        matcher = DurableMatcher(a_rulebook(*rules, facts=[DAYS, PAID, *facts], **more))
        opened.append(matcher)

        def found(day: int = TODAY, currency: str = "EUR", reason: str = "late", **given):
            facts = {name.replace("_", ".", 1): value for name, value in given.items()}
            return matcher.match({"reason": reason, **facts}, day, currency)

        return found

    yield make
    for matcher in opened:
        matcher.close()


def test_whole_numbers_compare_exactly_up_to_the_ends_of_64_bits(match):
    for bound in LIMITS:
        ops = (Op.LESS_THAN, Op.AT_MOST, Op.IS, Op.AT_LEAST, Op.MORE_THAN, Op.IS_NOT)
        found = match(*(a_rule(op, Compare("order.days", op, bound)) for op in ops))
        assert found(order_days=bound - 1) == ("at_most", "is_not", "less_than")
        assert found(order_days=bound) == ("at_least", "at_most", "is")
        assert found(order_days=bound + 1) == ("at_least", "is_not", "more_than")


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**30])
def test_whole_numbers_beyond_64_bits_are_refused_since_the_library_would_cut_them(match, value):
    found = match(a_rule("r", at_least("order.days", 1)))

    with pytest.raises(EngineFault, match="64 bits"):
        found(order_days=value)
    with pytest.raises(EngineFault, match="64 bits"):
        match(a_rule("r", at_least("order.days", value)))


def test_a_reckoned_number_beyond_64_bits_is_refused_where_a_rule_rests_on_it(match):
    area = reckoned("order.area", Each(FactRef("order.paid"), FactRef("order.days")))
    found = match(
        a_rule("r", every(LATE, at_least("order.area", 1))),
        a_rule("s", every(eq("reason", "broken"), at_least("order.days", 1))),
        reckoned=[area],
    )

    with pytest.raises(EngineFault, match=r"order\.area"):
        found(order_paid=2**62, order_days=2)
    assert found(reason="broken", order_paid=2**62, order_days=2) == ("s",)


def test_what_is_concluded_is_matched_in_a_second_round(match):
    found = match(
        a_rule("heavy", at_least("order.days", 10), a_conclusion("c.grade", 2)),
        a_rule("light", Not(at_least("order.days", 10)), a_conclusion("c.grade", 1)),
        a_rule("third", at_least("c.twice", 4), a_conclusion("c.last", 1)),
        a_rule("fourth", eq("c.last", 1)),
        facts=[by_rules("c.grade"), by_rules("c.last")],
        reckoned=[reckoned("c.twice", Each(FactRef("c.grade"), FactRef("order.paid")))],
    )

    assert found(order_days=10, order_paid=2) == ("fourth", "heavy", "third")
    assert found(order_days=9, order_paid=2) == ("light",)
    assert found(order_paid=2) == ()


def test_two_values_for_one_fact_are_a_fault_and_no_reason_to_build_anew(match):
    found = match(
        a_rule("one", LATE, a_conclusion("c.grade", 1)),
        a_rule("two", at_least("order.days", 1), a_conclusion("c.grade", 2)),
        facts=[by_rules("c.grade")],
    )

    with pytest.raises(EngineFault, match=r"c\.grade"):
        found(order_days=1)
    assert found(order_days=0) == ("one",)


def test_a_presumed_conclusion_needs_every_rule_to_fail(match):
    found = match(
        *a_table("t", at_least("order.days", 9), at_least("order.paid", 5), then=[a_conclusion("c.grade", 1)]),
        a_rule("none", eq("c.grade", 0)),
        a_rule("present", Compare("c.grade", Op.PRESENT, True)),
        facts=[by_rules("c.grade", presume=0)],
    )

    assert found(order_days=1, order_paid=1) == ("none",)
    assert found(order_days=1) == ()
    assert found(order_days=9) == ("present", "t/1")
    assert found(order_days=1, order_paid=5) == ("present", "t/2")


def test_rows_of_a_first_hit_table_for_different_reasons_meet_as_one_table(match):
    found = match(
        *a_table("t", every(LATE, at_least("order.days", 3)), at_least("order.days", 2), eq("reason", "broken"))
    )

    assert found(order_days=3) == ("t/1",)
    assert found(order_days=2) == ("t/2",)
    assert found(reason="broken", order_days=3) == ("t/2",)
    assert found(reason="broken", order_days=1) == ("t/3",)
    assert found(reason="broken") == ()


def test_a_row_that_is_unknown_keeps_the_rest_from_firing(match):
    found = match(*a_table("t", at_least("order.days", 3), at_least("order.paid", 3), LATE))

    assert found(order_paid=3) == ()
    assert found(order_days=2) == ()
    assert found(order_days=2, order_paid=2) == ("t/3",)


def test_a_parameter_is_compared_with_as_of_its_day(match):
    days = a_parameter("days", {date(2026, 6, 1): 4, date(2026, 6, 2): None, date(2026, 6, 3): 5})
    found = match(a_rule("r", at_least("order.days", ParameterRef("days"))), parameters=[days])

    assert [len(found(TODAY + day, order_days=4)) for day in (-1, 0, 1, 2)] == [0, 1, 0, 0]
    assert [len(found(TODAY + day, order_days=5)) for day in (-1, 0, 1, 2)] == [0, 1, 0, 1]


def test_a_rule_dated_by_a_fact_is_matched_by_that_day(match):
    found = match(
        a_rule("r", LATE, in_force=between(date(2026, 6, 1), date(2026, 6, 3)), in_force_by="order.date"),
        facts=[a_fact("order.date", FactType.DATE)],
    )

    assert [len(found(order_date=TODAY + day)) for day in (-1, 0, 1, 2)] == [0, 1, 1, 0]
    assert found() == ()


def test_what_a_caller_says_of_a_concluded_fact_is_passed_over(match):
    found = match(
        a_rule("r", at_least("order.days", 1), a_conclusion("c.grade", 1)),
        a_rule("s", at_least("c.grade", 1)),
        facts=[by_rules("c.grade")],
    )

    assert found(order_days=0, c_grade=5) == ()


def test_facts_that_nobody_declared_are_not_told_to_the_engine(match):
    found = match(a_rule("r", at_least("order.days", 1)))

    assert found(order_days=1, unheard_of=object()) == ("r",)


def test_a_condition_of_many_alternatives_is_split_and_means_the_same(match):
    groups = [
        AnyOf(tuple(every(eq("order.days", n), at_least("order.paid", n)) for n in range(base, base + 8)))
        for base in (0, 4, 7)
    ]
    found = match(a_rule("r", every(*groups)), a_rule("s", Not(every(*groups))))

    for days in range(-1, 16):
        for paid in (days - 1, days, days + 1):
            inside = all(any(days == n and paid >= n for n in range(base, base + 8)) for base in (0, 4, 7))
            assert found(order_days=days, order_paid=max(paid, 0)) == (("r",) if inside else ("s",))


def test_conditions_may_nest_as_deep_as_a_rulebook_allows(match):
    nested = at_least("order.days", 1)
    for level in range(40):
        nested = (every, lambda *parts: AnyOf(parts), lambda one, _: Not(one))[level % 3](
            nested, at_least("order.paid", 50)
        )
    book = (a_rule("r", nested), a_rule("s", Not(nested)))
    compiled = compile_rules(a_rulebook(*book, facts=[DAYS, PAID]))
    found = match(*book)

    for paid in (49, 50):
        for days in (0, 1):
            case = {"reason": "late", "order.days": days, "order.paid": paid}
            answer = found(order_days=days, order_paid=paid)
            assert len(answer) == 1
            assert compiled.evaluate(case, TODAY, "EUR").fired == answer


def test_rule_sets_are_told_apart_by_reason_and_stratum():
    book = a_rulebook(
        a_rule("late", every(LATE, at_least("order.days", 1))),
        a_rule("broken", eq("reason", "broken")),
        a_rule("any", at_least("order.days", 1), a_conclusion("c.grade", 1)),
        a_rule("second", at_least("c.grade", 1)),
        facts=[DAYS, by_rules("c.grade")],
    )
    chunks = Chunks(book)

    assert [[p.rule for c in chunks.of(0, reason) for p in c.pieces] for reason in ("late", "broken", "other")] == [
        ["late", "any"],
        ["broken", "any"],
        ["any"],
    ]
    assert [p.rule for c in chunks.of(1, "late") for p in c.pieces] == ["second"]


def test_a_closed_matcher_refuses_and_may_be_closed_again():
    matcher = DurableMatcher(a_rulebook(a_rule("r", LATE)))
    matcher.close()
    matcher.close()

    with pytest.raises(EngineFault, match="closed"):
        matcher.match({"reason": "late"}, TODAY, "EUR")


def test_a_fact_left_behind_is_noticed_and_swept_away(monkeypatch):
    matcher = DurableMatcher(a_rulebook(a_rule("r", at_least("order.days", 1)), facts=[DAYS]))
    try:
        with monkeypatch.context() as patched:
            patched.setattr(durable_rules_engine, "retract_fact", lambda *_: None)
            with pytest.raises(EngineFault, match="left behind"):
                matcher.match({"reason": "late", "order.days": 1}, TODAY, "EUR")
        assert matcher.rebuilt == 1
        assert matcher.match({"reason": "late", "order.days": 0}, TODAY, "EUR") == ()
        assert matcher.match({"reason": "late", "order.days": 1}, TODAY, "EUR") == ("r",)
    finally:
        matcher.close()


def test_a_crash_inside_the_library_is_a_fault_with_its_words(monkeypatch):
    matcher = DurableMatcher(a_rulebook(a_rule("r", at_least("order.days", 1)), facts=[DAYS]))

    failing = [True]
    assert_fact = durable_rules_engine.assert_fact

    def out_of_memory_once(*arguments):
        if failing and failing.pop():
            raise MemoryError("no memory")
        return assert_fact(*arguments)

    try:
        with monkeypatch.context() as patched:
            patched.setattr(durable_rules_engine, "assert_fact", out_of_memory_once)
            with pytest.raises(EngineFault, match="MemoryError: no memory"):
                matcher.match({"reason": "late", "order.days": 1}, TODAY, "EUR")
        assert matcher.match({"reason": "late", "order.days": 1}, TODAY, "EUR") == ("r",)
    finally:
        matcher.close()
