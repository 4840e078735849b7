"""POST /v1/decisions/{id}/void: the remedy was not given."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, assert_problem


def test_what_was_held_is_free_again(ui: Caller):
    decision = ui.decided()
    answer = _void(ui, decision).get_json()
    assert (answer["status"], answer["standing"]) == ("voided", "0.00")
    assert answer["history"][-1]["note"] == "The customer did not want it."
    assert ui.decided()["outcome"] == "allow"  # owed once per order, and it was not given


def test_what_was_given_cannot_be_voided_and_the_answer_says_what_to_do(ui: Caller):
    decision = ui.decided()
    ui.post(f"/v1/decisions/{decision['id']}/commit")
    assert "everse" in assert_problem(_void(ui, decision), 409, "wrong-status")["detail"]


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": ""}, {"reason": "  "}, {"reason": 5}])
def test_it_takes_a_reason(ui: Caller, body):
    assert_problem(_void(ui, ui.decided(), body), 422, "invalid-request", "reason")


def test_it_takes_an_idempotency_key(ui: Caller):
    decision = ui.decided()
    assert_problem(_void(ui, decision, key=None), 400, "idempotency-key-missing")
    assert _void(ui, decision, key="k").data == _void(ui, decision, key="k").data


def _void(caller: Caller, decision, body=None, *, key: str | None = "new"):
    sent = {"reason": "The customer did not want it."} if body is None else body
    return caller.post(f"/v1/decisions/{decision['id']}/void", sent, key=key)
