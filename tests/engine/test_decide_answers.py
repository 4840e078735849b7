"""What an answer carries besides its outcome: hold, costs, words, faults, what was given before."""

from dataclasses import replace
from datetime import timedelta

from policyservice.domain.decision import Outcome
from policyservice.engine.decide import decide
from tests.engine.books import CATALOGUE, NOON, a_book, a_context, a_limit, a_request, a_rule, answer, codes

LATE = "{reason: late}"
PERMIT_20 = a_rule("kind", LATE, "[{permit: {remedy: credit, up_to: 20.00}}]")
VOUCHER_20 = a_rule("voucher", LATE, "[{permit: {remedy: voucher, up_to: 20.00}}]")
GIFT = a_rule("gift", "{reason: late, order.gift: false}", "[{permit: {remedy: credit, up_to: 2.00}}]")


def test_an_allow_holds_until_the_hold_ends_and_others_hold_nothing():
    book = a_book(PERMIT_20)

    assert answer(book, a_request()).expires_at == NOON + timedelta(hours=1)
    assert answer(book, a_request(amount=2001)).expires_at is None


def test_a_remedy_may_state_a_hold_of_its_own_and_a_pack_another():
    own = a_book(
        PERMIT_20,
        pack="hold_minutes: 30\n",
        catalogue=CATALOGUE.replace("fi: Hyvitys}}", "fi: Hyvitys}, hold_minutes: 5}"),
    )
    of_pack = a_book(PERMIT_20, pack="hold_minutes: 30\n")

    assert answer(own, a_request()).expires_at == NOON + timedelta(minutes=5)
    assert answer(of_pack, a_request()).expires_at == NOON + timedelta(minutes=30)


def test_every_answer_carries_what_the_remedy_costs_and_what_escalating_would():
    for amount in (1000, 3000):
        cost = answer(a_book(VOUCHER_20), a_request("voucher", amount)).cost
        assert cost is not None
        assert cost.remedy_minor == amount // 2
        assert cost.escalation.low <= cost.escalation.expected <= cost.escalation.high
        assert set(cost.views) == {"cash", "churn", "full"}


def test_the_cost_is_split_like_the_amount():
    book = a_book(VOUCHER_20, a_rule("law", LATE, "[{entitle: {remedy: voucher, amount: 5.00}}]", basis="law"))

    decision = answer(book, a_request("voucher", 2000))
    assert (decision.entitled_minor, decision.goodwill_minor) == (500, 1500)
    assert (decision.entitled_cost_minor, decision.goodwill_cost_minor) == (250, 750)


def test_the_words_of_the_rule_that_covers_the_answer_are_what_to_say():
    said = answer(a_book(PERMIT_20), a_request()).say
    assert said is not None
    assert said.fi == "Olkaa hyvä (kind)."


def test_presumed_facts_are_shown_as_presumed():
    decision = answer(a_book(GIFT), a_request(amount=200))

    assert (decision.outcome, decision.presumed, decision.facts["order.gift"]) == (
        Outcome.ALLOW,
        ("order.gift",),
        False,
    )


def test_an_engine_fault_is_never_an_allow():
    book = a_book(PERMIT_20)

    def faulty(given, day, currency):
        return replace(book.evaluate(given, day, currency), fault="the evaluators differ on kind")

    decision = decide(book, a_request(), a_context(), faulty)
    assert (decision.outcome, decision.fault, codes(decision)) == (
        Outcome.ESCALATE,
        "the evaluators differ on kind",
        ["engine-fault"],
    )
    assert decision.alternatives == ()


def test_what_was_given_before_is_booked_even_over_a_limit_and_marked():
    request = a_request(amount=3000, given_at=NOON)

    decision = answer(a_book(PERMIT_20), request, a_context(a_limit(amount=1)))
    assert (decision.outcome, decision.after_the_fact, decision.goodwill_minor) == (Outcome.ALLOW, True, 3000)
    assert decision.expires_at is None


def test_the_answer_depends_on_the_local_day_of_the_organisation():
    book = a_book(PERMIT_20.replace("2026-01-01", "2026-06-02"))
    late_evening = NOON.replace(hour=22)

    in_london = answer(book, a_request(), a_context(now=late_evening, timezone="UTC"))
    in_helsinki = answer(book, a_request(), a_context(now=late_evening, timezone="Europe/Helsinki"))
    assert (in_london.outcome, in_helsinki.outcome) == (Outcome.ESCALATE, Outcome.ALLOW)


def test_the_same_values_give_the_same_decision():
    book = a_book(PERMIT_20, VOUCHER_20)

    assert answer(book, a_request()) == answer(book, a_request())
