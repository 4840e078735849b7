"""How limits cut the discretionary part, and which one the answer names."""

from datetime import UTC, datetime

import pytest

from policyservice.domain.decision import Outcome
from policyservice.domain.limits import Counts, Measure, Scope, Usage
from tests.engine.books import a_book, a_context, a_limit, a_request, a_rule, answer, codes

LATE = "{reason: late}"
PERMIT_50 = a_rule("kind", LATE, "[{permit: {remedy: credit, up_to: 50.00}}]")
VOUCHER_50 = a_rule("voucher", LATE, "[{permit: {remedy: voucher, up_to: 50.00}}]")
LAW_10 = a_rule("law", LATE, "[{entitle: {remedy: credit, amount: 10.00}}]", basis="law")
VISIT = a_rule("visit", LATE, "[{permit: {remedy: visit}}]")
OWED_VISIT = a_rule("owed-visit", LATE, "[{entitle: {remedy: visit}}]", basis="contract")
RENEWS = datetime(2026, 6, 2, tzinfo=UTC)


@pytest.mark.parametrize(("amount", "outcome"), [(2000, Outcome.ALLOW), (2001, Outcome.ESCALATE)])
def test_at_a_limit_is_allowed_and_one_cent_above_is_not(amount, outcome):
    limit = a_limit(amount=3000, used=Usage(goodwill_face=1000))

    assert answer(a_book(PERMIT_50), a_request(amount=amount), a_context(limit)).outcome is outcome


def test_the_answer_names_the_limit_that_binds_what_is_left_and_when_it_renews():
    limit = a_limit(amount=3000, used=Usage(goodwill_face=1000), renews_at=RENEWS)

    decision = answer(a_book(PERMIT_50), a_request(amount=2500), a_context(limit))

    bound = decision.binding_limit
    assert bound is not None
    assert (bound.limit, bound.scope, bound.left_minor, bound.bound_minor) == ("agent-day", Scope.AGENT, 2000, 3000)
    assert bound.renews_at == RENEWS
    assert decision.available_minor == 2000
    assert codes(decision) == ["limit"]


def test_the_narrowest_scope_is_named_where_several_bind():
    day = a_limit(amount=1000)
    case = a_limit("case-once", Scope.CASE, amount=1500)
    team = a_limit("team-month", Scope.TEAM, amount=500)

    decision = answer(a_book(PERMIT_50), a_request(amount=2000), a_context(team, day, case))

    assert decision.binding_limit is not None
    assert decision.binding_limit.limit == "case-once"
    assert decision.available_minor == 500
    assert codes(decision) == ["limit", "limit", "limit"]


def test_a_cap_per_decision_of_the_trust_level_cuts_the_discretionary_part_alone():
    cap = a_limit("per-decision", Scope.DECISION, amount=500)
    book = a_book(PERMIT_50, LAW_10)

    assert answer(book, a_request(amount=1500), a_context(cap)).outcome is Outcome.ALLOW
    decision = answer(book, a_request(amount=1501), a_context(cap))
    assert (decision.outcome, decision.available_minor) == (Outcome.ESCALATE, 1500)


def test_entitlements_are_never_cut_by_limits():
    used_up = a_limit(amount=1000, count=1, counts=Counts.ALL, used=Usage(1000, 5000, 0, 0, 1, 9))

    assert answer(a_book(LAW_10), a_request(amount=1000), a_context(used_up)).outcome is Outcome.ALLOW


def test_entitlements_lower_what_is_left_only_where_the_limit_counts_all():
    used = Usage(entitled_face=2500)
    goodwill_only = a_limit(amount=3000, used=used)
    everything = a_limit(amount=3000, used=used, counts=Counts.ALL)

    assert answer(a_book(PERMIT_50), a_request(amount=3000), a_context(goodwill_only)).outcome is Outcome.ALLOW
    counted = answer(a_book(PERMIT_50), a_request(amount=501), a_context(everything))
    assert (counted.outcome, counted.available_minor) == (Outcome.ESCALATE, 500)


def test_a_limit_that_counts_all_counts_the_owed_part_of_this_request_too():
    everything = a_limit(amount=1500, counts=Counts.ALL)

    decision = answer(a_book(PERMIT_50, LAW_10), a_request(amount=1600), a_context(everything))
    assert (decision.outcome, decision.available_minor) == (Outcome.ESCALATE, 1500)


@pytest.mark.parametrize(("used", "outcome"), [(2, Outcome.ALLOW), (3, Outcome.ESCALATE)])
def test_a_count_limit_admits_its_number_of_times(used, outcome):
    limit = a_limit(count=3, used=Usage(goodwill_count=used))

    decision = answer(a_book(PERMIT_50), a_request(amount=1), a_context(limit))
    assert decision.outcome is outcome


def test_a_used_up_count_is_named_with_its_bound():
    limit = a_limit(count=3, used=Usage(goodwill_count=3))

    bound = answer(a_book(PERMIT_50), a_request(amount=1), a_context(limit)).binding_limit
    assert bound is not None
    assert (bound.left_minor, bound.left_count, bound.bound_count) == (None, 0, 3)


def test_a_limit_on_cost_counts_the_cost_to_the_company():
    limit = a_limit(amount=1000, measure=Measure.COST)  # a voucher costs half its face
    book = a_book(VOUCHER_50)

    assert answer(book, a_request("voucher", 2000), a_context(limit)).outcome is Outcome.ALLOW
    assert answer(book, a_request("voucher", 2001), a_context(limit)).outcome is Outcome.ESCALATE


def test_a_limit_for_other_remedies_does_not_bind():
    limit = a_limit(amount=100, remedies=("voucher",))

    assert answer(a_book(PERMIT_50), a_request(amount=5000), a_context(limit)).outcome is Outcome.ALLOW
    assert answer(a_book(VOUCHER_50), a_request("voucher", 101), a_context(limit)).outcome is Outcome.ESCALATE


def test_a_remedy_without_a_sum_needs_a_count_but_no_amount_left():
    book = a_book(VISIT)
    no_money = a_limit(amount=1000, used=Usage(goodwill_face=1000))
    no_times = a_limit(count=1, used=Usage(goodwill_count=1))

    assert answer(book, a_request("visit", None), a_context(no_money)).outcome is Outcome.ALLOW
    assert answer(book, a_request("visit", None), a_context(no_times)).outcome is Outcome.ESCALATE


@pytest.mark.parametrize(("bound", "outcome"), [(400, Outcome.ALLOW), (399, Outcome.ESCALATE)])
def test_a_remedy_without_a_sum_is_held_against_a_limit_on_cost(bound, outcome):
    limit = a_limit(amount=bound, measure=Measure.COST)

    assert answer(a_book(VISIT), a_request("visit", None), a_context(limit)).outcome is outcome


def test_an_owed_remedy_without_a_sum_needs_nothing_left():
    no_times = a_limit(count=1, used=Usage(goodwill_count=1))

    assert answer(a_book(OWED_VISIT), a_request("visit", None), a_context(no_times)).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        (a_limit(amount=1000, used=Usage(goodwill_face=1000)), Outcome.ALLOW),
        (a_limit(amount=1000, used=Usage(goodwill_face=1001)), Outcome.ESCALATE),
        (a_limit(count=2, used=Usage(goodwill_count=1)), Outcome.ALLOW),
        (a_limit(count=2, used=Usage(goodwill_count=2)), Outcome.ESCALATE),
    ],
)
def test_goodwill_whose_sum_cannot_be_told_needs_as_much_left_as_a_remedy_without_a_sum(limit, outcome):
    book = a_book(a_rule("any", LATE, "[{permit: {remedy: credit, up_to: {first_known: [order.price, unpriced]}}}]"))

    assert answer(book, a_request(amount=None, open_amount=True), a_context(limit)).outcome is outcome


def test_what_is_owed_though_its_sum_cannot_be_told_needs_nothing_left():
    owed = "[{entitle: {remedy: credit, amount: {first_known: [order.price, unpriced]}}}]"
    used_up = a_limit(count=1, used=Usage(goodwill_count=1))

    decision = answer(
        a_book(a_rule("owed", LATE, owed, basis="law")), a_request(amount=None, open_amount=True), a_context(used_up)
    )

    assert decision.outcome is Outcome.ALLOW


def test_more_used_than_the_bound_leaves_nothing_rather_than_a_negative_sum():
    over = a_limit(amount=1000, used=Usage(goodwill_face=1500))

    decision = answer(a_book(PERMIT_50), a_request(amount=1), a_context(over))
    assert decision.outcome is Outcome.ESCALATE
    assert decision.available_minor is None
    assert decision.binding_limit is not None
    assert decision.binding_limit.left_minor == 0


def test_alternatives_are_the_other_remedies_best_first_within_their_own_limits():
    book = a_book(PERMIT_50, VOUCHER_50, VISIT)
    cap = a_limit("credit-cap", Scope.DECISION, amount=500, remedies=("credit",))
    voucher_cap = a_limit("voucher-cap", Scope.DECISION, amount=300, remedies=("voucher",))

    decision = answer(book, a_request(amount=2000), a_context(cap, voucher_cap))
    assert [(a.remedy, a.up_to_minor) for a in decision.alternatives] == [("voucher", 300), ("visit", None)]


def test_the_next_trust_level_whose_cap_admits_it_is_named():
    cap = a_limit("per-decision", Scope.DECISION, amount=1500)

    within = answer(a_book(PERMIT_50), a_request(amount=5000), a_context(cap)).escalate_to
    beyond_the_rule = answer(a_book(PERMIT_50), a_request(amount=5001), a_context(cap)).escalate_to
    assert within is not None
    assert beyond_the_rule is not None
    assert (within.to, beyond_the_rule.to) == ("trusted", "management")
