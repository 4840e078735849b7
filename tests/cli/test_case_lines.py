from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from policyservice.cli.case_lines import CaseLines
from policyservice.rulebook.load import load_folders
from tests.cli.support import write_pack

_CASE = {
    "id": "1",
    "facts": {"reason": "coffee.cold", "order.paid": "4.00"},
    "ask": {"remedy": "refund", "amount": "4.00", "currency": "EUR"},
}


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> CaseLines:
    folder = write_pack(tmp_path_factory.mktemp("rules"))
    return CaseLines(load_folders([folder]), datetime(2026, 6, 1, tzinfo=UTC))


def a_line(**changed: Any) -> bytes:
    return json.dumps({name: value for name, value in (_CASE | changed).items() if value is not ...}).encode()


def asking(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in (_CASE["ask"] | changed).items() if value is not ...}


def test_an_answer_has_the_fields_that_the_line_format_states(lines: CaseLines):
    assert lines.answer(a_line()) == {
        "id": "1",
        "outcome": "allow",
        "amount": "4.00",
        "currency": "EUR",
        "basis": "contract",
        "reasons": [
            {"code": "rule", "rule": "cold-coffee", "text": "Cold coffee", "basis": "contract", "reference": "Menu"}
        ],
    }


def test_the_amount_is_what_is_available_and_not_what_was_asked(lines: CaseLines):
    assert lines.answer(a_line(ask=asking(remedy="gift", amount="2.00")))["amount"] == "9.00"


def test_without_an_amount_it_asks_how_much_may_be_given(lines: CaseLines):
    answer = lines.answer(a_line(ask=asking(remedy="gift", amount=...)))

    assert (answer["outcome"], answer["amount"]) == ("allow", "9.00")


def test_a_remedy_without_a_sum_has_no_amount(lines: CaseLines):
    answer = lines.answer(a_line(ask=asking(remedy="visit", amount=...)))

    assert (answer["outcome"], answer["amount"]) == ("allow", None)


@pytest.mark.parametrize(("amount", "outcome"), [("5.00", "allow"), ("5.01", "escalate")])
def test_an_agents_trust_level_caps_goodwill(lines: CaseLines, amount: str, outcome: str):
    line = a_line(ask=asking(remedy="gift", amount=amount), agent={"trust_level": "new"})

    assert lines.answer(line)["outcome"] == outcome


def test_without_an_agent_no_trust_level_caps(lines: CaseLines):
    assert lines.answer(a_line(ask=asking(remedy="gift", amount="9.00")))["outcome"] == "allow"


def test_the_day_asked_for_picks_the_rules_in_force(lines: CaseLines):
    assert lines.answer(a_line(as_of="2026-01-01"))["outcome"] == "allow"
    assert lines.answer(a_line(as_of="2025-12-31"))["outcome"] == "escalate"


def test_the_day_is_today_when_left_out(tmp_path):
    rulebook = load_folders([write_pack(tmp_path)])

    assert CaseLines(rulebook, datetime(2026, 1, 1, tzinfo=UTC)).answer(a_line())["outcome"] == "allow"
    assert CaseLines(rulebook, datetime(2025, 12, 31, 23, tzinfo=UTC)).answer(a_line())["outcome"] == "escalate"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"facts": ...}, "facts"),
        ({"facts": {}}, "facts.reason"),
        ({"facts": {"reason": "nosuch"}}, "facts.reason"),
        ({"facts": {"reason": "coffee.cold", "nosuch": 1}}, "facts.nosuch"),
        ({"facts": {"reason": "coffee.cold", "order.paid": 4}}, "facts.order.paid"),
        ({"facts": {"reason": "coffee.cold", "order.paid": "4.001"}}, "facts.order.paid"),
        ({"facts": {"reason": "coffee.cold", "order.paid": "-4.00"}}, "facts.order.paid"),
        ({"facts": {"reason": "coffee.cold", "order.paid": None}}, "facts.order.paid"),
        ({"ask": ...}, "ask"),
        ({"ask": "refund"}, "ask"),
        ({"ask": asking(remedy="nosuch")}, "ask.remedy"),
        ({"ask": asking(amount="0.00")}, "ask.amount"),
        ({"ask": asking(amount=4.0)}, "ask.amount"),
        ({"ask": asking(amount="99999999999999999999")}, "ask.amount"),
        ({"ask": asking(remedy="visit")}, "ask.amount"),
        ({"ask": asking(currency="EURO")}, "ask.currency"),
        ({"ask": asking(currency=...)}, "ask.currency"),
        ({"ask": asking(extra=1)}, "ask.extra"),
        ({"agent": {}}, "agent.trust_level"),
        ({"agent": {"trust_level": "nosuch"}}, "agent.trust_level"),
        ({"agent": {"trust_level": "new", "approved_by": "me"}}, "agent.approved_by"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"as_of": "20260201"}, "as_of"),
        ({"as_of": "9999-12-31"}, "as_of"),
        ({"as_of": 5}, "as_of"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named_under_the_lines_id(lines: CaseLines, changed: dict, field: str):
    answer = lines.answer(a_line(**changed))

    assert answer["id"] == "1"
    assert set(answer) == {"id", "error"}
    assert [each["field"] for each in answer["error"]["errors"]] == [field]
    assert answer["error"]["code"] == "invalid-request"


def test_an_id_that_is_no_text_is_named(lines: CaseLines):
    answer = lines.answer(a_line(id=5))

    assert answer["id"] is None
    assert answer["error"]["errors"][0]["field"] == "id"


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b"5",
        b'{"id": "1", "id": "2"}',
        b'{"id": "1", "facts": NaN}',
        b'{"id": "1", "facts": ' + b"9" * 5000 + b"}",
        b'{"id": "\xff"}',
        b"[" * 100_000,
    ],
    ids=["text", "list", "number", "key twice", "NaN", "digits", "not UTF-8", "deep"],
)
def test_a_line_that_cannot_be_read_is_a_problem_without_an_id(lines: CaseLines, line: bytes):
    answer = lines.answer(line)

    assert answer["id"] is None
    assert answer["error"]["code"] == "malformed-body"
