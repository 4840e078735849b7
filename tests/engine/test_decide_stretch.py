"""A cap per decision may be exceeded where escalating would clearly cost more, with a written reason."""

import pytest

from policyservice.domain.decision import Outcome
from policyservice.domain.limits import Scope
from tests.engine.books import a_book, a_context, a_limit, a_request, a_rule, answer, codes

LATE = "{reason: late}"
PERMIT_20 = a_rule("kind", LATE, "[{permit: {remedy: credit, up_to: 20.00}}]")
PACK = "stretch: {hard_cap: 25.00, margin: 5.00}\n"
CAP = a_limit("per-decision", Scope.DECISION, amount=1500)
WHY = {"justification": "The plumber is waiting and the shop closes."}


def ask(amount, *limits, pack=PACK, rules=(PERMIT_20,), **more):
    return answer(a_book(*rules, pack=pack), a_request(amount=amount, **more), a_context(CAP, *limits))


@pytest.mark.parametrize(("amount", "outcome"), [(2500, Outcome.ALLOW), (2501, Outcome.ESCALATE)])
def test_a_cap_stretches_up_to_and_including_the_hard_cap(amount, outcome):
    assert ask(amount, **WHY).outcome is outcome


def test_a_stretch_is_marked_and_says_so_first():
    decision = ask(2000, **WHY)

    assert decision.stretched
    assert codes(decision)[0] == "stretched"


def test_an_allow_within_the_cap_is_no_stretch():
    assert not ask(1500, **WHY).stretched


@pytest.mark.parametrize("justification", [None, "", "   "])
def test_without_a_written_reason_it_escalates_and_says_that_one_would_do(justification):
    decision = ask(2000, justification=justification)

    assert decision.outcome is Outcome.ESCALATE
    assert "justification-would-do" in codes(decision)


def test_a_pack_without_stretch_does_not_stretch():
    assert ask(2000, pack="", **WHY).outcome is Outcome.ESCALATE


@pytest.mark.parametrize(("left", "outcome"), [(2000, Outcome.ALLOW), (1999, Outcome.ESCALATE)])
def test_a_budget_never_stretches(left, outcome):
    assert ask(2000, a_limit(amount=left), **WHY).outcome is outcome


def test_it_does_not_stretch_where_the_extra_costs_more_than_escalating():
    generous = "stretch: {hard_cap: 900.00, margin: 5.00}\n"

    assert ask(2000, pack=generous, **WHY).outcome is Outcome.ALLOW
    assert ask(90000, pack=generous, **WHY).outcome is Outcome.ESCALATE


def test_an_escalate_rule_does_not_stretch():
    rules = (PERMIT_20, a_rule("ask", LATE, "[{escalate: {remedy: credit}}]", basis="policy"))

    assert ask(2000, rules=rules, **WHY).outcome is Outcome.ESCALATE
