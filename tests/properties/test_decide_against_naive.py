"""`decide` against the contract read naively, over rulebooks drawn by chance: outcome, what is available, and why."""

from __future__ import annotations

from hypothesis import given, settings

from policyservice.domain.decision import Outcome
from policyservice.domain.limits import Scope
from policyservice.engine.decide import decide
from tests.properties.naive import Naive
from tests.properties.rulebooks import COSTS, Case, Draw
from tests.properties.running import QUICK, seeds


@settings(QUICK, max_examples=1200)
@given(seeds)
def test_the_outcome_and_what_is_available_are_what_the_contract_says(seed: int):
    case = Draw(seed).case()
    book = case.book
    decision = decide(book, case.request, case.context)
    naive = Naive(book.rulebook, case.request, case.context)

    assert decision.available_minor == (naive.available if naive.remedy.has_amount else None)
    if decision.stretched:
        _is_a_lawful_stretch(case, naive)
    else:
        assert decision.outcome is naive.outcome()


def _is_a_lawful_stretch(case: Case, naive: Naive) -> None:
    """A cap per decision alone is exceeded, up to the hard cap, with a reason, for less than escalating would cost."""
    stretch, asked, reading = case.pack["stretch"], case.request.amount_minor, naive.reading
    assert naive.outcome() is Outcome.ESCALATE
    assert asked is not None
    beyond = asked - reading.owed
    assert case.request.justification
    assert reading.permitted
    assert not reading.held_back
    assert beyond <= stretch.hard_cap_minor
    in_the_way = naive.in_the_way(reading.owed, beyond)
    assert all(limit.scope is Scope.DECISION for limit in in_the_way)
    assert in_the_way or asked > reading.cap
    cost, usual = naive.cost(asked), naive.cost(naive.available or 0)
    assert cost is not None
    assert usual is not None
    escalating = COSTS.estimate(case.request.reason, cost, naive.remedy.fee_minor, "EUR").views["cash"][0].expected
    assert escalating - (cost - usual) >= stretch.margin_minor
