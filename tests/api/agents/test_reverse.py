"""POST /v1/decisions/{id}/reverse: what was given is taken back."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, assert_problem


@pytest.fixture
def given(ui: Caller):
    """A refund of EUR 7.00 that was paid out."""
    decision = ui.decided()
    ui.post(f"/v1/decisions/{decision['id']}/commit")
    return decision


def test_all_of_it_is_taken_back(ui: Caller, given):
    answer = _reverse(ui, given).get_json()
    assert (answer["status"], answer["standing"]) == ("reversed", "0.00")


def test_a_part_is_taken_back_and_the_rest_stays_given(ui: Caller, given):
    answer = _reverse(ui, given, amount="2.00").get_json()
    assert (answer["status"], answer["standing"]) == ("committed", "5.00")
    assert _reverse(ui, given, amount="5.00").get_json()["status"] == "reversed"


def test_a_cent_more_than_stands_is_refused(ui: Caller, given):
    assert_problem(_reverse(ui, given, amount="7.01"), 422, "more-than-held", "amount")


def test_what_was_not_given_cannot_be_taken_back(ui: Caller):
    assert_problem(_reverse(ui, ui.decided()), 409, "wrong-status")


@pytest.mark.parametrize(("body", "field"), [({"reason": None}, "reason"), ({"amount": 2}, "amount")])
def test_a_body_that_cannot_be_taken_is_refused_by_name(ui: Caller, given, body, field):
    assert_problem(_reverse(ui, given, **body), 422, "invalid-request", field)


def test_it_takes_an_idempotency_key(ui: Caller, given):
    path = f"/v1/decisions/{given['id']}/reverse"
    assert_problem(ui.post(path, {"reason": "x"}, key=None), 400, "idempotency-key-missing")


def _reverse(caller: Caller, decision, **body):
    return caller.post(f"/v1/decisions/{decision['id']}/reverse", {"reason": "Paid twice.", **body})
