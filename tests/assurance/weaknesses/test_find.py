"""A planted weakness of each kind is found, at both sides of its bound; what is meant is not called weak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policyservice.assurance.weaknesses.find import weaknesses
from policyservice.assurance.weaknesses.never_fires import dead_rules
from policyservice.assurance.weaknesses.never_matters import never_matters
from policyservice.assurance.weaknesses.regions import regions
from policyservice.assurance.weaknesses.weakness import Weight
from policyservice.costs.compare import CostModel
from policyservice.domain.decision import Received
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.rulebook.load import load, load_folders
from policyservice.rulebook.model import Rulebook
from tests.properties.rulebooks import FACTS, Draw, a_book
from tests.rulebook.factories import a_rule, a_table, rules, sources

DAY = date(2026, 6, 1)
RULES = Path(__file__).parents[3] / "rules"
PACKS = sorted(path.parent.name for path in RULES.glob("*/pack.yaml"))
TITLE = "title: {en: a, fi: b}"


def compiled(rulebook: Rulebook) -> CompiledRulebook:
    return CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))


def found(overlay: Mapping[str, str], words: str) -> list[str]:
    """What is told with these words about the base pack with files laid over it."""
    told = [str(weakness) for weakness in weaknesses(compiled(load(sources(overlay))), day=DAY)]
    return [line for line in told if words in line]


def between(low: int, high: int) -> str:
    return f"{{reason: shop.lost, order.days_late: {{at_least: {low}, at_most: {high}}}}}"


# --- never fires -----------------------------------------------------------------------------------------


def test_a_rule_whose_bounds_cross_can_never_fire_and_one_whose_bounds_meet_can() -> None:
    (told,) = found(rules(a_rule(when=between(5, 4))), "can never fire")

    assert told.startswith("base/rules/more.yaml:2:5: `a-rule` can never fire")
    assert found(rules(a_rule(when=between(4, 4))), "can never fire") == []


def test_a_bound_outside_of_what_the_vocabulary_allows_is_never_met() -> None:
    beyond = "{reason: shop.lost, order.days_late: {more_than: 3650}}"

    assert len(found(rules(a_rule(when=beyond)), "can never fire")) == 1
    assert found(rules(a_rule(when=beyond.replace("3650", "3649"))), "can never fire") == []


def test_a_row_that_an_earlier_one_always_comes_before_can_never_fire() -> None:
    then = "[{entitle: {remedy: credit, amount: 5.00}}]"
    table = a_table(columns="[order.days_late]", rows="      - [{at_least: 2}]\n      - [{at_least: 3}]\n", then=then)
    turned = a_table(columns="[order.days_late]", rows="      - [{at_least: 3}]\n      - [{at_least: 2}]\n", then=then)

    (told,) = found(table, "can never fire")
    assert "`a-table/2`" in told
    assert found(turned, "can never fire") == []


def test_a_rule_on_a_fact_that_nothing_concludes_can_never_fire() -> None:
    concluding = a_rule("conclude", when=between(2, 3650), then="[{conclude: {case.severe: true}}]")
    using = a_rule("use", when="{reason: shop.lost, order.days_late: {at_most: 1}, case.severe: true}")

    (told,) = found(rules(concluding, using), "can never fire")
    assert "`use`" in told


# --- never matters ---------------------------------------------------------------------------------------


def permit(rule_id: str, least: int, up_to: str, more: str = "") -> str:
    when = f"{{reason: shop.lost, order.days_late: {{at_least: {least}}}{more}}}"
    return a_rule(rule_id, when=when, then=f"[{{permit: {{remedy: credit, up_to: {up_to}}}}}]")


def test_a_rule_never_matters_where_a_wider_one_gives_as_much_and_does_a_cent_above() -> None:
    (told,) = found(rules(permit("wide", 2, "5.00"), permit("narrow", 3, "5.00")), "never matters")

    assert "note: `narrow` never matters: `wide` always gives as much" in told
    assert found(rules(permit("wide", 2, "5.00"), permit("narrow", 3, "5.01")), "never matters") == []
    assert found(rules(permit("wide", 2, "5.00"), permit("narrow", 1, "4.99")), "never matters") == []


def test_a_rule_is_covered_by_several_together() -> None:
    others = (
        permit("early", 1, "5.00", ", customer.tier: {at_most: regular}"),
        permit("late", 1, "6.00", ", customer.tier: loyal"),
    )
    (told,) = found(rules(*others, permit("any-tier", 1, "5.00", ", customer.tier: {at_least: new}")), "never matters")

    assert "`any-tier` never matters: others together always give as much" in told


def test_of_two_rules_that_say_the_same_the_later_one_is_told() -> None:
    (told,) = found(rules(permit("first", 2, "5.00"), permit("second", 2, "5.00")), "never matters")

    assert "`second` never matters" in told


def test_what_is_always_forbidden_never_matters() -> None:
    forbid = a_rule("no", when=between(0, 3650), then="[{forbid: {remedy: credit}}]")

    (told,) = found(rules(forbid, permit("gift", 2, "5.00")), "never matters")
    assert "`gift` never matters: whenever it fires something forbids" in told
    narrower = forbid.replace("at_most: 3650", "at_most: 3649")
    assert found(rules(narrower, permit("gift", 2, "5.00")), "never matters") == []


def test_an_entitlement_matters_beside_a_permit_of_as_much() -> None:
    owed = a_rule("owed", when=between(3, 3650), then="[{entitle: {remedy: credit, amount: 5.00}}]", basis="policy")

    assert found(rules(permit("wide", 2, "5.00"), owed), "never matters") == []


@pytest.mark.parametrize(
    ("wide", "narrow", "is_covered"),
    [
        ("", "3.00", True),
        ("3.00", "", False),
        ("3.00", "3.00", True),
        ("3.01", "3.00", True),
        ("2.99", "3.00", False),
        ("{amount: 3.00, facts: [order.days_late, order.paid]}", "3.00", False),
        ("3.00", "{amount: 3.00, facts: [order.days_late, order.paid]}", True),
    ],
)
def test_a_rule_covers_another_only_where_it_demands_no_more_to_be_verified(
    wide: str, narrow: str, is_covered: bool
) -> None:
    both = (verifying(permit("wide", 2, "5.00"), wide), verifying(permit("narrow", 3, "5.00"), narrow))

    assert bool(found(rules(*both), "`narrow` never matters")) is is_covered


def verifying(rule: str, demanded: str) -> str:
    return rule + (f"    verify_above: {demanded}\n" if demanded else "")


@pytest.mark.parametrize("seed", range(60))
def test_leaving_out_what_never_fires_or_matters_changes_no_answer(seed: int) -> None:
    draw = Draw(seed)
    case = draw.case()
    book = a_book(*case.rules, **case.pack)
    everywhere = list(regions(book))
    dead = {rule.id for rule in dead_rules(case.rules, everywhere)}
    living = [rule for rule in case.rules if rule.id not in dead]
    superfluous = {weakness.message.split("`")[1] for weakness in never_matters(living, everywhere)}
    kept = a_book(*(rule for rule in living if rule.id not in superfluous), **case.pack)
    for _ in range(30):
        request = replace(draw.request(case.rules, asks=draw.often(0.5)), justification=None, facts=every_fact(draw))
        context = replace(case.context, received=Received())
        before, after = (decide(each, request, context) for each in (book, kept))
        assert (before.outcome, before.available_minor) == (after.outcome, after.available_minor)
        assert dead.isdisjoint(before.rules)


def test_the_books_drawn_have_rules_to_leave_out() -> None:
    count = 0
    for seed in range(60):
        case = Draw(seed).case()
        everywhere = list(regions(a_book(*case.rules, **case.pack)))
        count += len(list(never_matters(case.rules, everywhere))) > 0

    assert count > 10


def every_fact(draw: Draw) -> dict[str, FactValue]:
    """A case in which nothing waits for a fact."""
    facts = draw.facts()
    while len(facts) < len(FACTS):
        facts = draw.facts()
    return facts


# --- never asks ------------------------------------------------------------------------------------------


def test_a_demand_above_all_that_is_given_asks_for_nothing_and_a_cent_below_it_does() -> None:
    (told,) = found(rules(verifying(permit("gift", 2, "5.00"), "5.00")), "asks for nothing")

    assert told.startswith("base/rules/more.yaml:10:5: note: `verify_above` of `gift` asks for nothing: no more")
    assert found(rules(verifying(permit("gift", 2, "5.00"), "4.99")), "asks for nothing") == []


def test_a_demand_asks_where_another_rule_of_the_same_remedy_adds_to_what_is_given() -> None:
    demanding = a_rule(
        "more",
        when=between(2, 9),
        then="[{entitle: {remedy: credit, amount: 2.00, cumulative: true}}]",
        basis="policy",
        more="    verify_above: 5.00\n",
    )
    other = a_rule("owed", when=between(3, 9), then="[{entitle: {remedy: credit, amount: 3.01}}]", basis="policy")

    assert found(rules(demanding, other), "asks for nothing") == []
    assert len(found(rules(demanding, other.replace("3.01", "3.00")), "asks for nothing")) == 1


def test_a_rule_that_is_free_of_its_packs_demand_says_something() -> None:
    settings = {"base/pack.yaml": sources()["base"]["pack.yaml"] + "verify_above: 4.99\n"}
    free = rules(verifying(permit("gift", 2, "5.00"), "5.00"))

    assert found(free | settings, "asks for nothing") == []
    higher = {"base/pack.yaml": settings["base/pack.yaml"].replace("4.99", "5.00")}
    assert len(found(free | higher, "asks for nothing")) == 1


def test_a_demand_of_a_rule_that_reads_no_fact_is_an_error_unless_it_names_one() -> None:
    plain = a_rule(more="    verify_above: 3.00\n")
    named = a_rule(more="    verify_above: {amount: 3.00, facts: [order.paid]}\n")

    (told,) = found(rules(plain), "asks for nothing")
    assert "note" not in told
    assert "name its `facts`" in told
    assert found(rules(named), "asks for nothing") == []


def test_a_table_is_told_once_and_only_where_no_row_asks() -> None:
    table = a_table(
        columns="[order.days_late, $sum]",
        rows="      - [{at_least: 4}, 5.00]\n      - [{at_least: 2}, 4.00]\n    verify_above: 5.00\n",
        then="[{entitle: {remedy: credit, amount: $sum}}]",
    )
    alone = {path: text.replace("shop.late", "shop.lost") for path, text in table.items()}
    lower = {path: text.replace("verify_above: 5.00", "verify_above: 4.99") for path, text in alone.items()}

    (told,) = found(alone, "asks for nothing")
    assert "`a-table` asks for nothing" in told
    assert found(lower, "asks for nothing") == []


# --- contradictions --------------------------------------------------------------------------------------


def owed_and_forbidden(least: int, basis: str = "policy") -> dict[str, str]:
    owed = a_rule("owed", when=between(0, 3), then="[{entitle: {remedy: credit, amount: 5.00}}]", basis="policy")
    never = a_rule("never", when=between(least, 9), then="[{forbid: {remedy: credit}}]", basis=basis)
    return rules(owed, never)


def test_what_is_owed_and_forbidden_on_one_basis_contradicts_itself_where_both_fire() -> None:
    (told,) = found(owed_and_forbidden(3), "both by policy")

    assert "note: `never` forbids credit and `owed` (base/rules/more.yaml:2:5) owes it" in told
    assert "order.days_late: 3" in told
    assert found(owed_and_forbidden(4), "both by policy") == []


def test_a_stronger_basis_takes_precedence_and_contradicts_nothing() -> None:
    assert found(owed_and_forbidden(3, "contract"), "forbids credit and") == []


# --- gaps ------------------------------------------------------------------------------------------------


def test_a_reason_without_a_rule_is_a_gap() -> None:
    told = found({}, "no rule speaks for the reason")

    assert [line.split("`")[1] for line in told] == ["shop.lost", "other"]
    assert all("every case of it is escalated" in line for line in told)


def test_a_case_that_no_rule_of_its_reason_speaks_for_is_a_gap_with_an_example() -> None:
    upper = a_rule("upper", when=between(4, 3650))

    (told,) = found(rules(upper, a_rule("lower", when=between(0, 2))), "some cases of `shop.lost`")
    assert "on 2026-06-01 with {reason: shop.lost, order.days_late: 3}" in told
    assert found(rules(upper, a_rule("lower", when=between(0, 3))), "some cases of `shop.lost`") == []


def test_a_closed_reason_is_silent_on_purpose() -> None:
    closed = sources()["base"]["catalogue.yaml"].replace("shop.lost: {", "shop.lost: {otherwise: forbid, ")
    one = a_rule("one", when=between(4, 3650))

    assert found(rules(one) | {"base/catalogue.yaml": closed}, "shop.lost") == []
    (told,) = found({"base/catalogue.yaml": closed}, "shop.lost")
    assert "every case of it is denied" in told


# --- dates -----------------------------------------------------------------------------------------------


def dated(rule_id: str, dates: str) -> str:
    return a_rule(rule_id, when=between(2, 9)).replace("{from: 2024-01-01}", f"{{{dates}}}")


def test_a_rule_that_ends_before_its_successor_begins_leaves_a_hole() -> None:
    old = dated("old", "from: 2024-01-01, before: 2026-01-01")

    (told,) = found(rules(old, dated("new", "from: 2026-01-02")), "ends before")
    assert "`old` ends before 2026-01-01 and `new` (base/rules/more.yaml:" in told
    assert found(rules(old, dated("new", "from: 2026-01-01")), "ends before") == []


def test_a_rule_about_something_else_is_no_successor() -> None:
    old = dated("old", "from: 2024-01-01, before: 2026-01-01")
    other = dated("other", "from: 2027-01-01").replace("remedy: credit", "remedy: refund")

    assert found(rules(old, other), "ends before") == []


def test_a_value_that_is_only_expected_between_two_others_leaves_a_hole() -> None:
    parameters = sources()["base"]["parameters.yaml"]
    more = "{}-{}:\n  what: a\n  unit: money\n  values: {{2024-01-01: 1.00, 2025-01-01: expected, 2026-01-01: {}}}\n"
    overlay = {
        "base/parameters.yaml": parameters + more.format("some", "cap", "2.00") + more.format("an", "end", "expected")
    }

    (told,) = found(overlay, "has no value")
    assert "`some-cap` has no value from 2025-01-01 until 2026-01-01" in told


def a_value_from(first: str, more: str = "") -> dict[str, str]:
    parameters = sources()["base"]["parameters.yaml"]
    return {
        "base/parameters.yaml": f"{parameters}begun:\n  what: a\n  unit: money\n{more}  values: {{{first}: 2.00}}\n",
    }


def needing(amount: str = "begun", rule_id: str = "a-rule") -> str:
    """A rule in force from 2024-01-01."""
    return a_rule(rule_id, then=f"[{{permit: {{remedy: credit, up_to: {amount}}}}}]")


def test_a_parameter_whose_first_value_begins_after_a_rule_that_needs_it_leaves_a_hole() -> None:
    (told,) = found(rules(needing()) | a_value_from("2024-01-02"), "has no value before")

    assert told.startswith("base/parameters.yaml:")
    assert "`begun` has no value before 2024-01-02, and `a-rule` (base/rules/more.yaml:2:5), which needs it" in told
    assert "is in force from 2024-01-01: in between" in told
    assert found(rules(needing()) | a_value_from("2024-01-01"), "has no value before") == []


def test_of_several_rules_that_need_a_parameter_the_first_to_begin_is_told() -> None:
    later = needing(rule_id="later").replace("from: 2024-01-01", "from: 2024-06-01")
    begun = needing(rule_id="begun-with-it").replace("from: 2024-01-01", "from: 2025-01-01")

    (told,) = found(rules(later, needing(), begun) | a_value_from("2025-01-01"), "has no value before")

    assert "`a-rule`" in told
    assert "like 1 other(s)" in told


@pytest.mark.parametrize(
    "amount",
    [
        "{least: [order.paid, {sum: [1.00, begun]}]}",
        "{each: begun, per: order.days_late}",
        "{from: order.paid, less: begun, at_least: 0.00}",
        "{share: 10 %, of: order.paid, at_most: begun}",
        "{first_known: [order.paid, begun]}",
    ],
)
def test_a_parameter_is_needed_wherever_an_amount_cannot_be_reckoned_without_it(amount: str) -> None:
    assert len(found(rules(needing(amount)) | a_value_from("2024-01-02"), "has no value before")) == 1


def test_a_parameter_in_whose_place_something_else_would_be_known_is_not_needed() -> None:
    replaced = needing("{first_known: [begun, 1.00]}")

    assert found(rules(replaced) | a_value_from("2024-01-02"), "has no value before") == []


def test_the_bound_of_a_condition_is_needed_too() -> None:
    compared = a_rule(when="{reason: shop.late, order.paid: {more_than: begun}}")

    assert len(found(rules(compared) | a_value_from("2024-01-02"), "has no value before")) == 1
    assert found(rules(compared) | a_value_from("2024-01-01"), "has no value before") == []


def test_a_rule_and_a_parameter_that_the_same_fact_dates_are_compared_and_others_are_not() -> None:
    by_order = a_value_from("2024-01-02", "  in_force_by: order.date\n")
    ordered = needing().replace("    when:", "    in_force_by: order.date\n    when:")

    assert len(found(rules(ordered) | by_order, "has no value before")) == 1
    assert found(rules(needing()) | by_order, "has no value before") == []


# --- invariants ------------------------------------------------------------------------------------------


def contradicting(most: int) -> dict[str, str]:
    owed = a_rule("owed", when=between(0, 9), then="[{entitle: {remedy: credit, amount: 5.00}}]", basis="contract")
    text = (
        f"invariants:\n  - {{id: keep, {TITLE}, when: {between(4, 9)}, asks: {{owed_by: contract}}, "
        f"never: {{refuse: true}}}}\n  - {{id: stop, {TITLE}, when: {between(0, most)}, never: {{allow: true}}}}\n"
    )
    return rules(owed) | {"base/invariants.yaml": text}


def test_invariants_that_cannot_both_hold_of_a_request_are_an_error_with_the_request() -> None:
    (told,) = found(contradicting(4), "both cannot hold")

    assert told.startswith("base/invariants.yaml:2:")
    assert "`keep` says that a request is never refused, `stop` (base/invariants.yaml:3:" in told
    assert "order.days_late: 4" in told
    assert found(contradicting(3), "both cannot hold") == []


def test_a_sum_that_is_never_exceeded_contradicts_what_is_owed_beyond_it() -> None:
    give = contradicting(4)["base/invariants.yaml"].replace("never: {allow: true}", "never: {give: {more_than: 4.99}}")
    overlay = contradicting(4) | {"base/invariants.yaml": give}

    (told,) = found(overlay, "both cannot hold")
    assert "credit of 5.00 on" in told
    assert found(overlay | {"base/invariants.yaml": give.replace("4.99", "5.00")}, "both cannot hold") == []


# --- packs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", PACKS)
def test_every_pack_is_free_of_errors_and_has_gaps_alone_for_notes(pack: str) -> None:
    told = weaknesses(compiled(load_folders([RULES / pack])), day=DAY)

    assert [str(weakness) for weakness in told if weakness.weight is Weight.ERROR] == []
    assert [str(weakness) for weakness in told if "no rule speaks for some cases" not in weakness.message] == []
