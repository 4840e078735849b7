"""How the effects of several rules make one answer: bases, ranks, sums, unknowns."""

import itertools
from dataclasses import replace

import pytest

from policyservice.domain.decision import Outcome, Received, owed_key
from policyservice.domain.vocabulary import Basis, Text
from tests.engine.books import CATALOGUE, a_book, a_context, a_request, a_rule, answer, codes

LATE = "{reason: late}"
PERMIT_20 = a_rule("kind", LATE, "[{permit: {remedy: credit, up_to: 20.00}}]")
FORBID = a_rule("never", LATE, "[{forbid: {remedy: credit}}]", basis="policy")
ESCALATE = a_rule("ask", LATE, "[{escalate: {remedy: credit, to: legal}}]", basis="policy")
LAW_10 = a_rule("law", LATE, "[{entitle: {remedy: credit, amount: 10.00}}]", basis="law")
CONTRACT_15 = a_rule("terms", LATE, "[{entitle: {remedy: credit, amount: 15.00}}]", basis="contract")
LAW_FORBID = a_rule("illegal", LATE, "[{forbid: {remedy: credit}}]", basis="law")
IF_FRAGILE_FORBID = a_rule("fragile", "{reason: late, order.fragile: true}", "[{forbid: {remedy: credit}}]")
IF_FRAGILE_PERMIT = a_rule("soft", "{reason: late, order.fragile: true}", "[{permit: {remedy: credit, up_to: 5.00}}]")


def test_a_permit_allows_up_to_and_including_its_cap():
    book = a_book(PERMIT_20)

    assert answer(book, a_request(amount=2000)).outcome is Outcome.ALLOW
    beyond = answer(book, a_request(amount=2001))
    assert beyond.outcome is Outcome.ESCALATE
    assert beyond.available_minor == 2000
    assert codes(beyond) == ["rule-cap"]


def test_no_rule_speaks_is_an_escalation_never_a_silent_yes():
    decision = answer(a_book(PERMIT_20), a_request(reason="other"))

    assert (decision.outcome, decision.available_minor, codes(decision)) == (Outcome.ESCALATE, None, ["no-rule"])


def test_a_closed_reason_denies_what_no_rule_speaks_for():
    book = a_book(PERMIT_20, a_rule("only", "{reason: listed}", "[{permit: {remedy: voucher, up_to: 5.00}}]"))

    denied = answer(book, a_request(reason="listed"))
    assert (denied.outcome, codes(denied)) == (Outcome.DENY, ["closed-policy"])
    assert [a.remedy for a in denied.alternatives] == ["voucher"]


def test_a_closed_reason_escalates_while_a_rule_that_may_help_waits_for_a_fact():
    book = a_book(
        PERMIT_20,
        a_rule("only", "{reason: listed, order.fragile: true}", "[{permit: {remedy: credit, up_to: 5.00}}]"),
    )

    decision = answer(book, a_request(reason="listed", amount=500))
    assert (decision.outcome, decision.missing) == (Outcome.ESCALATE, ("order.fragile",))
    known = answer(book, a_request(reason="listed", amount=500, facts={"order.fragile": False}))
    assert known.outcome is Outcome.DENY


def test_a_reason_closed_for_one_remedy_denies_that_one_says_why_and_leaves_the_others_open():
    reason = "otherwise: {forbid: [voucher], because: {en: Not owed., fi: Ei kuulu.}}"
    book = a_book(PERMIT_20, catalogue=CATALOGUE.replace("fi: Muu}", f"fi: Muu}}, {reason}"))

    denied = answer(book, a_request(reason="other", remedy="voucher"))
    assert (denied.outcome, codes(denied), denied.say) == (
        Outcome.DENY,
        ["closed-policy"],
        Text("Not owed.", "Ei kuulu."),
    )
    assert denied.because[0].text == Text("Not owed.", "Ei kuulu.")
    assert answer(book, a_request(reason="other", remedy="credit")).outcome is Outcome.ESCALATE


@pytest.mark.parametrize("order", list(itertools.permutations([PERMIT_20, FORBID, ESCALATE])))
def test_forbid_beats_escalate_beats_permit_in_whatever_order_rules_stand(order):
    assert answer(a_book(*order), a_request()).outcome is Outcome.DENY


def test_escalate_beats_permit_and_names_who_decides():
    decision = answer(a_book(PERMIT_20, ESCALATE), a_request())

    assert decision.outcome is Outcome.ESCALATE
    assert decision.escalate_to is not None
    assert decision.escalate_to.to == "legal"


def test_a_company_forbid_cannot_take_away_what_law_grants():
    book = a_book(LAW_10, FORBID, PERMIT_20)

    granted = answer(book, a_request(amount=1000))
    assert (granted.outcome, granted.basis) == (Outcome.ALLOW, Basis.LAW)
    beyond = answer(book, a_request(amount=1001))
    assert (beyond.outcome, beyond.available_minor) == (Outcome.DENY, 1000)


def test_a_forbid_of_the_same_rank_takes_the_entitlement_away():
    assert answer(a_book(LAW_10, LAW_FORBID), a_request(amount=1)).outcome is Outcome.DENY


def test_the_larger_of_entitlement_and_permit_counts_not_the_sum():
    book = a_book(LAW_10, PERMIT_20)

    both = answer(book, a_request(amount=2000))
    assert (both.outcome, both.entitled_minor, both.goodwill_minor) == (Outcome.ALLOW, 1000, 1000)
    assert answer(book, a_request(amount=2001)).outcome is Outcome.ESCALATE


@pytest.mark.parametrize(
    ("amount", "basis"), [(1000, Basis.LAW), (1001, Basis.CONTRACT), (1500, Basis.CONTRACT), (1501, Basis.GOODWILL)]
)
def test_the_basis_is_the_highest_that_covers_the_whole_amount(amount, basis):
    assert answer(a_book(LAW_10, CONTRACT_15, PERMIT_20), a_request(amount=amount)).basis is basis


def test_several_entitlements_give_the_largest_unless_declared_cumulative():
    extra = a_rule("extra", LATE, "[{entitle: {remedy: credit, amount: 3.00, cumulative: true}}]", basis="contract")

    assert answer(a_book(LAW_10, CONTRACT_15), a_request(amount=1501)).available_minor == 1500
    assert answer(a_book(LAW_10, CONTRACT_15, extra), a_request(amount=1801)).available_minor == 1800


def test_several_permits_give_the_largest():
    small = a_rule("small", LATE, "[{permit: {remedy: credit, up_to: 5.00}}]", basis="policy")

    assert answer(a_book(small, PERMIT_20), a_request(amount=2000)).outcome is Outcome.ALLOW


def test_an_answer_is_explained_and_worded_by_the_permit_that_covers_it():
    small = a_rule("a-small", LATE, "[{permit: {remedy: credit, up_to: 5.00}}]", basis="policy")
    book = a_book(small, PERMIT_20)

    beyond_small = answer(book, a_request(amount=501))
    assert [because.rule for because in beyond_small.because] == ["kind"]
    assert beyond_small.say is not None
    assert beyond_small.say.en == "Here you are (kind)."
    within_both = answer(book, a_request(amount=500))
    assert [because.rule for because in within_both.because] == ["kind", "a-small"]


def test_what_is_owed_is_explained_without_what_might_be_permitted_beyond():
    book = a_book(LAW_10, PERMIT_20)

    assert [because.rule for because in answer(book, a_request(amount=1000)).because] == ["law"]
    assert [because.rule for because in answer(book, a_request(amount=1001)).because] == ["kind", "law"]


def test_an_entitlement_is_owed_once_per_order():
    book = a_book(LAW_10)
    half = a_context(received=Received(owed={owed_key("law", "credit"): (600, 1)}))
    whole = a_context(received=Received(owed={owed_key("law", "credit"): (1000, 1)}))

    assert answer(book, a_request(amount=400), half).outcome is Outcome.ALLOW
    assert answer(book, a_request(amount=401), half).outcome is Outcome.ESCALATE
    again = answer(book, a_request(amount=1), whole)
    assert (again.outcome, codes(again)) == (Outcome.ESCALATE, ["already-given", "no-rule"])


def test_what_was_received_of_one_remedy_does_not_lessen_another_of_the_same_rule():
    book = a_book(
        a_rule(
            "two",
            LATE,
            "[{entitle: {remedy: credit, amount: 7.00}}, {entitle: {remedy: voucher, amount: 5.00}}]",
            basis="contract",
        )
    )
    context = a_context(received=Received(owed={owed_key("two", "credit"): (700, 1)}))

    assert answer(book, a_request("voucher", 500), context).outcome is Outcome.ALLOW
    assert answer(book, a_request("credit", 1), context).outcome is Outcome.ESCALATE


def test_an_unknown_forbid_beside_a_permit_escalates_and_names_the_fact():
    book = a_book(PERMIT_20, IF_FRAGILE_FORBID)

    decision = answer(book, a_request())
    assert (decision.outcome, decision.missing) == (Outcome.ESCALATE, ("order.fragile",))
    assert answer(book, a_request(facts={"order.fragile": False})).outcome is Outcome.ALLOW
    assert answer(book, a_request(facts={"order.fragile": True})).outcome is Outcome.DENY


def test_an_unknown_forbid_of_lower_rank_does_not_hold_back_what_law_grants():
    assert answer(a_book(LAW_10, IF_FRAGILE_FORBID), a_request(amount=1000)).outcome is Outcome.ALLOW


def test_an_unknown_permit_never_helps():
    decision = answer(a_book(IF_FRAGILE_PERMIT), a_request(amount=500))

    assert (decision.outcome, decision.missing) == (Outcome.ESCALATE, ("order.fragile",))


def test_an_effect_of_zero_does_not_speak():
    share = a_rule("share", LATE, "[{entitle: {remedy: credit, amount: {share: 50 %, of: order.price}}}]", basis="law")
    book = a_book(share)

    nothing = answer(book, a_request(amount=1, facts={"order.price": 0}))
    assert (nothing.outcome, codes(nothing)) == (Outcome.ESCALATE, ["no-rule"])
    assert answer(book, a_request(amount=1, facts={"order.price": 1})).outcome is Outcome.ALLOW


def test_an_amount_over_a_fact_that_is_not_known_escalates_and_names_it():
    book = a_book(a_rule("share", LATE, "[{permit: {remedy: credit, up_to: {share: 50 %, of: order.price}}}]"))

    decision = answer(book, a_request(amount=1))
    assert (decision.outcome, decision.missing) == (Outcome.ESCALATE, ("order.price",))


def test_unpriced_stands_without_a_sum_and_an_asked_sum_escalates():
    book = a_book(a_rule("any", LATE, "[{permit: {remedy: credit, up_to: {first_known: [order.price, unpriced]}}}]"))

    open_question = answer(book, a_request(amount=None, open_amount=True))
    assert (open_question.outcome, open_question.available_minor) == (Outcome.ALLOW, None)
    asked = answer(book, a_request(amount=1))
    assert (asked.outcome, codes(asked)) == (Outcome.ESCALATE, ["unpriced"])
    assert answer(book, a_request(amount=500, facts={"order.price": 500})).outcome is Outcome.ALLOW


def test_rules_in_another_currency_do_not_fire():
    decision = answer(a_book(PERMIT_20), replace(a_request(), currency="GBP"))

    assert (decision.outcome, codes(decision)) == (Outcome.ESCALATE, ["no-rule"])


def test_forbid_of_every_remedy_covers_each():
    book = a_book(PERMIT_20, a_rule("stop", LATE, "[{forbid: {every: true}}]", basis="policy"))

    assert answer(book, a_request("credit")).outcome is Outcome.DENY
    assert answer(book, a_request("voucher", 1)).outcome is Outcome.DENY


def test_advice_of_a_rule_that_fired_is_among_the_reasons():
    book = a_book(PERMIT_20, a_rule("tip", LATE, "[{advise: {en: Say sorry first, fi: Pahoittele ensin}}]"))

    assert codes(answer(book, a_request())) == ["rule", "advice"]
