"""Refunds are bounded by what was paid; stated facts by what the company verified."""

import pytest

from policyservice.domain.decision import Outcome, Received
from tests.engine.books import a_book, a_context, a_request, a_rule, answer, codes

PAID_BACK = a_rule("back", "{reason: late}", "[{entitle: {remedy: refund, amount: order.paid}}]", basis="contract")
GENEROUS = a_rule("generous", "{reason: late}", "[{permit: {remedy: refund, up_to: 100.00}}]")
CREDIT = a_rule("credit", "{reason: late}", "[{permit: {remedy: credit, up_to: 900.00}}]")
FORBID = a_rule("never", "{reason: late}", "[{forbid: {remedy: refund}}]", basis="policy")
PAID_7 = {"order.paid": 700}


@pytest.mark.parametrize(("amount", "outcome"), [(700, Outcome.ALLOW), (701, Outcome.DENY)])
def test_one_cent_more_than_was_paid_is_nobodys_to_give(amount, outcome):
    assert answer(a_book(PAID_BACK), a_request("refund", amount, facts=PAID_7)).outcome is outcome


def test_more_than_was_paid_is_denied_even_where_a_permit_reaches_further():
    decision = answer(a_book(GENEROUS), a_request("refund", 701, facts=PAID_7))

    assert (decision.outcome, decision.available_minor, codes(decision)) == (Outcome.DENY, 700, ["more-than-paid"])


def test_what_was_refunded_before_lessens_what_may_be_refunded():
    context = a_context(received=Received(refunded_minor=500))

    assert answer(a_book(GENEROUS), a_request("refund", 200, facts=PAID_7), context).outcome is Outcome.ALLOW
    assert answer(a_book(GENEROUS), a_request("refund", 201, facts=PAID_7), context).outcome is Outcome.DENY


def test_a_refund_whose_paid_fact_is_not_known_escalates():
    decision = answer(a_book(GENEROUS), a_request("refund", 1))

    assert (decision.outcome, decision.missing) == (Outcome.ESCALATE, ("order.paid",))
    assert decision.available_minor is None


def test_an_open_question_for_a_refund_whose_paid_fact_is_not_known_escalates_too():
    decision = answer(a_book(GENEROUS), a_request("refund", None, open_amount=True))

    assert decision.outcome is Outcome.ESCALATE


WHERE_KNOWN = """
  thing.price: {type: money, title: {en: Price, fi: Hinta}, role: {paid_where_known: [other]}}
"""
USUAL = a_rule("usual", "{reason: other}", "[{entitle: {remedy: refund, amount: 50.00, basis: policy}}]")
BY_PRICE = a_rule(
    "by-price", "{reason: other}", "[{permit: {remedy: refund, up_to: {first_known: [thing.price, unpriced]}}}]"
)


@pytest.mark.parametrize(
    ("price", "amount", "outcome"),
    [
        (None, 5000, Outcome.ALLOW),
        (None, 5001, Outcome.ESCALATE),
        (3000, 3000, Outcome.ALLOW),
        (3000, 3001, Outcome.DENY),
        (6000, 5000, Outcome.ALLOW),
        (6000, 5001, Outcome.ESCALATE),
        (6000, 6000, Outcome.ESCALATE),
        (6000, 6001, Outcome.DENY),
    ],
)
def test_what_was_paid_where_known_bounds_a_usual_sum_and_is_not_waited_for(price, amount, outcome):
    facts = {} if price is None else {"thing.price": price}

    book = a_book(USUAL, vocabulary=WHERE_KNOWN)
    assert answer(book, a_request("refund", amount, "other", facts=facts)).outcome is outcome


def test_an_open_question_where_what_was_paid_is_not_known_and_need_not_be_is_answered_without_a_sum():
    decision = answer(a_book(BY_PRICE, vocabulary=WHERE_KNOWN), a_request("refund", None, "other", open_amount=True))

    assert (decision.outcome, decision.available_minor) == (Outcome.ALLOW, None)


def test_an_asked_sum_waits_where_neither_rule_nor_price_says_how_much():
    decision = answer(a_book(BY_PRICE, vocabulary=WHERE_KNOWN), a_request("refund", 1, "other"))

    assert (decision.outcome, codes(decision)) == (Outcome.ESCALATE, ["unpriced"])


def test_a_reason_under_both_roles_waits_for_what_was_paid():
    vocabulary = WHERE_KNOWN.replace("{paid_where_known: [other]}", "{paid: [other], paid_where_known: [other]}")

    decision = answer(a_book(USUAL, vocabulary=vocabulary), a_request("refund", 1, "other"))
    assert (decision.outcome, decision.missing) == (Outcome.ESCALATE, ("thing.price",))


def test_a_forbid_denies_a_refund_before_anything_has_to_be_found_out():
    assert answer(a_book(GENEROUS, FORBID), a_request("refund", 1)).outcome is Outcome.DENY


def test_an_open_question_is_answered_by_what_is_left_of_what_was_paid():
    context = a_context(received=Received(refunded_minor=500))
    request = a_request("refund", None, open_amount=True, facts=PAID_7)

    decision = answer(a_book(GENEROUS), request, context)
    assert (decision.outcome, decision.amount_minor, decision.available_minor) == (Outcome.ALLOW, 200, 200)


@pytest.mark.parametrize(("amount", "outcome"), [(50000, Outcome.ALLOW), (50001, Outcome.ESCALATE)])
def test_above_the_stated_sum_facts_that_only_the_caller_stated_must_be_verified(amount, outcome):
    book = a_book(
        a_rule("by-price", "{reason: late}", "[{permit: {remedy: credit, up_to: order.price}}]"),
        pack="verify_above: 500.00\n",
    )
    request = a_request(amount=amount, facts={"order.price": 90000})

    assert answer(book, request).outcome is outcome
    verified = a_context(verified=frozenset({"order.price"}))
    assert answer(book, request, verified).outcome is Outcome.ALLOW


def test_a_remedy_that_rests_on_no_stated_fact_needs_no_verification():
    book = a_book(CREDIT, pack="verify_above: 500.00\n")

    assert answer(book, a_request(amount=90000)).outcome is Outcome.ALLOW
