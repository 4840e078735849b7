"""POST /v1/decisions/batch: many decisions in one call, each for itself."""

from __future__ import annotations

import json

import pytest

from policyservice.access.keys import Role
from policyservice.decisions.batch import CHUNK, MOST
from tests.api.factories import Caller, Service, assert_problem, body


def an_item(key: object = "k1", **changes: object) -> dict[str, object]:
    return {"idempotency_key": key, "decision": body(**changes)}


def asked(caller: Caller, *items: object):
    return caller.post("/v1/decisions/batch", {"decisions": list(items)}, key=None)


def outcomes(response) -> list[tuple[int, bool]]:
    return [(item["status"], item["replayed"]) for item in response.get_json()["items"]]


def test_each_request_has_its_own_outcome_in_the_order_sent(ui: Caller):
    response = asked(ui, an_item("a"), an_item("b", remedy="gift", amount="10.01", order="O-2"))

    assert response.status_code == 200
    first, second = response.get_json()["items"]
    assert (first["idempotency_key"], first["decision"]["outcome"], first["problem"]) == ("a", "allow", None)
    assert (second["idempotency_key"], second["decision"]["outcome"]) == ("b", "escalate")
    assert second["decision"]["escalation"]["to"]


def test_the_same_batch_again_is_answered_again_and_decides_nothing(service: Service, ui: Caller):
    items = [an_item("a"), an_item("b", order="O-2")]
    first = asked(ui, *items).get_json()["items"]
    again = asked(ui, *items)

    assert outcomes(again) == [(201, True), (201, True)]
    assert [item["decision"] for item in again.get_json()["items"]] == [item["decision"] for item in first]
    assert service.rows("decision") == 2


def test_a_request_may_be_repeated_by_itself(service: Service, ui: Caller):
    in_batch = asked(ui, an_item("a")).get_json()["items"][0]["decision"]
    alone = ui.post("/v1/decisions", body(), key="a")

    assert alone.headers["Idempotent-Replayed"] == "true"
    assert alone.get_json() == in_batch


def test_one_that_cannot_be_taken_does_not_spoil_the_others(service: Service, ui: Caller):
    wrong = [
        an_item("b", amount="7,00"),
        an_item("c", agent="nobody"),
        an_item("d", given_at="yesterday"),
        an_item(""),
        an_item(7),
        {"idempotency_key": "e"},
        {**an_item("f"), "more": 1},
        "what",
    ]
    response = asked(ui, an_item("a"), *wrong, an_item("z", order="O-2"))

    assert outcomes(response) == [
        (201, False),
        *[(s, False) for s in (422, 422, 422, 400, 400, 422, 422, 422)],
        (201, False),
    ]
    problem = response.get_json()["items"][1]["problem"]
    assert [error["field"] for error in problem["errors"]] == ["amount"]
    assert service.rows("decision") == 2


def test_a_batch_of_which_nothing_can_be_read_is_answered_all_the_same(ui: Caller):
    assert outcomes(asked(ui, an_item(given_at="yesterday"))) == [(422, False)]


def test_a_key_twice_in_a_batch_is_decided_once(service: Service, ui: Caller):
    response = asked(ui, an_item("a"), an_item("a"), an_item("a", amount="6.00"))

    assert outcomes(response) == [(201, False), (201, True), (422, False)]
    assert response.get_json()["items"][2]["problem"]["code"] == "idempotency-key-reused"
    assert service.rows("decision") == 1


def test_requests_of_one_batch_count_against_each_other(ui: Caller):
    response = asked(ui, an_item("a"), an_item("b", case="T-2"))

    assert [item["decision"]["outcome"] for item in response.get_json()["items"]] == ["allow", "deny"]  # paid back once


@pytest.mark.parametrize(("count", "status"), [(MOST, 200), (MOST + 1, 422), (0, 422)])
def test_a_batch_holds_one_to_five_hundred_requests(ui: Caller, count: int, status: int):
    wrong = {"idempotency_key": "k", "decision": {}}

    assert asked(ui, *[wrong] * count).status_code == status


def test_a_batch_of_several_chunks_is_answered_whole(service: Service, ui: Caller):
    items = [an_item(f"k{n}", case=f"T-{n}", order=f"O-{n}") for n in range(CHUNK + 3)]

    assert outcomes(asked(ui, *items)) == [(201, False)] * (CHUNK + 3)
    assert service.rows("decision") == CHUNK + 3


def test_a_chunk_that_breaks_off_leaves_whole_chunks(service: Service, ui: Caller):
    given = service.runtime.ids.new
    made = []

    def breaks(kind: str) -> str:
        made.append(kind)
        if made.count("dec") == CHUNK + 3:
            raise MemoryError
        return given(kind)

    service.runtime.ids.new = breaks  # type: ignore[method-assign]
    items = [an_item(f"k{n}", case=f"T-{n}", order=f"O-{n}") for n in range(2 * CHUNK)]
    assert asked(ui, *items).status_code == 500
    assert service.rows("decision") == service.rows("reply") == CHUNK

    service.runtime.ids.new = given  # type: ignore[method-assign]
    assert outcomes(asked(ui, *items)) == [(201, True)] * CHUNK + [(201, False)] * CHUNK


def test_a_batch_longer_than_the_settings_allow_is_refused(service: Service, ui: Caller):
    text = "x" * service.runtime.settings.max_body_bytes

    assert_problem(asked(ui, an_item(justification=text)), 413, "body-too-large")


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_who_may_not_decide_may_not_decide_in_batches(service: Service, role: Role):
    assert_problem(asked(service.caller(role), an_item()), 403, "not-allowed")


def test_a_bound_key_decides_for_its_own_agents_alone(service: Service):
    response = asked(service.bound(agents=("teemu",)), an_item("a"), an_item("b", agent="teemu"))

    assert outcomes(response) == [(403, False), (201, False)]


def test_what_is_not_a_batch_is_refused_as_a_whole(ui: Caller):
    response = ui.post("/v1/decisions/batch", {"decisions": [an_item()], "more": json.dumps(1)}, key=None)

    assert_problem(response, 422, "invalid-request")
