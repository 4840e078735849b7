"""POST /v1/escalations/{id}/resolve: what whoever has the authority decided."""

from __future__ import annotations

import pytest

from tests.api.factories import COURTESY, Caller, Service, assert_problem


@pytest.fixture
def escalated(ui: Caller):
    """Maija, who is new, asked for a credit of EUR 20.00; her cap is 15.00."""
    answer = ui.decided(**COURTESY)
    assert answer["outcome"] == "escalate"
    return answer


def test_a_lead_grants_it_by_a_decision_of_their_own(manager: Caller, escalated):
    answer = _resolve(manager, escalated).get_json()
    assert (answer["escalation"]["status"], answer["escalation"]["result"]) == ("resolved", "granted")
    assert answer["escalation"]["resolved_by"] == "leena"
    decision = answer["decision"]
    assert (decision["outcome"], decision["status"], decision["standing"]) == ("allow", "reserved", "20.00")
    assert answer["escalation"]["result_decision_id"] == decision["id"]
    assert manager.get("/v1/escalations").get_json()["items"] == []


def test_a_lesser_sum_may_be_granted(manager: Caller, escalated):
    assert _resolve(manager, escalated, amount="12.00").get_json()["decision"]["amount"] == "12.00"


def test_a_refusal_says_why_and_holds_nothing(service: Service, manager: Caller, escalated):
    answer = _resolve(manager, escalated, result="refused", note="Not this time.").get_json()
    assert (answer["escalation"]["result"], answer["escalation"]["note"], answer["decision"]) == (
        "refused",
        "Not this time.",
        None,
    )
    assert service.rows("entry") == 0


def test_the_same_key_resolves_once_and_repeats_its_answer(service: Service, manager: Caller, escalated):
    first, again = _resolve(manager, escalated, key="k"), _resolve(manager, escalated, key="k")
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert service.rows("decision") == 2


def test_what_is_resolved_cannot_be_resolved_again(manager: Caller, escalated):
    _resolve(manager, escalated)
    assert_problem(_resolve(manager, escalated), 409, "escalation-resolved")


def test_nobody_resolves_what_they_asked_for_themselves(manager: Caller, escalated):
    assert_problem(_resolve(manager, escalated, agent="maija"), 403, "not-allowed", "agent")


def test_who_may_not_grant_it_either_leaves_it_open(service: Service, manager: Caller, escalated):
    assert_problem(_resolve(manager, escalated, agent="botti"), 403, "beyond-authority")
    assert [item["status"] for item in manager.get("/v1/escalations").get_json()["items"]] == ["open"]
    assert (service.rows("entry"), service.rows("decision")) == (0, 1)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"result": ...}, ["result"]),
        ({"result": "maybe"}, ["result"]),
        ({"agent": ...}, ["agent"]),
        ({"amount": 20}, ["amount"]),
        ({"amount": "0.00"}, ["amount"]),
        ({"result": "refused"}, ["note"]),
        ({"result": "refused", "note": "no", "amount": "5.00"}, ["amount"]),
        ({"facts": {"nonsense": 1}}, ["facts.nonsense"]),
        ({"approved_by": "boss"}, ["approved_by"]),
    ],
)
def test_a_resolution_that_cannot_be_taken_names_its_fields(
    service: Service, manager: Caller, escalated, changes, fields
):
    assert_problem(_resolve(manager, escalated, **changes), 422, "invalid-request", *fields)
    assert service.rows("decision") == 1


def test_an_agent_nobody_registered_resolves_nothing(manager: Caller, escalated):
    assert_problem(_resolve(manager, escalated, agent="nobody"), 422, "unknown-agent", "agent")


@pytest.mark.parametrize("id", ["esc_000000", "x", "%00"])
def test_an_escalation_that_is_not_there_is_not_found(manager: Caller, id):
    assert_problem(_resolve(manager, {"escalation": {"id": id}}), 404, "not-found")


def test_it_takes_an_idempotency_key(manager: Caller, escalated):
    assert_problem(_resolve(manager, escalated, key=None), 400, "idempotency-key-missing")


def _resolve(caller: Caller, escalated, *, key: str | None = "new", **changes):
    sent = {"result": "granted", "agent": "leena", **changes}
    body = {name: value for name, value in sent.items() if value is not ...}
    return caller.post(f"/v1/escalations/{escalated['escalation']['id']}/resolve", body, key=key)
