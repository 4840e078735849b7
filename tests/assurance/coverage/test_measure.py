"""What policy tests exercise: each point is met by the test that is about it, and by no other."""

from __future__ import annotations

import pytest

from policyservice.assurance.coverage.measure import measure
from policyservice.assurance.coverage.points import Kind, Point, Share
from policyservice.assurance.coverage.report import as_json
from tests.assurance.packs import HEAD, PACK, RULES, a_book, without


def unmet(book):
    return [point.what.replace("`", "") for point in measure(book).points() if not point.met]


def test_tests_on_both_sides_of_everything_exercise_every_point():
    found = measure(a_book())

    assert unmet(a_book()) == []
    assert (found.share().met, found.share().percent) == (found.share().of, "100.0 %")
    assert {point.kind for point in found.points()} == set(Kind)


@pytest.mark.parametrize(
    ("left_out", "points"),
    [
        ("a cent beyond the amount", ["permit refund asked one minor unit above it"]),
        ("a cent below the bound", ["order.paid: {at_least: 3.00} false", "order.paid: {at_least: 3.00} one below"]),
        ("nobody says what was paid", ["order.paid: {at_least: 3.00} unknown"]),
        ("another reason", ["reason: coffee.cold false"]),
        ("the day before", ["in force from 2026-01-01: the day before"]),
        ("at the bound and the amount", ["permit refund asked at its amount"]),
    ],
)
def test_a_test_that_is_left_out_leaves_its_points_unmet(left_out, points):
    assert unmet(a_book(without(left_out))) == points


def test_no_tests_exercise_nothing():
    found = measure(a_book(None))

    assert found.share().met == 0
    assert found.tests == 0


def test_an_open_question_with_its_expected_sum_meets_both_sides_of_an_amount():
    case = "  - name: how much\n    facts: {reason: coffee.cold, order.paid: 3.00}\n    ask: {remedy: refund}\n"

    expected = unmet(a_book(HEAD + case + "    expect: {outcome: allow, amount: 2.00}\n"))
    silent = unmet(a_book(HEAD + case + "    expect: {outcome: allow}\n"))

    assert [what for what in expected if "asked" in what] == []
    assert len([what for what in silent if "asked" in what]) == 2


def test_a_presumed_fact_and_a_value_outside_the_vocabulary_are_not_asked_for():
    rules = RULES.replace("order.paid: {at_least: 3.00}", "order.cups: {at_least: 0}")

    wanted = [point.what for point in measure(a_book(None, rules)).points()]

    assert not any("unknown" in what for what in wanted)
    assert not any("one below" in what for what in wanted)
    assert any("at the bound" in what for what in wanted)


def test_an_effect_that_changes_no_answer_does_not_decide():
    twice = "then: [{permit: {remedy: refund, up_to: 2.00}}, {permit: {remedy: refund, up_to: 1.00}}]"
    rules = RULES.replace("then: [{permit: {remedy: refund, up_to: 2.00}}]", twice)

    decides = [point.met for point in measure(a_book(rules=rules)).points(Kind.EFFECT)]

    assert decides == [True, False]


def test_a_share_is_never_rounded_up_to_what_was_not_reached():
    assert Share(1999, 2000).percent == "99.9 %"
    assert not Share(1999, 2000).reaches(100)
    assert Share(2000, 2000).reaches(100)
    assert Share(1, 2).reaches(50)
    assert not Share(49, 100).reaches(50)
    assert (Share(0, 0).percent, Share(0, 0).reaches(100)) == ("-", True)


def test_a_point_is_met_by_one_test():
    assert Point(Kind.RULE, "fires", 1).met
    assert not Point(Kind.RULE, "fires", 0).met


def test_the_report_has_every_point():
    found = measure(a_book())

    report = as_json(found)

    assert report["all"] == {"met": found.share().met, "of": found.share().of, "percent": "100.0 %"}
    assert sum(len(rule["points"]) for rule in report["by_rule"]) == report["all"]["of"]


DEMANDING = RULES.replace("    say:", "    verify_above: 1.00\n    say:")
VERIFIED = """
  - name: a sum that needs no verification
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 1.00}
    expect: {outcome: allow}
  - name: a cent beyond it
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 1.01}
    expect: {outcome: escalate, amount: 1.00}
"""
AT = "verify_above asked at the sum, not verified"
ABOVE = "verify_above asked one minor unit above it, not verified"


def demanded(tests: str) -> list[str]:
    return [what for what in unmet(a_book(tests, DEMANDING)) if "verify_above" in what]


@pytest.mark.parametrize(
    ("left_out", "points"),
    [("", []), ("a sum that needs no verification", [AT]), ("a cent beyond it", [ABOVE])],
)
def test_both_sides_of_the_sum_above_which_facts_are_verified_are_points(left_out, points):
    assert demanded(HEAD + without(left_out, VERIFIED)) == points


def test_a_test_in_which_all_is_verified_meets_neither_side():
    verified = VERIFIED.replace("    ask:", "    verified: [order.paid]\n    ask:")

    assert demanded(HEAD + verified) == [AT, ABOVE]


def test_an_open_question_answered_by_the_sum_meets_both_sides():
    case = "  - name: how much\n    facts: {reason: coffee.cold, order.paid: 3.00}\n    ask: {remedy: refund}\n"

    assert demanded(HEAD + case + "    expect: {outcome: allow, amount: 1.00}\n") == []


def test_a_rule_that_leaves_it_to_the_pack_has_no_such_point():
    pack = {"pack.yaml": PACK + "verify_above: 1.00\n"}

    assert [point.what for point in measure(a_book(None, **pack)).points() if "verify" in point.what] == []
