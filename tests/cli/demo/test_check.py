from __future__ import annotations

from typing import Any

from policyservice.cli.demo import check
from policyservice.cli.demo.client import Answer
from policyservice.cli.demo.steps import Want


def an_answer(**changed: Any) -> Answer:
    body = {
        "outcome": "allow",
        "stretched": False,
        "available": "7.00",
        "basis": "contract",
        "binding_limit": None,
        "escalation": None,
        "reasons": [{"rule": "meal"}],
        "alternatives": [{"remedy": "gift"}],
    }
    return Answer(201, body | changed)


def test_the_wanted_answer_has_no_differences():
    want = Want("allow", available="7.00", basis="contract", rule="meal", alternatives=("gift",))

    assert check.of_decision(want, an_answer()) == []


def test_what_is_not_wanted_is_not_looked_at():
    assert check.of_decision(Want("allow"), an_answer(available="9.99", basis="goodwill")) == []


def test_every_difference_is_named():
    want = Want("deny", "8.00", "law", "other", "agent-day", "lead", True, ("credit",))

    found = check.of_decision(want, an_answer())

    names = ("outcome", "stretched", "available", "basis", "limit", "to", "rule", "alternatives")
    assert [each.partition(":")[0] for each in found] == list(names)


def test_a_refusal_is_named_with_its_sentence():
    (found,) = check.of_decision(Want("allow"), Answer(422, {"detail": "agent: is not registered"}))

    assert found == "HTTP status: wanted 201, came 422: agent: is not registered"


def test_a_remedy_that_is_offered_with_another_sum_differs():
    answer = Answer(200, {"options": [{"remedy": "refund", "up_to": "7.00"}, {"remedy": "visit", "up_to": None}]})

    assert check.of_options({"refund": "7.00", "visit": None}, answer) == []
    assert check.of_options({"refund": "8.00", "visit": None}, answer) == ["refund: wanted 8.00, came 7.00"]


def test_a_history_is_compared_as_a_whole():
    items = [{"remedy": "gift", "status": "committed"}, {"remedy": "refund", "status": "reserved"}]

    assert check.of_history([("gift", "committed"), ("refund", "reserved")], Answer(200, {}), items) == []
    assert check.of_history([("gift", "committed")], Answer(200, {}), items) != []


def test_settling_is_wanted_to_end_in_a_status():
    assert check.of_settling("committed", Answer(200, {"status": "committed"})) == []
    assert check.of_settling("committed", Answer(200, {"status": "voided"})) != []
    assert check.of_settling("committed", Answer(409, {"detail": "no"})) != []
