"""Small changes of a rulebook: noticed by the test that is about it, shown, or proved to change nothing."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest

from policyservice.assurance.mutants.mutant import Kind
from policyservice.assurance.mutants.mutate import Verdict, mutants_of, mutate
from policyservice.assurance.policy_tests import run
from policyservice.rulebook.load import load_folders
from tests.assurance.packs import HEAD, PACK, RULES, VOCABULARY, a_book, without

PACKS = Path(__file__).resolve().parents[3] / "rules"


def results(book):
    return list(mutate(book, mutants_of(book)))


def survivors(book):
    return {result.mutant.what.replace("`", "") for result in results(book) if result.is_gap}


def test_a_bound_an_operator_a_condition_an_amount_an_effect_a_rule_and_a_day_are_changed():
    made = {mutant.what.replace("`", "") for mutant in mutants_of(a_book())}

    assert {
        "order.paid: {at_least: 3.00} becomes order.paid: {more_than: 3.00}",
        "order.paid: {at_least: 3.00} becomes order.paid: {at_least: 2.99}",
        "order.paid: {at_least: 3.00} dropped",
        "reason: coffee.cold dropped",
        "permit refund: 2.00 becomes 4.00",
        "permit refund: 2.00 becomes 1.00",
        "permit refund: 2.00 becomes 2.01",
        "permit refund: 2.00 becomes 1.99",
        "permit refund removed",
        "permit refund becomes entitle",
        "permit refund on policy becomes goodwill",
        "the rule removed",
        "in force from a day earlier",
        "in force from a day later",
        "what no rule speaks for is forbidden",
        "presumed 2",
        "nothing presumed",
    } <= made


def test_a_rulebook_with_nothing_to_decide_has_no_change_of_a_rule():
    kinds = {mutant.kind for mutant in mutants_of(a_book()) if mutant.rule is None}

    assert kinds == {Kind.REASON, Kind.VOCABULARY}


@pytest.mark.parametrize(
    ("left_out", "unnoticed"),
    [
        ("a cent beyond the amount", "permit refund: 2.00 becomes 2.01"),
        ("a cent below the bound", "order.paid: {at_least: 3.00} becomes order.paid: {at_least: 2.99}"),
        ("another reason", "reason: coffee.cold dropped"),
        ("the day before", "in force from a day earlier"),
    ],
)
def test_a_change_survives_only_where_the_test_that_is_about_it_is_left_out(left_out, unnoticed):
    assert unnoticed not in survivors(a_book())
    assert unnoticed in survivors(a_book(without(left_out)))


def test_the_policy_test_of_a_survivor_holds_and_notices_the_change_when_it_is_pasted():
    tests = without("a cent beyond the amount")
    (survived,) = [r for r in results(a_book(tests)) if r.is_gap and "2.01" in r.mutant.what]

    pasted = a_book(tests + survived.test)

    assert run(pasted) == []
    assert "permit refund: 2.00 becomes 2.01" not in survivors(pasted)


def test_a_presumption_that_no_rule_rests_on_is_proved_to_change_nothing():
    found = {r.mutant.what: r.verdict for r in results(a_book()) if r.mutant.about == "order.cups"}

    assert set(found.values()) == {Verdict.EQUIVALENT}


def test_a_change_that_another_rule_hides_altogether_is_proved_to_change_nothing():
    rules = RULES.replace("up_to: 2.00}}]", "up_to: 2.00}}, {permit: {remedy: refund, up_to: 1.00}}]")

    found = {r.mutant.what.replace("`", ""): r.verdict for r in results(a_book(rules=rules))}

    assert found["permit refund: 1.00 becomes 1.01"] is Verdict.EQUIVALENT
    assert found["permit refund: 2.00 becomes 2.01"] is Verdict.NOTICED


def test_a_bound_beyond_what_the_vocabulary_allows_is_proved_to_change_nothing():
    vocabulary = VOCABULARY.replace(
        "order.cups: {type: integer, lowest: 0, presume: 1", "order.cups: {type: integer, lowest: 2"
    )
    rules = RULES.replace("order.paid: {at_least: 3.00}", "order.cups: {at_least: 2}")

    book = a_book(None, rules, **{"vocabulary.yaml": vocabulary})
    found = {r.mutant.what.replace("`", ""): r.verdict for r in results(book)}

    assert found["order.cups: {at_least: 2} becomes order.cups: {at_least: 1}"] is Verdict.EQUIVALENT
    assert found["order.cups: {at_least: 2} becomes order.cups: {more_than: 2}"] is Verdict.SURVIVED


def test_a_refund_that_was_owed_counts_as_refunded_so_that_more_than_was_paid_is_owed_by_no_change():
    paid = VOCABULARY.replace("order.paid: {type: money,", "order.paid: {type: money, role: paid,")
    refunded = RULES.replace("permit: {remedy: refund, up_to: 2.00}", "entitle: {remedy: refund, amount: order.paid}")
    given = refunded.replace("remedy: refund", "remedy: gift")

    verdicts = [
        {r.mutant.what.replace("`", ""): r.verdict for r in results(a_book(None, rules, **{"vocabulary.yaml": paid}))}
        for rules in (refunded, given)
    ]

    assert verdicts[0]["entitle refund: the amount doubled"] is Verdict.EQUIVALENT
    assert verdicts[0]["entitle refund: the amount halved"] is Verdict.SURVIVED
    assert verdicts[1]["entitle gift: the amount doubled"] is Verdict.SURVIVED


def test_whether_a_limit_counts_what_is_given_or_what_it_costs_is_changed():
    limits = (
        "limits:\n  - {id: agent-day, title: {en: Day, fi: Päivä}, scope: agent, window: day, amount: 9.00}\n"
        "  - {id: team-day, title: {en: Day, fi: Päivä}, scope: team, window: day, measure: cost, amount: 9.00}\n"
    )
    made = {(m.about, m.what) for m in mutants_of(a_book(**{"limits/opening.yaml": limits}))}

    assert {("agent-day", "measures cost"), ("team-day", "measures face")} <= made


def test_the_airline_leaves_no_change_unnoticed():
    book = load_folders([PACKS / "airline"])
    begun = perf_counter()

    found = results(book)

    assert [str(result.mutant) for result in found if result.is_gap] == []
    assert len(found) > 400
    assert perf_counter() - begun < 240


@pytest.mark.long
@pytest.mark.parametrize("pack", ["store", "statutory", "goodwill"])
def test_a_pack_leaves_no_change_unnoticed(pack):
    found = results(load_folders([PACKS / pack]))

    assert [str(result.mutant) for result in found if result.is_gap] == []


PRICED = RULES.replace("order.paid: {at_least: 3.00}", "order.paid: {at_least: 3.00}, order.cups: {at_least: 1}")
NAMED = "    verify_above: {amount: 1.00, facts: [order.paid, order.cups]}\n    say:"
DEMANDING = PRICED.replace("order.paid: {at_least: 3.00}, ", "order.paid: {at_least: 3.00}\n      ").replace(
    "    say:", NAMED
)
VERIFIED = """
  - name: a sum that needs no verification
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 1.00}
    expect: {outcome: allow, amount: 1.00}
  - name: a cent beyond it
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 1.01}
    expect: {outcome: escalate}
  - name: the sum alone is verified
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 1.01}
    verified: [order.paid]
    expect: {outcome: escalate}
  - name: the cups alone are verified
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 1.01}
    verified: [order.cups]
    expect: {outcome: escalate}
"""


def verdicts(tests: str, **files: str) -> dict[str, Verdict]:
    """The verdict of each change of what the rule demands to be verified."""
    book = a_book(HEAD + tests, DEMANDING, **files)
    changes = [mutant for mutant in mutants_of(book) if mutant.rule and "`verify_above`" in mutant.what]
    return {result.mutant.what.replace("`verify_above` ", ""): result.verdict for result in mutate(book, changes)}


def test_what_a_rule_demands_is_dropped_moved_by_a_unit_and_its_facts_are_changed():
    assert verdicts(VERIFIED) == {
        "dropped": Verdict.NOTICED,
        "becomes 0.99": Verdict.NOTICED,
        "becomes 1.01": Verdict.NOTICED,
        "for all facts that the rule rests on": Verdict.EQUIVALENT,
        "no longer for order.paid": Verdict.NOTICED,
        "no longer for order.cups": Verdict.NOTICED,
    }


@pytest.mark.parametrize(
    ("left_out", "unnoticed"),
    [
        ("a sum that needs no verification", "becomes 0.99"),
        ("the sum alone is verified", "no longer for order.cups"),
        ("the cups alone are verified", "no longer for order.paid"),
    ],
)
def test_a_change_of_what_is_demanded_survives_where_its_test_is_left_out(left_out, unnoticed):
    found = verdicts(without(left_out, VERIFIED))

    assert [what for what, verdict in found.items() if verdict is Verdict.SURVIVED] == [unnoticed]


def test_dropping_what_a_rule_demands_changes_nothing_where_the_pack_demands_the_same():
    same = PACK + "verify_above: 1.00\n"

    assert verdicts(VERIFIED, **{"pack.yaml": same})["dropped"] is Verdict.EQUIVALENT
    assert verdicts(VERIFIED, **{"pack.yaml": same.replace("1.00", "1.01")})["dropped"] is Verdict.NOTICED
