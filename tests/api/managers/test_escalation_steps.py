"""One escalation over HTTP: read, taken, handed on, the customer spoken with, withdrawn, corrected."""

from __future__ import annotations

import pytest

from tests.api.factories import COURTESY, Caller, Service, assert_problem


@pytest.fixture
def escalated(ui: Caller) -> str:
    """Maija, who is new, asked for a credit of EUR 20.00; her cap is 15.00."""
    return str(ui.decided(**COURTESY)["escalation"]["id"])


def _post(caller: Caller, id: str, step: str, *, key: str | None = "new", **body):
    return caller.post(f"/v1/escalations/{id}/{step}", body, key=key)


def test_it_shows_what_is_asked_what_happened_and_what_that_took(service: Service, manager: Caller, escalated):
    _post(manager, escalated, "take", agent="leena")
    service.clock.advance(minutes=7)
    _post(manager, escalated, "hand-on", agent="leena", to="customer-relations", note="Not in our system.", contacts=1)

    answer = manager.get(f"/v1/escalations/{escalated}").get_json()
    assert (answer["asked"]["agent"], answer["asked"]["amount"]) == ("maija", "20.00")
    assert [(event["kind"], event["by"], event["note"]) for event in answer["history"]] == [
        ("take", "leena", None),
        ("hand_on", "leena", "Not in our system."),
    ]
    assert answer["effort"] == {
        "worked": [{"tier": 2, "minutes": 7}],
        "contacts": 1,
        "contact_minutes": 0,
        "waiting_minutes": 0,
    }
    assert (answer["escalation"]["to"], answer["escalation"]["holder"]) == ("customer-relations", None)


def test_the_queue_tells_who_has_what_in_hand(manager: Caller, escalated):
    assert manager.get("/v1/escalations?holder=leena").get_json()["items"] == []
    _post(manager, escalated, "take", agent="leena")
    (one,) = manager.get("/v1/escalations?holder=leena").get_json()["items"]
    assert (one["id"], one["holder"]) == (escalated, "leena")


def test_a_decision_tells_which_escalation_it_answered_and_the_escalation_which_decision_did(
    ui: Caller, manager: Caller, escalated
):
    done = _post(manager, escalated, "resolve", agent="leena", result="granted").get_json()
    granted = done["escalation"]["result_decision_id"]
    assert ui.get(f"/v1/decisions/{granted}").get_json()["resolves"] == escalated
    asked = done["escalation"]["decision_id"]
    assert "resolves" not in ui.get(f"/v1/decisions/{asked}").get_json()


def test_whoever_has_it_in_hand_is_named_to_a_colleague(manager: Caller, escalated):
    _post(manager, escalated, "take", agent="teemu")
    answer = _post(manager, escalated, "take", agent="leena")
    assert_problem(answer, 409, "escalation-taken")
    assert "teemu since 2026-06-01 09:00 UTC" in answer.get_json()["detail"]


def test_the_agents_screen_withdraws_and_speaks_but_does_not_take(ui: Caller, escalated):
    assert_problem(_post(ui, escalated, "take", agent="leena"), 403, "not-allowed")
    assert _post(ui, escalated, "contacts", agent="maija").status_code == 200
    answer = _post(ui, escalated, "withdraw", agent="maija", note="Not wanted.").get_json()
    assert (answer["escalation"]["result"], answer["escalation"]["note"]) == ("withdrawn", "Not wanted.")


def test_a_correction_stands_beside_what_was_recorded(manager: Caller, escalated):
    _post(manager, escalated, "contacts", agent="teemu", minutes=30)
    right = {"tier": 2, "minutes": 5, "contact_minutes": 3}
    answer = _post(manager, escalated, "correct", agent="leena", **right, reason="Typed wrongly.").get_json()
    assert [event["worked_seconds"] for event in answer["history"]] == [0, 300]
    assert [event["spoken_seconds"] for event in answer["history"]] == [1800, -1620]
    assert (answer["effort"]["worked"], answer["effort"]["contact_minutes"]) == ([{"tier": 2, "minutes": 5}], 3)


@pytest.mark.parametrize(
    ("step", "body", "fields"),
    [
        ("take", {}, ["agent"]),
        ("take", {"agent": "leena", "to": "me"}, ["to"]),
        ("hand-on", {"agent": "leena", "to": "lead"}, ["note"]),
        ("hand-on", {"agent": "leena", "note": "n", "to": "nobody"}, ["to"]),
        ("hand-on", {"agent": "leena", "note": "n", "to": "lead", "minutes": "7"}, ["minutes"]),
        ("contacts", {"agent": "leena", "minutes": 1.5}, ["minutes"]),
        ("withdraw", {"agent": "leena"}, ["note"]),
        ("correct", {"agent": "leena", "reason": "r"}, ["minutes"]),
        ("correct", {"agent": "leena", "reason": "r", "contacts": -1}, ["contacts"]),
    ],
)
def test_a_step_that_cannot_be_taken_names_its_fields(manager: Caller, escalated, step, body, fields):
    assert_problem(_post(manager, escalated, step, **body), 422, "invalid-request", *fields)
    assert manager.get(f"/v1/escalations/{escalated}").get_json()["history"] == []


@pytest.mark.parametrize("step", ["take", "hand-on", "contacts", "withdraw", "correct"])
def test_every_step_takes_an_idempotency_key(manager: Caller, escalated, step):
    body = {"agent": "leena"}
    body |= {"hand-on": {"to": "lead", "note": "n"}, "withdraw": {"note": "n"}}.get(step, {})
    body |= {"reason": "r", "contacts": 1} if step == "correct" else {}
    assert_problem(_post(manager, escalated, step, key=None, **body), 400, "idempotency-key-missing")
    first, again = (_post(manager, escalated, step, key="k", **body) for _ in range(2))
    assert (first.status_code, again.data, again.headers["Idempotent-Replayed"]) == (200, first.data, "true")


@pytest.mark.parametrize("id", ["esc_000000", "x", "%00"])
def test_an_escalation_that_is_not_there_is_not_found(manager: Caller, id):
    assert_problem(manager.get(f"/v1/escalations/{id}"), 404, "not-found")
    assert_problem(_post(manager, id, "take", agent="leena"), 404, "not-found")
