from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policyservice.domain.decision import Outcome
from policyservice.previews.backtest.as_of import anything_in_force, standing_on
from policyservice.previews.backtest.run import Decided
from tests.previews.backtests import a_book, a_line, decided

ALLOW, ESCALATE, DENY = Outcome.ALLOW, Outcome.ESCALATE, Outcome.DENY


def outcomes(found: list[Decided]) -> list[Outcome]:
    return [each.decision.outcome for each in found]


def test_what_was_allowed_before_counts_against_the_limits():
    lines = [a_line(order=f"O-{n}", customer=f"C-{n}", amount="5.00") for n in range(4)]
    found = decided(lines)

    assert outcomes(found) == [ALLOW, ALLOW, ALLOW, ESCALATE]  # 15.00 a day
    bound = found[3].decision.binding_limit
    assert bound is not None
    assert (bound.limit, bound.left_minor) == ("agent-day", 0)


def test_a_sum_at_the_bound_is_allowed_and_one_cent_more_is_not():
    day = [a_line(order="O-1", amount="9.00"), a_line(order="O-2", amount="6.00")]

    assert outcomes(decided(day)) == [ALLOW, ALLOW]
    assert outcomes(decided([day[0], a_line(order="O-2", amount="6.01")])) == [ALLOW, ESCALATE]


def test_an_escalated_request_holds_nothing():
    lines = [a_line(order=f"O-{n}", amount=amount) for n, amount in enumerate(["10.00", "9.00", "5.00"])]

    assert outcomes(decided(lines)) == [ALLOW, ESCALATE, ALLOW]


def test_a_day_begins_at_midnight_of_the_given_zone():
    late = "2026-03-02T23:59:59+02:00"
    lines = [a_line(order="O-1", amount="10.00", time=late), a_line(order="O-2", amount="10.00", time=late)]
    after_midnight = {**lines[1], "time": "2026-03-03T00:00:00+02:00"}

    assert outcomes(decided(lines)) == [ALLOW, ESCALATE]
    assert outcomes(decided([lines[0], after_midnight])) == [ALLOW, ALLOW]


def test_a_rolling_window_follows_the_clock_of_the_history():
    def lines(last: str) -> list[dict[str, Any]]:
        days = [*(f"2026-03-0{n}T10:00:00+02:00" for n in (1, 2, 3)), last]
        return [a_line(order=f"O-{n}", amount="10.00", time=day) for n, day in enumerate(days)]

    assert outcomes(decided(lines("2027-03-01T09:59:59+02:00")))[-1] is ESCALATE  # 30.00 in 365 days
    assert outcomes(decided(lines("2027-03-01T10:00:00+02:00")))[-1] is ALLOW


def test_the_agents_trust_level_is_that_of_the_line():
    lines = [a_line(order=f"O-{n}", customer=f"C-{n}", amount="10.00", trust_level="lead") for n in range(3)]

    assert outcomes(decided(lines)) == [ALLOW, ALLOW, ALLOW]


def test_what_is_owed_is_owed_once_per_order():
    owed = a_line(remedy="refund", amount="40.00", facts={"order.days_late": 10, "order.paid": "40.00"})

    assert outcomes(decided([owed, owed])) == [ALLOW, DENY]
    assert outcomes(decided([owed, {**owed, "order": "O-2"}])) == [ALLOW, ALLOW]


def test_a_remedy_without_a_sum_is_decided_too():
    assert outcomes(decided([a_line(remedy="visit", amount=None)])) == [ALLOW]


def test_the_same_requests_are_decided_as_by_the_service_in_full():
    from policyservice.costs.compare import CostModel
    from policyservice.domain.decision import Context
    from policyservice.engine.compiled import CompiledRulebook
    from policyservice.engine.decide import decide

    book = a_book()
    compiled = CompiledRulebook(book, CostModel(book.costs, 0))
    for line in (a_line(), a_line(amount="11.00"), a_line(remedy="refund"), a_line(reason="rude")):
        (found,) = decided([line])
        asked = found.asked
        in_full = decide(compiled, asked.request, Context(asked.at, "d", "Europe/Helsinki", 60, asked.agent))
        brief = found.decision
        assert (brief.outcome, brief.amount_minor, brief.available_minor, brief.because, brief.rules) == (
            in_full.outcome,
            in_full.amount_minor,
            in_full.available_minor,
            in_full.because,
            in_full.rules,
        )


# --- rules as they stand on a day -------------------------------------------------------------------------


def test_each_request_meets_the_rules_of_its_own_day():
    old = a_line(time="2025-12-31T10:00:00+02:00")
    before, after = a_line(amount="12.00"), a_line(amount="12.00", time="2026-07-01T00:00:00+03:00")

    assert outcomes(decided([old, before, after])) == [ESCALATE, ESCALATE, ALLOW]  # 20.00 from July on


def test_rules_as_of_a_day_decide_at_any_time_with_the_parameters_of_that_day():
    lines = [a_line(time="2011-05-05T10:00:00+03:00", amount="12.00")]

    assert outcomes(decided(lines, standing_on(a_book(), date(2026, 6, 30)))) == [ESCALATE]
    assert outcomes(decided(lines, standing_on(a_book(), date(2026, 7, 1)))) == [ALLOW]
    assert standing_on(a_book(), date(2025, 12, 31)).rules == ()


def test_what_a_fact_dates_keeps_its_dates():
    book = a_book()
    rule = replace(book.rules[0], in_force_by="order.date")
    dated = replace(book, rules=(rule, *book.rules[1:]))

    assert standing_on(dated, date(2025, 1, 1)).rules == (rule,)
    assert not anything_in_force(replace(book, rules=(rule,)), date(2026, 6, 1))


@pytest.mark.parametrize(("day", "anything"), [(date(2025, 12, 31), False), (date(2026, 1, 1), True)])
def test_it_is_known_whether_any_rule_is_in_force(day: date, anything: bool):
    assert anything_in_force(a_book(), day) is anything
