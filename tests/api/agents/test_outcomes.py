"""POST /v1/outcomes: what became of a case."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Caller, Service, assert_problem

CONTACT = {"kind": "repeat_contact", "at": "2026-06-01T09:00:00Z", "case": "T-1001"}


def test_an_outcome_is_kept_under_an_id_and_a_copy_under_the_same(ui: Caller):
    ui.decided()
    first = ui.post("/v1/outcomes", CONTACT, key=None)
    again = ui.post("/v1/outcomes", CONTACT, key=None)

    assert first.status_code == 201
    assert first.get_json()["taken"] == "kept"
    assert again.get_json() == {**first.get_json(), "taken": "duplicate"}


def test_another_word_about_the_same_contradicts_the_first(ui: Caller):
    survey = {"kind": "satisfaction", "at": "2026-06-01T09:00:00Z", "case": "T-1001", "ref": "s-1", "score": 80}
    first = ui.post("/v1/outcomes", survey, key=None).get_json()
    second = ui.post("/v1/outcomes", {**survey, "score": 20}, key=None).get_json()

    assert first["taken"] == "unknown"
    assert (second["taken"], second["contradicts"]) == ("contradicts", first["id"])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ("kind", "at", "case")),
        ({**CONTACT, "left": True}, ("left",)),
        ({**CONTACT, "case": 7}, ("case",)),
        ({**CONTACT, "trust_level": "lead"}, ("trust_level",)),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_fields(service: Service, ui: Caller, body, fields):
    assert_problem(ui.post("/v1/outcomes", body, key=None), 422, "invalid-request", *fields)
    assert service.rows("outcome") == 0


def test_a_bound_key_has_a_source_of_its_own_and_contradicts_nobody(service: Service, ui: Caller):
    ui.decided()
    survey = {**CONTACT, "kind": "satisfaction", "ref": "s-1", "score": 80, "source": "tool"}
    ui.post("/v1/outcomes", survey, key=None)
    mine = service.bound(Role.AGENT_UI, agents=("maija",))

    assert mine.post("/v1/outcomes", {**survey, "score": 0}, key=None).get_json()["taken"] == "kept"
    other = service.bound(Role.AGENT_UI, agents=("teemu",))
    assert_problem(other.post("/v1/outcomes", {**survey, "score": 1}, key=None), 404, "not-found")


def test_outcomes_are_counted(service: Service, ui: Caller):
    ui.post("/v1/outcomes", CONTACT, key=None)

    text = service.anonymous().get("/metrics").get_data(as_text=True)
    assert 'policyservice_outcomes_total{kind="repeat_contact",taken="unknown"} 1.0' in text
