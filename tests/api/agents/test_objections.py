"""POST /v1/decisions/{id}/objections, and what becomes of them."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Caller, Service, assert_problem

SAID = {"agent": "maija", "note": "The menu says twelve."}
ANSWER = {"agent": "leena", "result": "rule_changes", "note": "From Monday on."}


def test_an_objection_is_listed_for_its_owner_with_the_case_and_answered_once(ui: Caller, manager: Caller):
    decision = ui.decided()["id"]
    raised = ui.post(f"/v1/decisions/{decision}/objections", SAID, key=None)
    found = raised.get_json()

    assert raised.status_code == 201
    assert (found["agent"], found["note"], found["case"], found["answer"]) == ("maija", SAID["note"], "T-1001", None)
    assert ui.post(f"/v1/decisions/{decision}/objections", SAID, key=None).status_code == 200
    assert manager.get(f"/v1/objections?owner={found['owner']}").get_json() == {"items": [found], "next": None}
    assert manager.get("/v1/objections?owner=nobody").get_json()["items"] == []

    answered = manager.post(f"/v1/objections/{found['id']}/answer", ANSWER, key=None)

    assert answered.get_json()["answer"]["note"] == "From Monday on."
    assert manager.get("/v1/objections").get_json()["items"] == []
    assert manager.get("/v1/objections?status=answered").get_json()["items"] == [answered.get_json()]
    assert_problem(manager.post(f"/v1/objections/{found['id']}/answer", ANSWER, key=None), 409, "objection-answered")


def test_the_list_is_paged_oldest_first(service: Service, ui: Caller, manager: Caller):
    decision = ui.decided()["id"]
    ids = []
    for number in range(3):
        said = {**SAID, "note": f"Number {number}."}
        ids.append(ui.post(f"/v1/decisions/{decision}/objections", said, key=None).get_json()["id"])
        service.clock.advance(minutes=number)
    first = manager.get("/v1/objections?limit=2").get_json()
    rest = manager.get(f"/v1/objections?limit=2&cursor={first['next']}").get_json()

    assert [item["id"] for item in first["items"] + rest["items"]] == ids
    assert rest["next"] is None
    assert_problem(manager.get("/v1/objections?cursor=x"), 422, "invalid-request", "cursor")


def test_what_cannot_be_taken_is_refused_by_its_fields(ui: Caller, manager: Caller):
    decision = ui.decided()["id"]
    path = f"/v1/decisions/{decision}/objections"

    assert_problem(ui.post(path, {}, key=None), 422, "invalid-request", "agent", "note")
    assert_problem(ui.post(path, {**SAID, "note": " "}, key=None), 422, "invalid-request", "note")
    assert_problem(ui.post(path, {**SAID, "owner": "me"}, key=None), 422, "invalid-request", "owner")
    assert_problem(ui.post("/v1/decisions/nosuch/objections", SAID, key=None), 404, "not-found")
    found = ui.post(path, SAID, key=None).get_json()
    answer = f"/v1/objections/{found['id']}/answer"
    assert_problem(manager.post(answer, {**ANSWER, "result": "maybe"}, key=None), 422, "invalid-request", "result")
    assert_problem(manager.post(answer, {**ANSWER, "agent": "maija"}, key=None), 403, "not-allowed", "agent")
    assert_problem(manager.post("/v1/objections/obj_none/answer", ANSWER, key=None), 404, "not-found")


@pytest.mark.parametrize("name", ["owner", "decision"])
@pytest.mark.parametrize("value", ["x%00", "x" * 201])
def test_a_filter_that_cannot_be_a_name_is_refused(manager: Caller, name: str, value: str):
    assert_problem(manager.get(f"/v1/objections?{name}={value}"), 422, "invalid-request", name)


def test_an_agents_screen_does_not_answer(service: Service, ui: Caller):
    assert_problem(ui.post("/v1/objections/obj_1/answer", ANSWER, key=None), 403, "not-allowed")
    assert_problem(
        service.caller(Role.AUDITOR).post("/v1/objections/obj_1/answer", ANSWER, key=None), 403, "not-allowed"
    )
