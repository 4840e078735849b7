"""Above the sum that a rule states, or a pack for it, what the remedy rests on is verified before it is given."""

from __future__ import annotations

import pytest

from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision, Outcome
from policyservice.domain.limits import Scope
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.explain import explain
from policyservice.engine.traces import RuleState
from tests.engine.books import a_book, a_context, a_limit, a_request, a_rule, answer

PRICE = {"order.price": 90000}
PRICED = frozenset({"order.price"})
BY_PRICE = "[{permit: {remedy: credit, up_to: order.price}}]"


def by_price(demanded: str = "", rule_id: str = "by-price", then: str = BY_PRICE, **more: str) -> str:
    """A rule that gives by the price, with its own `verify_above`."""
    return a_rule(rule_id, "{reason: late}", then, more=f"verify_above: {demanded}" if demanded else "", **more)


def a_price(amount: int | None, **more: object) -> Request:
    return a_request(amount=amount, facts=PRICE, **more)


def asked(book: CompiledRulebook, amount: int | None, *verified: str, **more: object) -> Decision:
    return answer(book, a_price(amount), a_context(verified=frozenset(verified), **more))


def told(decision: Decision) -> list[tuple[str | None, str, str]]:
    return [(one.rule, one.text.en, one.text.fi) for one in decision.because if one.code == "verify"]


@pytest.mark.parametrize(("amount", "outcome"), [(10000, Outcome.ALLOW), (10001, Outcome.ESCALATE)])
def test_above_the_sum_of_a_rule_what_it_reads_must_be_verified(amount, outcome):
    book = a_book(by_price("100.00"))

    assert asked(book, amount).outcome is outcome
    assert asked(book, amount).available_minor == 10000
    assert asked(book, amount, "order.price").outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("own", "amount", "outcome"),
    [
        ("100.00", 10000, Outcome.ALLOW),
        ("100.00", 10001, Outcome.ESCALATE),
        ("800.00", 80000, Outcome.ALLOW),
        ("800.00", 80001, Outcome.ESCALATE),
        ("", 50000, Outcome.ALLOW),
        ("", 50001, Outcome.ESCALATE),
    ],
)
def test_the_sum_of_a_rule_lower_or_higher_stands_in_place_of_the_packs(own, amount, outcome):
    assert asked(a_book(by_price(own), pack="verify_above: 500.00\n"), amount).outcome is outcome


def test_a_sum_of_zero_asks_for_every_sum_to_be_verified():
    book = a_book(by_price("0.00"))

    decision = asked(book, 1)
    assert (decision.outcome, decision.available_minor) == (Outcome.ESCALATE, None)
    assert asked(book, 1, "order.price").outcome is Outcome.ALLOW


def test_only_the_facts_that_a_rule_names_must_be_verified():
    book = a_book(
        a_rule(
            "several",
            "{reason: late, order.days_late: {at_least: 2}}",
            BY_PRICE,
            more="verify_above: {amount: 100.00, facts: [order.days_late]}",
        )
    )
    request = a_request(amount=10001, facts={**PRICE, "order.days_late": 2})

    assert answer(book, request, a_context(verified=PRICED)).outcome is Outcome.ESCALATE
    assert answer(book, request, a_context(verified=frozenset({"order.days_late"}))).outcome is Outcome.ALLOW


def test_a_fact_that_the_rule_does_not_read_may_be_named():
    book = a_book(
        a_rule(
            "fixed",
            "{reason: late}",
            "[{permit: {remedy: credit, up_to: 200.00}}]",
            more="verify_above: {amount: 100.00, facts: [order.paid]}",
        )
    )

    assert asked(book, 10001).outcome is Outcome.ESCALATE
    assert asked(book, 10001, "order.paid").outcome is Outcome.ALLOW


def test_a_reckoned_fact_is_verified_by_the_facts_that_it_is_reckoned_from():
    reckoned = "reckoned:\n  order.loss: {from: order.price, less: order.paid}\n"
    book = a_book(by_price("{amount: 100.00, facts: [order.loss]}"), vocabulary=reckoned)

    assert asked(book, 10001, "order.price").outcome is Outcome.ESCALATE
    assert asked(book, 10001, "order.price", "order.paid").outcome is Outcome.ALLOW


def test_of_two_rules_each_counts_up_to_its_own_sum():
    larger = by_price("100.00", "larger")
    smaller = by_price("300.00", "smaller", "[{permit: {remedy: credit, up_to: {share: 50 %, of: order.price}}}]")

    assert asked(a_book(larger, smaller), 30000).outcome is Outcome.ALLOW
    assert asked(a_book(larger, smaller), 30001).outcome is Outcome.ESCALATE
    assert asked(a_book(larger, smaller), 1).available_minor == 30000


def test_what_verified_facts_alone_give_is_never_cut_by_a_rule_that_demands_more():
    on_days = "[{permit: {remedy: credit, up_to: {each: 10.00, per: order.days_late}}}]"
    book = a_book(by_price("1.00"), by_price("1.00", "by-days", on_days))
    request = a_request(amount=4000, facts={**PRICE, "order.days_late": 4})
    days = a_context(verified=frozenset({"order.days_late"}))

    assert answer(book, request, days).outcome is Outcome.ALLOW
    assert answer(book, a_request(amount=4001, facts=request.facts), days).outcome is Outcome.ESCALATE


def test_a_limit_that_leaves_less_than_verified_facts_give_does_not_raise_the_sum():
    book = a_book(by_price("100.00"))
    limits = (a_limit(scope=Scope.AGENT, amount=9999),)

    assert asked(book, 10000, limits=limits).available_minor == 9999
    assert told(asked(book, 10000, limits=limits)) == []
    assert len(told(asked(book, 10001, limits=limits))) == 1


def test_an_open_question_is_answered_by_what_needs_no_verification():
    request = a_price(None, open_amount=True)
    book = a_book(by_price("100.00"))

    assert answer(book, request).amount_minor == 10000
    assert answer(book, request, a_context(verified=PRICED)).amount_minor == 90000


def test_what_is_owed_waits_for_verification_too():
    owed = by_price("100.00", then="[{entitle: {remedy: credit, amount: order.price}}]", basis="law")

    assert asked(a_book(owed), 10001).outcome is Outcome.ESCALATE
    assert asked(a_book(owed), 10001, "order.price").outcome is Outcome.ALLOW


def test_a_remedy_without_a_sum_is_given_whatever_a_rule_demands_of_sums():
    both = "[{permit: {remedy: credit, up_to: order.price}}, {permit: {remedy: visit}}]"

    assert answer(a_book(by_price("0.00", then=both)), a_request("visit", None, facts=PRICE)).outcome is Outcome.ALLOW


def test_a_written_reason_stretches_no_cap_beyond_what_must_be_verified():
    book = a_book(
        a_rule(
            "capped",
            "{reason: late, order.price: {at_least: 1.00}}",
            "[{permit: {remedy: credit, up_to: 8.00}}]",
            more="verify_above: 9.00",
        ),
        pack="stretch: {hard_cap: 20.00, margin: 0.00}\n",
    )

    def stretched(amount: int, context: Context | None = None) -> Decision:
        return answer(book, a_price(amount, justification="She waited for an hour."), context or a_context())

    assert (stretched(900).outcome, stretched(900).stretched) == (Outcome.ALLOW, True)
    assert stretched(901).outcome is Outcome.ESCALATE
    assert stretched(901, a_context(verified=PRICED)).outcome is Outcome.ALLOW


# --- what is told ----------------------------------------------------------------------------------------


def test_the_answer_names_the_rule_the_sum_and_the_facts_in_both_languages():
    assert told(asked(a_book(by_price("100.00")), 10001)) == [
        (
            "by-price",
            "by-price rule: above 100.00 EUR these have to be verified first: Price.",
            "by-price sääntö: kun summa on yli 100,00 EUR, ensin on varmistettava: Hinta.",
        )
    ]


def test_only_what_is_not_verified_yet_is_named():
    book = a_book(by_price("{amount: 100.00, facts: [order.price, order.paid]}"))

    ((_, english, _),) = told(asked(book, 10001, "order.price"))
    assert english.endswith("verified first: Paid.")


def test_a_rule_that_the_asked_sum_does_not_rest_on_is_not_named():
    small = by_price("100.00", "small", "[{permit: {remedy: credit, up_to: {share: 10 %, of: order.price}}}]")

    assert [rule for rule, _, _ in told(asked(a_book(by_price("100.00"), small), 10001))] == ["by-price"]


def test_where_verifying_would_not_help_it_is_not_asked_for():
    fixed = a_rule("fixed", "{reason: late}", "[{permit: {remedy: credit, up_to: 950.00}}]")
    decision = asked(a_book(by_price("100.00"), fixed), 95001)

    assert [one.code for one in decision.because] == ["rule-cap"]


def test_an_explanation_says_nothing_of_what_a_rule_in_another_currency_demands():
    book = a_book(by_price("100.00"))
    explained = explain(book, Request("late", "credit", "JPY", 10001), a_context())

    assert [(rule.state, rule.verify) for rule in explained.rules] == [(RuleState.OTHER_CURRENCY, None)]


def test_an_explanation_says_of_each_rule_what_it_demands_and_what_is_left_to_verify():
    book = a_book(
        by_price("{amount: 100.00, facts: [order.price, order.paid]}"),
        by_price("", "usual"),
        a_rule("fixed", "{reason: late}", "[{permit: {remedy: credit, up_to: 1.00}}]"),
        pack="verify_above: 500.00\n",
    )

    explained = explain(book, a_price(10001), a_context(verified=PRICED))
    demanded = {rule.rule: rule.verify for rule in explained.rules}

    own = demanded["by-price"]
    assert own is not None
    assert (own.above_minor, own.facts, own.unverified) == (10000, ("order.paid", "order.price"), ("order.paid",))
    assert own.text.en == "Above 100.00 EUR to be verified first: Paid"
    assert own.text.fi == "Kun summa on yli 100,00 EUR, ensin on varmistettava: Maksettu"
    usual = demanded["usual"]
    assert usual is not None
    assert (usual.above_minor, usual.unverified) == (50000, ())
    assert usual.text.en == "Above 500.00 EUR to be verified first: nothing, all is verified"
    assert usual.text.fi.endswith("ensin on varmistettava: ei mitään, kaikki on varmistettu")
    assert demanded["fixed"] is None
