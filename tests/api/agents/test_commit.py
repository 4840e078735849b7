"""POST /v1/decisions/{id}/commit: the remedy was given."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, Service, assert_problem


def test_all_of_it_was_given(ui: Caller):
    answer = _commit(ui, ui.decided()).get_json()
    assert (answer["status"], answer["standing"], answer["expires_at"]) == ("committed", "7.00", None)
    assert [entry["kind"] for entry in answer["history"]] == ["hold", "commit"]


def test_less_was_given_and_the_rest_is_free_again(ui: Caller):
    answer = _commit(ui, ui.decided(remedy="gift", amount="10.00"), {"amount": "4.00"}).get_json()
    assert (answer["status"], answer["amount"], answer["standing"]) == ("committed", "10.00", "4.00")


def test_the_payment_that_carries_it_is_kept(ui: Caller):
    answer = _commit(ui, ui.decided(), {"external_ref": "PAY-1"}).get_json()
    assert answer["history"][-1]["external_ref"] == "PAY-1"


def test_an_empty_body_commits_all(ui: Caller):
    decision = ui.decided()
    response = ui.call("POST", f"/v1/decisions/{decision['id']}/commit", headers={"Idempotency-Key": "k"})
    assert response.get_json()["standing"] == "7.00"


def test_a_commit_after_the_hold_has_ended_is_booked_and_marked_late(service: Service, ui: Caller):
    decision = ui.decided()
    service.clock.advance(hours=25)
    answer = _commit(ui, decision).get_json()
    assert (answer["status"], answer["history"][-1]["late"]) == ("committed", True)


def test_the_same_key_commits_once(service: Service, ui: Caller):
    decision = ui.decided()
    first, again = _commit(ui, decision, key="k"), _commit(ui, decision, key="k")
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert service.rows("entry") == 2


def test_the_key_of_the_decision_may_be_used_again_on_another_path(ui: Caller):
    decision = ui.ask(key="k").get_json()
    assert _commit(ui, decision, key="k").status_code == 200


def test_what_is_committed_cannot_be_committed_again(ui: Caller):
    decision = ui.decided()
    _commit(ui, decision)
    assert_problem(_commit(ui, decision), 409, "wrong-status")


@pytest.mark.parametrize("changes", [{"remedy": "gift", "amount": "99.00"}, {"amount": "7.01"}])
def test_what_was_not_allowed_cannot_be_committed(ui: Caller, changes):
    assert_problem(_commit(ui, ui.decided(**changes)), 409, "wrong-status")


def test_a_cent_more_than_is_held_is_refused(ui: Caller):
    decision = ui.decided()
    assert_problem(_commit(ui, decision, {"amount": "7.01"}), 422, "more-than-held", "amount")
    assert _commit(ui, decision, {"amount": "7.00"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 7.0}, "amount"),
        ({"amount": 7}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": True}, "amount"),
        ({"external_ref": ""}, "external_ref"),
        ({"external_ref": 5}, "external_ref"),
        ({"external_ref": "x" * 201}, "external_ref"),
        ({"approved_by": "boss"}, "approved_by"),
    ],
)
def test_a_body_that_cannot_be_taken_settles_nothing(service: Service, ui: Caller, body, field):
    decision = ui.decided()
    assert_problem(_commit(ui, decision, body), 422, "invalid-request", field)
    assert service.rows("entry") == 1


def test_a_decision_that_is_not_there_is_not_found(ui: Caller):
    assert_problem(_commit(ui, {"id": "dec_000000"}), 404, "not-found")


def test_without_a_key_nothing_is_settled(service: Service, ui: Caller):
    assert_problem(_commit(ui, ui.decided(), key=None), 400, "idempotency-key-missing")
    assert service.rows("entry") == 1


def _commit(caller: Caller, decision, body=None, *, key: str | None = "new"):
    return caller.post(f"/v1/decisions/{decision['id']}/commit", body, key=key)
