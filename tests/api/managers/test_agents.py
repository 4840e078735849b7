"""PUT and GET /v1/agents/{ref}: who may act."""

from __future__ import annotations

import pytest

from tests.api.factories import COURTESY, Caller, assert_problem

AGENT = {"name": "Aino A.", "team": "desk", "trust_level": "trusted", "kind": "human"}


def test_a_new_agent_is_created_and_may_act_at_once(ui: Caller, manager: Caller):
    assert_problem(ui.ask(agent="aino"), 422, "unknown-agent", "agent")
    response = manager.put("/v1/agents/aino", AGENT)
    assert (response.status_code, response.get_json()) == (201, {"ref": "aino", **AGENT})
    assert ui.decided(agent="aino")["outcome"] == "allow"


def test_a_changed_registration_answers_200_and_holds_from_then_on(ui: Caller, manager: Caller):
    before = ui.decided(**COURTESY)
    assert manager.put("/v1/agents/maija", {**AGENT, "trust_level": "lead"}).status_code == 200
    after = ui.decided(**COURTESY)
    assert before["binding_limit"]["limit"] == "per-decision"
    assert after["binding_limit"] is None


def test_an_agent_without_a_team_is_registered(manager: Caller):
    sent = {name: value for name, value in AGENT.items() if name != "team"}
    assert manager.put("/v1/agents/aino", sent).get_json()["team"] is None


def test_a_registered_agent_reads_back(manager: Caller, auditor: Caller):
    manager.put("/v1/agents/a/b", AGENT)
    assert auditor.get("/v1/agents/a/b").get_json() == {"ref": "a/b", **AGENT}


def test_an_agent_nobody_registered_is_not_found(auditor: Caller):
    assert_problem(auditor.get("/v1/agents/nobody"), 404, "not-found")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": ...}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": 5}, ["name"]),
        ({"kind": "robot"}, ["kind"]),
        ({"kind": ...}, ["kind"]),
        ({"trust_level": "boss"}, ["trust_level"]),
        ({"trust_level": ...}, ["trust_level"]),
        ({"trust_level": None}, ["trust_level"]),
        ({"role": "admin"}, ["role"]),
        ({"name": ..., "kind": "x", "y": 1}, ["name", "kind", "y"]),
    ],
)
def test_a_registration_that_cannot_be_taken_names_its_fields(manager: Caller, changes, fields):
    sent = {name: value for name, value in {**AGENT, **changes}.items() if value is not ...}
    assert_problem(manager.put("/v1/agents/aino", sent), 422, "invalid-request", *fields)
    assert_problem(manager.get("/v1/agents/aino"), 404, "not-found")


def test_what_cannot_be_a_reference_is_refused(manager: Caller):
    assert_problem(manager.put("/v1/agents/%00", AGENT), 422, "invalid-request", "ref")


@pytest.mark.parametrize("address", ["a%0Ab", "%2Fb", "%0A"])
def test_a_reference_with_a_line_break_or_a_slash_in_front_is_an_address_all_the_same(manager: Caller, address):
    assert manager.put(f"/v1/agents/{address}", {}).status_code == 422
