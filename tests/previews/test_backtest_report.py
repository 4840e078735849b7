from __future__ import annotations

from decimal import Decimal

import pytest

from policyservice.costs.compare import CostModel
from policyservice.previews.backtest.charts import Bar, Segment, bars
from policyservice.previews.backtest.html import page
from tests.previews.backtests import a_book, a_line, as_jsonl, read, reported

OWED = {"remedy": "refund", "amount": "40.00", "facts": {"order.days_late": 10, "order.paid": "40.00"}}
LINES = [
    a_line(order="O-1", amount="10.00"),
    a_line(order="O-2", amount="10.00"),  # over the agent's day
    a_line(order="O-3", customer="C-2", **OWED),
    a_line(order="O-4", customer=None, agent="pekka", time="2026-04-01T10:00:00+03:00"),
    a_line(order="O-5", reason="rude", time="2026-04-01T11:00:00+03:00"),  # a closed reason
]


def test_counts_and_sums_are_those_of_the_decisions():
    (found,) = reported(LINES)["currencies"]

    assert found["currency"] == "EUR"
    assert found["all"] == {
        "requests": 5,
        "allowed": 3,
        "escalated": 1,
        "denied": 1,
        "stretched": 0,
        "asked": "70.00",
        "given": "55.00",
        "entitled": "40.00",
        "goodwill": "15.00",
        "cost_to_the_company": "47.50",  # credits cost half of their face value
    }


def test_months_reasons_agents_and_customers_add_up_to_the_whole():
    (found,) = reported(LINES)["currencies"]

    assert [(row["month"], row["requests"]) for row in found["by_month"]] == [("2026-03", 3), ("2026-04", 2)]
    assert [(row["reason"], row["requests"]) for row in found["by_reason"]] == [("late", 4), ("rude", 1)]
    assert [(row["agent"], row["given"]) for row in found["agents"]] == [("maija", "50.00"), ("pekka", "5.00")]
    assert [(row["customer"], row["given"]) for row in found["customers"]] == [("C-2", "40.00"), ("C-1", "10.00")]
    assert found["guests"]["given"] == "5.00"
    for key in ("by_month", "by_reason", "agents"):
        assert sum(Decimal(row["given"]) for row in found[key]) == Decimal(found["all"]["given"])


def test_only_the_ten_given_most_are_listed():
    lines = [a_line(customer=f"C-{n}", order=f"O-{n}", agent=f"a-{n}", amount=f"{n + 1}.00") for n in range(10)]
    (found,) = reported([*lines, a_line(customer="C-10", agent="a-10", amount="0.50")])["currencies"]

    assert [row["customer"] for row in found["customers"]] == [f"C-{n}" for n in range(9, -1, -1)]
    assert (found["customers_in_all"], found["agents_in_all"]) == (11, 11)


def test_what_bound_and_what_spoke_against_is_counted():
    (found,) = reported(LINES)["currencies"]

    assert found["limits"] == [{"limit": "agent-day", "scope": "agent", "requests": 1}]
    assert {row["what"]: row["requests"] for row in found["because"]} == {"limit": 1, "closed-policy": 1}
    assert all(row["means"] for row in found["because"])


def test_missing_facts_are_counted_by_name():
    (found,) = reported([a_line(facts={}), a_line(facts={})])["currencies"]

    assert found["missing_facts"] == [{"fact": "order.days_late", "requests": 2}]


def test_currencies_never_meet():
    pounds = a_line(currency="GBP")
    found = reported([*LINES, pounds])["currencies"]

    assert [(each["currency"], each["all"]["requests"]) for each in found] == [("EUR", 5), ("GBP", 1)]
    assert found[1]["all"]["escalated"] == 1  # rules in euros do not fire


def test_the_estimate_is_the_sum_of_the_allowed_ones_and_its_interval_holds_it():
    (found,) = reported(LINES)["currencies"]
    model = CostModel(a_book().costs)
    costs = [(500, 0), (4000, 25), (250, 0)]
    singles = [model.estimate("late", cost, fee, "EUR") for cost, fee in costs]

    assert found["estimate"]["decisions"] == 3
    for view, parts in found["estimate"]["views"].items():
        for place, name in enumerate(("escalating", "saving")):
            part = {key: int(Decimal(value) * 100) for key, value in parts[name].items()}
            ranges = [single.views[view][place] for single in singles]
            assert part["expected"] == sum(found.expected for found in ranges)
            assert part["low"] <= part["expected"] <= part["high"]
            # Not wider than adding up lows and highs: that takes every draw for the worst of its own.
            assert part["low"] >= sum(found.low for found in ranges) - 3
            assert part["high"] <= sum(found.high for found in ranges) + 3


def test_the_interval_of_many_equal_cases_is_that_of_one_times_their_number():
    lines = [a_line(order=f"O-{n}", customer=f"C-{n}", agent=f"a-{n}", amount="7.00") for n in range(200)]
    (many,), (one,) = reported(lines)["currencies"], reported(lines[:1])["currencies"]
    wide, narrow = (found["estimate"]["views"]["full"]["saving"] for found in (many, one))

    for name in ("expected", "low", "high"):
        assert Decimal(wide[name]) / 200 == pytest.approx(Decimal(narrow[name]), abs=Decimal("0.02"))


def test_nothing_allowed_estimates_nothing():
    (found,) = reported([a_line(reason="rude")])["currencies"]

    assert found["estimate"]["decisions"] == 0
    assert found["estimate"]["views"]["full"]["saving"] == {"expected": "0.00", "low": "0.00", "high": "0.00"}


def test_the_notes_say_how_it_was_made():
    notes = " ".join(reported(LINES[::-1])["notes"])

    assert "held and committed at once" in notes
    assert "sorted by time" in notes
    assert "Europe/Helsinki" in notes
    assert "not verified" in notes


# --- the page ---------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_from_anywhere_and_marks_estimates():
    found = page(reported(LINES))

    assert "http" not in found.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "<script" not in found
    assert "estimate" in found
    assert found.count("<svg") == found.count("<details>")


def test_what_a_history_says_cannot_become_markup():
    evil = "<script>alert('x')</script>"
    found = page(reported([a_line(customer=evil, agent=evil)]))

    assert "<script" not in found
    assert "&lt;script&gt;" in found


def test_a_history_without_a_good_line_still_has_a_page():
    from policyservice.previews.backtest.report import About, report
    from policyservice.previews.backtest.run import Under
    from policyservice.previews.backtest.tally import Tallies
    from tests.previews.backtests import HELSINKI

    book = a_book()
    history = read(as_jsonl([a_line(reason="lost")]))
    found = report(history, Under(book, book.opening_limits, HELSINKI), Tallies(HELSINKI), About("h", "new", ("EUR",)))

    assert found["history"]["refused"] == 1
    assert "1 line(s) that could not be taken" in page(found)


def test_bars_begin_at_zero_and_their_lengths_are_in_proportion():
    import re

    drawn = bars("t", [Bar("a", [Segment("x", Decimal(10), "")], ""), Bar("b", [Segment("x", Decimal(40), "")], "")])
    lefts = {int(left) for left in re.findall(r'<rect class="x" x="(\d+)"', drawn)}
    widths = [int(width) for width in re.findall(r'width="(\d+)"', drawn)]

    assert len(lefts) == 1
    assert widths[1] == pytest.approx(4 * widths[0], abs=4)


def test_a_negative_bar_goes_to_the_left_of_zero():
    import re

    drawn = bars("t", [Bar("a", [Segment("x", Decimal(-10), "")], "", (Decimal(-20), Decimal(5)))])
    zero = int(re.findall(r'class="axis" x1="(\d+)"', drawn)[0])
    left, width = (int(found) for found in re.findall(r'<rect class="x" x="(\d+)" y="\d+" width="(\d+)"', drawn)[0])

    assert left + width == zero
