from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policyservice.domain.errors import EngineFault
from policyservice.domain.vocabulary import FactType
from policyservice.engine.evaluator import CompiledRules, compile_rules
from policyservice.engine.traces import RuleState
from policyservice.rulebook.model import (
    AllOf,
    AnyOf,
    Compare,
    Difference,
    Each,
    FactRef,
    Fixed,
    Not,
    Op,
    ParameterRef,
    ParameterUnit,
)
from tests.engine.models import (
    TODAY,
    a_conclusion,
    a_fact,
    a_parameter,
    a_rule,
    a_rulebook,
    a_table,
    a_tier,
    at_least,
    between,
    by_rules,
    eq,
    every,
    reckoned,
)

DAYS, PAID = a_fact("order.days"), a_fact("order.paid", FactType.MONEY)
LATE = eq("reason", "late")
A_DAY = date.fromordinal(TODAY)


def rules_of(*rules, facts=(), **more) -> CompiledRules:
    """Compiled rules over order.days, order.paid, a tier and more facts."""
    return compile_rules(a_rulebook(*rules, facts=[DAYS, PAID, a_tier(), *facts], **more))


def found(rules: CompiledRules, day: int = TODAY, currency: str = "EUR", reason: str = "late", **facts):
    """The findings for facts such as `order_days=3`."""
    given = {"reason": reason, **{name.replace("_", ".", 1): value for name, value in facts.items()}}
    return rules.evaluate(given, day, currency)


# --- three values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "fires_at"),
    [
        (Op.IS, {4}),
        (Op.IS_NOT, {3, 5}),
        (Op.AT_LEAST, {4, 5}),
        (Op.AT_MOST, {3, 4}),
        (Op.MORE_THAN, {5}),
        (Op.LESS_THAN, {3}),
    ],
)
def test_a_comparison_holds_at_its_bound_or_beside_it_as_its_word_says(op, fires_at):
    rules = rules_of(a_rule("r", Compare("order.days", op, 4)))

    assert {days for days in (3, 4, 5) if found(rules, order_days=days).fired} == fires_at
    assert found(rules).unknown == {"r": ("order.days",)}


@pytest.mark.parametrize(
    ("op", "fires_at"),
    [
        (Op.AT_LEAST, {"regular", "loyal"}),
        (Op.AT_MOST, {"new", "regular"}),
        (Op.MORE_THAN, {"loyal"}),
        (Op.LESS_THAN, {"new"}),
        (Op.IS_NOT, {"new", "loyal"}),
    ],
)
def test_ordered_codes_compare_by_rank(op, fires_at):
    rules = rules_of(a_rule("r", Compare("customer.tier", op, "regular")))

    assert {t for t in ("new", "regular", "loyal") if found(rules, customer_tier=t).fired} == fires_at


UNKNOWN, TRUE, FALSE = at_least("order.paid", 1), at_least("order.days", 1), at_least("order.days", 2)


@pytest.mark.parametrize(
    ("when", "state"),
    [
        (UNKNOWN, "unknown"),
        (Not(UNKNOWN), "unknown"),
        (Not(Not(UNKNOWN)), "unknown"),
        (every(TRUE, UNKNOWN), "unknown"),
        (every(FALSE, UNKNOWN), "not fired"),
        (AnyOf((TRUE, UNKNOWN)), "fired"),
        (AnyOf((FALSE, UNKNOWN)), "unknown"),
        (Not(every(FALSE, UNKNOWN)), "fired"),
        (Not(AnyOf((TRUE, UNKNOWN))), "not fired"),
        (AllOf(()), "fired"),
        (AnyOf(()), "not fired"),
    ],
)
def test_what_is_not_known_stays_unknown_unless_it_does_not_matter(when, state):
    findings = found(rules_of(a_rule("r", when)), order_days=1)

    assert ("r" in findings.fired, "r" in findings.unknown) == (state == "fired", state == "unknown")
    assert findings.unknown.get("r", ("order.paid",)) == ("order.paid",)


def test_only_the_facts_that_would_settle_a_rule_are_named():
    when = every(AnyOf((TRUE, UNKNOWN)), AnyOf((FALSE, at_least("order.weight", 1))))
    findings = found(rules_of(a_rule("r", when), facts=[a_fact("order.weight")]), order_days=1)

    assert findings.unknown == {"r": ("order.weight",)}


# --- presumed, present -----------------------------------------------------------------------------------


def test_a_presumed_value_counts_and_is_said_to_be_presumed():
    returned = a_fact("order.returned", FactType.BOOLEAN, presume=False)
    rules = rules_of(a_rule("r", eq("order.returned", False)), facts=[returned])

    presumed, given = found(rules), found(rules, order_returned=False)

    assert (presumed.fired, presumed.presumed) == (("r",), ("order.returned",))
    assert presumed.facts["order.returned"] is False
    assert (given.fired, given.presumed) == (("r",), ())
    assert found(rules, order_returned=True).fired == ()


def test_present_is_never_unknown_and_a_presumed_value_is_not_present():
    gift = a_fact("order.gift", FactType.BOOLEAN, presume=False)
    rules = rules_of(
        a_rule("there", Compare("order.gift", Op.PRESENT, True)),
        a_rule("absent", Compare("order.gift", Op.PRESENT, False)),
        a_rule("days", Compare("order.days", Op.PRESENT, True)),
        facts=[gift],
    )

    assert found(rules).fired == ("absent",)
    assert found(rules).unknown == {}
    assert found(rules, order_gift=False, order_days=0).fired == ("days", "there")


def test_only_what_concerns_the_reason_is_presumed():
    facts = [a_fact("a.one", presume=1), a_fact("a.two", presume=2)]
    rules = rules_of(
        a_rule("r", every(LATE, eq("a.one", 1))),
        a_rule("s", every(eq("reason", "broken"), eq("a.two", 2))),
        facts=facts,
    )

    assert found(rules).presumed == ("a.one",)
    assert found(rules, reason="broken").presumed == ("a.two",)


# --- in force, currency, reason --------------------------------------------------------------------------


def test_a_rule_is_in_force_from_its_first_day_until_before_its_last():
    rules = rules_of(a_rule("r", LATE, in_force=between(A_DAY, date(2026, 6, 3))))

    assert [len(found(rules, TODAY + days).fired) for days in (-1, 0, 1, 2)] == [0, 1, 1, 0]
    assert found(rules, TODAY - 1).unknown == {}


def test_a_rule_dated_by_a_fact_goes_by_that_day_and_is_unknown_without_it():
    dated = a_rule("r", at_least("order.days", 1), in_force=between(A_DAY, None), in_force_by="order.date")
    rules = rules_of(dated, facts=[a_fact("order.date", FactType.DATE)])

    assert found(rules, order_days=1, order_date=TODAY).fired == ("r",)
    assert found(rules, order_days=1, order_date=TODAY - 1).fired == ()
    assert found(rules, order_days=1).unknown == {"r": ("order.date",)}
    assert found(rules).unknown == {"r": ("order.date", "order.days")}
    assert found(rules, order_days=0).unknown == {}  # it would not fire on any date


def test_a_rule_in_another_currency_neither_fires_nor_is_unknown():
    rules = rules_of(a_rule("gbp", LATE, currency="GBP"), a_rule("unknown", UNKNOWN, currency="GBP"))

    assert found(rules).fired == ()
    assert found(rules).unknown == {}
    assert found(rules, currency="GBP").fired == ("gbp",)


@pytest.mark.parametrize(
    ("when", "speaks_of"),
    [
        (LATE, {"late"}),
        (Compare("reason", Op.ONE_OF, ("late", "broken")), {"late", "broken"}),
        (Compare("reason", Op.IS_NOT, "late"), {"broken", "lost"}),
        (Compare("reason", Op.NONE_OF, ("late",)), {"broken", "lost"}),
        (Not(LATE), {"broken", "lost"}),
        (AnyOf((LATE, eq("reason", "lost"))), {"late", "lost"}),
        (every(every(LATE), Compare("reason", Op.ONE_OF, ("late", "broken"))), {"late"}),
        (every(LATE, eq("reason", "lost")), set()),
        (Compare("reason", Op.PRESENT, True), {"late", "broken", "lost"}),
    ],
)
def test_a_rule_speaks_of_the_reasons_that_its_condition_names(when, speaks_of):
    rules = rules_of(a_rule("r", when), reasons=("late", "broken", "lost"))

    assert {r for r in ("late", "broken", "lost") if found(rules, reason=r).fired} == speaks_of


def test_a_reason_outside_the_catalogue_meets_the_rules_for_every_reason():
    rules = rules_of(a_rule("late", LATE), a_rule("any", at_least("order.days", 1)))

    assert found(rules, reason="unheard-of", order_days=1).fired == ("any",)


# --- first-hit tables ------------------------------------------------------------------------------------


def delay_table() -> CompiledRules:
    """At least 120 days; at least 60 days and loyal; otherwise."""
    rows = a_table(
        "t", at_least("order.days", 120), every(at_least("order.days", 60), eq("customer.tier", "loyal")), LATE
    )
    return rules_of(*rows)


@pytest.mark.parametrize(
    ("facts", "fired", "unknown"),
    [
        ({"order_days": 120}, ("t/1",), {}),
        ({"order_days": 60, "customer_tier": "loyal"}, ("t/2",), {}),
        ({"order_days": 60, "customer_tier": "new"}, ("t/3",), {}),
        ({"order_days": 59}, ("t/3",), {}),
        ({"order_days": 60}, (), {"t/2": ("customer.tier",), "t/3": ("customer.tier",)}),
        ({"customer_tier": "new"}, (), {"t/1": ("order.days",), "t/3": ("order.days",)}),
    ],
)
def test_a_first_hit_table_takes_the_first_row_and_stops_at_an_unknown_one(facts, fired, unknown):
    findings = found(delay_table(), **facts)

    assert (findings.fired, findings.unknown) == (fired, unknown)


def test_after_a_true_row_no_row_is_unknown_any_more_even_behind_an_unknown_one():
    rows = a_table("t", UNKNOWN, at_least("order.days", 1), UNKNOWN)
    findings = found(rules_of(*rows), order_days=1)

    assert findings.fired == ()
    assert findings.unknown == {"t/1": ("order.paid",), "t/2": ("order.paid",)}


def test_a_row_behind_an_unknown_one_might_conclude_so_nothing_is_presumed():
    first, second = a_table("t", UNKNOWN, at_least("order.days", 1))
    concluding = replace(second, then=(a_conclusion("bags.free", 2),))
    rules = rules_of(first, concluding, a_rule("none", eq("bags.free", 0)), facts=[by_rules("bags.free", presume=0)])

    assert found(rules, order_days=0, order_paid=0).fired == ("none",)
    assert found(rules, order_days=1, order_paid=0).fired == ("t/2",)
    assert found(rules, order_days=1).fired == ()
    assert found(rules, order_days=1).unknown["none"] == ("order.paid",)


def test_in_a_table_of_all_hits_every_row_stands_alone():
    rows = a_table("t", at_least("order.days", 1), at_least("order.days", 2), UNKNOWN, first=False)

    assert found(rules_of(*rows), order_days=2).fired == ("t/1", "t/2")


# --- conclusions and reckoned facts ----------------------------------------------------------------------


def allowance(**fact) -> CompiledRules:
    """Two bags are free for the loyal, one for the regular; what is beyond is reckoned and judged."""
    return rules_of(
        a_rule("too-many", at_least("bags.extra", 1)),
        a_rule("loyal", eq("customer.tier", "loyal"), a_conclusion("bags.free", 2)),
        a_rule("regular", eq("customer.tier", "regular"), a_conclusion("bags.free", 1)),
        facts=[a_fact("bags.all"), a_fact("bags.people"), by_rules("bags.free", **fact)],
        reckoned=[
            reckoned("bags.allowed", Each(FactRef("bags.free"), FactRef("bags.people"))),
            reckoned("bags.extra", Difference(FactRef("bags.all"), FactRef("bags.allowed"))),
        ],
    )


def test_what_rules_conclude_is_reckoned_with_and_judged():
    findings = found(allowance(), customer_tier="loyal", bags_all=5, bags_people=2)

    assert findings.fired == ("loyal", "too-many")
    assert findings.facts["bags.free"] == 2
    assert (findings.facts["bags.allowed"], findings.facts["bags.extra"]) == (4, 1)
    assert findings.derived == ("bags.free", "bags.allowed", "bags.extra")
    assert found(allowance(), customer_tier="loyal", bags_all=4, bags_people=2).fired == ("loyal",)


def test_what_is_missing_is_followed_down_to_facts_that_somebody_can_give():
    assert found(allowance(), bags_all=5).unknown["too-many"] == ("bags.people", "customer.tier")
    assert found(allowance(), customer_tier="loyal", bags_people=2).unknown == {"too-many": ("bags.all",)}


def test_a_fact_that_no_rule_concludes_is_unknown_and_stands_for_itself():
    assert found(allowance(), customer_tier="new", bags_all=5, bags_people=1).unknown == {"too-many": ("bags.free",)}


def test_a_fact_that_no_rule_concludes_is_presumed_only_when_no_rule_could():
    rules = allowance(presume=0)
    sure, unsure = found(rules, customer_tier="new", bags_all=1, bags_people=1), found(rules, bags_all=1, bags_people=1)

    assert (sure.fired, sure.presumed) == (("too-many",), ("bags.free",))
    assert (unsure.fired, unsure.presumed) == ((), ())
    assert unsure.unknown["too-many"] == ("customer.tier",)


def test_what_a_caller_says_of_a_concluded_or_reckoned_fact_is_passed_over():
    findings = found(allowance(), customer_tier="loyal", bags_all=4, bags_people=2, bags_free=0, bags_extra=9)

    assert findings.fired == ("loyal",)
    assert findings.facts["bags.extra"] == 0


def test_two_different_values_for_one_fact_are_a_fault_and_neither_is_taken():
    rules = rules_of(
        a_rule("one", LATE, a_conclusion("bags.free", 1)),
        a_rule("two", at_least("order.days", 1), a_conclusion("bags.free", 2)),
        a_rule("sees", at_least("bags.free", 1)),
        facts=[by_rules("bags.free", presume=0)],
    )

    assert found(rules, order_days=0).fault is None
    findings = found(rules, order_days=1)
    assert findings.fault == "Two different values were concluded for the fact bags.free."
    assert "bags.free" not in findings.facts
    assert "sees" not in findings.fired


def test_the_same_value_concluded_twice_is_no_fault():
    rules = rules_of(
        *(a_rule(name, LATE, a_conclusion("bags.free", 1)) for name in ("one", "two")), facts=[by_rules("bags.free")]
    )

    assert found(rules).facts["bags.free"] == 1
    assert found(rules).fault is None


def test_a_reckoned_fact_beyond_64_bits_is_a_fault():
    rules = rules_of(
        a_rule("r", at_least("order.area", 1)),
        reckoned=[reckoned("order.area", Each(FactRef("order.paid"), FactRef("order.days")))],
    )

    assert found(rules, order_paid=2**62, order_days=1).fired == ("r",)
    findings = found(rules, order_paid=2**62, order_days=2)
    assert findings.fault == "The reckoned fact order.area does not fit in 64 bits."
    assert findings.fired == ()


def test_conclusions_in_a_circle_are_refused():
    circle = [
        a_rule("a", at_least("c.one", 1), a_conclusion("c.two", 1)),
        a_rule("b", at_least("c.two", 1), a_conclusion("c.one", 1)),
    ]

    with pytest.raises(EngineFault, match="rests on itself"):
        rules_of(*circle, facts=[by_rules("c.one"), by_rules("c.two")])


def test_a_row_rests_on_the_rows_before_it():
    rows = a_table("t", at_least("c.one", 1), LATE, then=[a_conclusion("c.one", 1)])

    with pytest.raises(EngineFault, match="rests on itself"):
        rules_of(*rows, facts=[by_rules("c.one")])


# --- parameters ------------------------------------------------------------------------------------------


def test_a_condition_compares_with_the_parameter_of_the_day():
    rules = rules_of(
        a_rule("r", at_least("order.days", ParameterRef("days"))),
        parameters=[a_parameter("days", {A_DAY: 4, date(2026, 6, 2): 5})],
    )

    assert [len(found(rules, TODAY + day, order_days=4).fired) for day in (-1, 0, 1)] == [0, 1, 0]
    before = found(rules, TODAY - 1, order_days=4)
    assert before.unknown == {"r": ()}  # nothing that is found out would settle it


def test_a_parameter_dated_by_a_fact_waits_for_it():
    rules = rules_of(
        a_rule("r", at_least("order.days", ParameterRef("days"))),
        facts=[a_fact("order.date", FactType.DATE)],
        parameters=[a_parameter("days", {A_DAY: 4}, in_force_by="order.date")],
    )

    assert found(rules, order_days=4, order_date=TODAY).fired == ("r",)
    assert found(rules, order_days=4).unknown == {"r": ("order.date",)}


def test_an_ordered_code_compares_with_a_parameter_by_rank():
    rules = rules_of(
        a_rule("r", at_least("customer.tier", ParameterRef("from"))),
        parameters=[a_parameter("from", {A_DAY: "regular"}, unit=ParameterUnit.CODE)],
    )

    assert [t for t in ("new", "regular", "loyal") if found(rules, customer_tier=t).fired] == ["regular", "loyal"]


def test_a_rule_may_conclude_a_parameter():
    rules = rules_of(
        a_rule("r", LATE, a_conclusion("bags.free", ParameterRef("free"))),
        a_rule("sees", at_least("bags.free", 1)),
        facts=[by_rules("bags.free", presume=0), a_fact("order.date", FactType.DATE)],
        parameters=[a_parameter("free", {A_DAY: 2}, in_force_by="order.date")],
    )

    assert found(rules, order_date=TODAY).facts["bags.free"] == 2
    assert found(rules).unknown == {"sees": ("order.date",)}


# --- explanations ----------------------------------------------------------------------------------------


def test_an_explanation_says_of_every_rule_for_the_reason_what_became_of_it():
    rules = rules_of(
        a_rule("fired", every(LATE, at_least("order.days", 4))),
        a_rule("not-fired", every(LATE, at_least("order.days", 5))),
        a_rule("unknown", UNKNOWN),
        a_rule("ended", LATE, in_force=between(None, A_DAY)),
        a_rule("gbp", LATE, currency="GBP"),
        a_rule("elsewhere", eq("reason", "broken")),
    )
    traces = {t.rule: t for t in rules.explain({"reason": "late", "order.days": 4}, TODAY, "EUR")}

    assert {rule: trace.state for rule, trace in traces.items()} == {
        "fired": RuleState.FIRED,
        "not-fired": RuleState.NOT_FIRED,
        "unknown": RuleState.UNKNOWN,
        "ended": RuleState.NOT_IN_FORCE,
        "gbp": RuleState.OTHER_CURRENCY,
    }
    leaf = traces["not-fired"].leaves[1]
    assert (leaf.fact, leaf.op, leaf.value, leaf.found, leaf.holds) == ("order.days", Op.AT_LEAST, 5, 4, False)
    assert traces["unknown"].missing == ("order.paid",)
    assert traces["unknown"].leaves[0].holds is None


def test_an_explanation_names_the_row_that_came_before():
    traces = {t.rule: t for t in delay_table().explain({"reason": "late", "order.days": 120}, TODAY, "EUR")}

    assert (traces["t/3"].state, traces["t/3"].because_of_row) == (RuleState.NOT_FIRED, "t/1")
    assert traces["t/1"].because_of_row is None


def test_an_explanation_shows_parameters_and_presumed_values():
    rules = rules_of(
        a_rule("r", at_least("order.bags", ParameterRef("bags"))),
        facts=[a_fact("order.bags", presume=1)],
        parameters=[a_parameter("bags", {A_DAY: 2})],
    )
    leaf = rules.explain({"reason": "late"}, TODAY, "EUR")[0].leaves[0]

    assert (leaf.parameter, leaf.value, leaf.found, leaf.presumed, leaf.holds) == ("bags", 2, 1, True, False)


# --- shape -----------------------------------------------------------------------------------------------


def test_what_was_given_is_not_changed():
    given = {"reason": "late", "order.days": 1}
    rules = rules_of(a_rule("r", eq("order.gift", 0)), facts=[a_fact("order.gift", presume=0)])

    assert rules.evaluate(given, TODAY, "EUR").facts == {"reason": "late", "order.days": 1, "order.gift": 0}
    assert given == {"reason": "late", "order.days": 1}


def test_names_and_texts_of_a_rulebook_cannot_become_code():
    evil = 'x\') or exit() #\n"""'
    rules = rules_of(a_rule(evil, eq("note.kind", evil)), facts=[a_fact("note.kind", FactType.TEXT)])

    assert found(rules, note_kind=evil).fired == (evil,)
    assert found(rules, note_kind="x").fired == ()


def test_settled_by_follows_names_down_for_other_readers():
    rules = allowance()
    findings = found(rules, bags_all=1)

    names = rules.settled_by(["bags.extra", "order.paid"], findings.facts, findings.presumed, TODAY, "EUR")
    assert names == ("bags.people", "customer.tier", "order.paid")


def test_constants_of_amounts_do_not_matter_to_what_fires():
    rules = rules_of(a_rule("r", at_least("r.one", 2)), reckoned=[reckoned("r.one", Fixed(2))])

    assert found(rules).fired == ("r",)
