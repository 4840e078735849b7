"""Incidents over HTTP: opened, linked, moved on, given one remedy for all, rolled out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from policyservice.access.keys import Role
from policyservice.db import tables
from policyservice.resolutions.linking import link_new
from tests.api.factories import COURTESY, Caller, Service, assert_problem

OPEN = {"agent": "leena", "title": "No trolley", "reason": "service.not_delivered"}
GIFT = {"agent": "leena", "remedy": "gift", "amount": "5.00", "currency": "EUR", "budget": "50.00"}


@pytest.fixture
def opened(manager: Caller) -> str:
    answer = manager.post("/v1/incidents", OPEN)
    assert answer.status_code == 201
    return str(answer.get_json()["id"])


@pytest.fixture
def ready(service: Service, manager: Caller, opened: str) -> str:
    """Confirmed, with a gift for all, and one case."""
    _post(manager, opened, "transition", agent="leena", to="confirmed")
    _post(manager, opened, "remedy", **GIFT)
    _post(manager, opened, "cases", agent="maija", case="T-1", channel="cabin", customer="C-1")
    service.clock.advance(seconds=3)
    return opened


def _post(caller: Caller, id: str, step: str, *, key: str | None = "new", **body):
    return caller.post(f"/v1/incidents/{id}/{step}", body, key=key)


def test_the_whole_way_of_an_incident(service: Service, ui: Caller, manager: Caller, ready: str):
    done = _post(manager, ready, "roll-out", agent="leena").get_json()
    assert done == {"given": 1, "had": 0, "not_given": 0, "counts": {"cases": 1, "given": 1, "had": 0, "left": 0}}
    (one,) = manager.get(f"/v1/incidents/{ready}/cases").get_json()["items"]
    decision = ui.get(f"/v1/decisions/{one['decision_id']}").get_json()
    assert (decision["asked"]["incident"], decision["asked"]["case"], decision["standing"]) == (ready, "T-1", "5.00")
    for state in ("fixed", "closed"):
        assert _post(manager, ready, "transition", agent="leena", to=state).get_json()["status"] == state
    history = manager.get(f"/v1/incidents/{ready}").get_json()["history"]
    assert [event["kind"] for event in history] == ["open", "state", "remedy", "roll_out", "state", "state"]


def test_incidents_are_listed_the_newest_first_page_by_page(service: Service, ui: Caller, manager: Caller, opened: str):
    service.clock.advance(seconds=1)
    second = manager.post("/v1/incidents", OPEN).get_json()["id"]
    first_page = ui.get("/v1/incidents?limit=1").get_json()
    rest = ui.get(f"/v1/incidents?limit=1&cursor={first_page['next']}").get_json()
    assert [page["items"][0]["id"] for page in (first_page, rest)] == [second, opened]
    assert rest["next"] is None
    assert ui.get("/v1/incidents?status=closed").get_json()["items"] == []
    assert_problem(ui.get("/v1/incidents?status=late"), 422, "invalid-request", "status")
    assert_problem(ui.get("/v1/incidents?cursor=x"), 422, "invalid-request", "cursor")


def test_a_rule_takes_the_escalations_of_its_cases_out_of_the_queue(service: Service, ui: Caller, manager: Caller):
    asked = ui.decided(**COURTESY)
    rule = "{reason: " + COURTESY["reason"] + "}"
    began = service.clock.now().isoformat()
    body = {**OPEN, "reason": COURTESY["reason"], "rule": rule, "began_at": began}
    opened = manager.post("/v1/incidents", body).get_json()["id"]
    link_new(service.runtime)
    assert manager.get("/v1/escalations").get_json()["items"] == []
    one = manager.get(f"/v1/escalations/{asked['escalation']['id']}").get_json()
    assert (one["escalation"]["result"], one["history"][0]["to"]) == ("incident", opened)


def test_repeating_a_key_opens_one_and_rolls_out_once(manager: Caller, ready: str):
    first, again = (manager.post("/v1/incidents", {**OPEN, "title": "Two"}, key="k") for _ in range(2))
    assert (first.data, again.headers["Idempotent-Replayed"]) == (again.data, "true")
    first, again = (_post(manager, ready, "roll-out", agent="leena", key="r") for _ in range(2))
    assert (first.get_json()["given"], first.data, again.headers["Idempotent-Replayed"]) == (1, again.data, "true")
    assert_problem(_post(manager, ready, "roll-out", agent="teemu", key="r"), 422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("step", "body", "fields"),
    [
        ("transition", {"agent": "leena", "to": "broken"}, ["to"]),
        ("transition", {"to": "confirmed"}, ["agent"]),
        ("action", {"agent": "leena", "what": "w", "owner": "teemu", "due_at": "soon"}, ["due_at"]),
        ("remedy", {**GIFT, "budget": 50}, ["budget"]),
        ("remedy", {**GIFT, "currency": "XXX"}, ["currency"]),
        ("cases", {"agent": "maija", "case": "T-1"}, ["channel"]),
        ("cases/T-1/unlink", {"agent": "maija"}, ["note"]),
        ("cases/T-1/unlink", {"agent": "maija", "note": " "}, ["note"]),
        ("cases/T-1/unlink", {"note": "n"}, ["agent"]),
        ("cases/T-1/unlink", {"agent": "maija", "note": "n", "case": "T-1"}, ["case"]),
        ("cases/T%0A1/unlink", {"agent": "maija", "note": "n"}, ["ref"]),
        ("roll-out", {"agent": "leena", "most": 0}, ["most"]),
        ("roll-out", {"agent": "leena", "most": 501}, ["most"]),
        ("roll-out", {"agent": "leena", "most": True}, ["most"]),
        ("roll-out", {"agent": "leena", "all": True}, ["all"]),
    ],
)
def test_a_step_that_cannot_be_taken_names_its_fields(manager: Caller, ready: str, step, body, fields):
    assert_problem(_post(manager, ready, step, **body), 422, "invalid-request", *fields)


@pytest.mark.parametrize("most", [1, 500])
def test_the_bounds_of_a_batch_are_included(manager: Caller, ready: str, most):
    assert _post(manager, ready, "roll-out", agent="leena", most=most).status_code == 200


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("transition", {"agent": "leena", "to": "confirmed"}),
        ("action", {"agent": "leena", "done": True}),
        ("remedy", GIFT),
        ("cases", {"agent": "maija", "case": "T-1", "channel": "chat"}),
        ("cases/T-1/unlink", {"agent": "maija", "note": "n"}),
        ("roll-out", {"agent": "leena"}),
    ],
)
def test_every_step_takes_an_idempotency_key_and_an_incident_that_is_there(manager: Caller, opened: str, step, body):
    assert_problem(_post(manager, opened, step, key=None, **body), 400, "idempotency-key-missing")
    for nobodys in ("inc_000000", "x", "%00"):
        assert_problem(_post(manager, nobodys, step, **body), 404, "not-found")


def test_a_state_that_cannot_follow_is_a_conflict_that_says_what_can(manager: Caller, opened: str):
    answer = _post(manager, opened, "transition", agent="leena", to="closed")
    assert_problem(answer, 409, "wrong-state")
    assert "It may become confirmed, dismissed." in answer.get_json()["detail"]


def test_a_case_is_taken_out_and_listed_by_itself_with_who_did_so_and_why(
    service: Service, manager: Caller, ready: str
):
    _post(manager, ready, "cases", agent="maija", case="T/2", channel="chat")
    address, said = "cases/T/2/unlink", {"agent": "teemu", "note": "Another flight."}
    first, again = (_post(manager, ready, address, key="k", **said) for _ in range(2))
    assert first.get_json() == {"incident": ready, "linked": False}
    assert (first.data, again.headers["Idempotent-Replayed"]) == (again.data, "true")

    (left,) = manager.get(f"/v1/incidents/{ready}/cases").get_json()["items"]
    (gone,) = manager.get(f"/v1/incidents/{ready}/cases?linked=false").get_json()["items"]
    assert (left["case"], left["unlinked"], gone["case"]) == ("T-1", None, "T/2")
    assert gone["unlinked"] == {"at": "2026-06-01T09:00:03Z", "by": "teemu", "note": "Another flight."}
    one = manager.get(f"/v1/incidents/{ready}").get_json()
    assert (one["counts"]["cases"], one["history"][-1]["kind"], one["history"][-1]["by"]) == (1, "unlink", "teemu")
    assert (one["history"][-1]["about"], one["history"][-1]["note"]) == ({}, None)
    assert_problem(manager.get(f"/v1/incidents/{ready}/cases?linked=no"), 422, "invalid-request", "linked")


def test_cases_taken_out_are_listed_page_by_page(manager: Caller, ready: str):
    for number in range(3):
        _post(manager, ready, "cases", agent="maija", case=f"T-{number}", channel="chat")
        _post(manager, ready, f"cases/T-{number}/unlink", agent="maija", note="n")
    address, seen, cursor = f"/v1/incidents/{ready}/cases?linked=false&limit=1", [], ""
    while cursor is not None:
        page = manager.get(f"{address}{cursor and '&cursor=' + cursor}").get_json()
        seen += [item["case"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == ["T-0", "T-1", "T-2"]


def test_what_has_its_remedy_and_what_was_never_linked_is_refused(manager: Caller, ready: str):
    _post(manager, ready, "roll-out", agent="leena")
    has_it = _post(manager, ready, "cases/T-1/unlink", agent="leena", note="n")
    assert_problem(has_it, 409, "wrong-state")
    assert "void or reverse the decision that gave it" in has_it.get_json()["detail"]
    assert_problem(_post(manager, ready, "cases/T-9/unlink", agent="leena", note="n"), 404, "not-found")


def test_the_address_of_a_case_taken_out_is_kept_without_its_reference(service: Service, manager: Caller, ready: str):
    _post(manager, ready, "cases", agent="maija", case="T-Virtanen", channel="chat")
    _post(manager, ready, "cases/T-Virtanen/unlink", agent="maija", note="n")
    with service.runtime.db.reading() as conn:
        kept = conn.execute(select(tables.reply.c.path)).scalars().all()
    assert [path for path in kept if path.endswith("/unlink")]
    assert not [path for path in kept if "Virtanen" in path]


def test_a_bound_key_takes_out_what_it_linked_and_finds_nothing_of_others(
    service: Service, manager: Caller, ready: str
):
    cabin, desk = (service.bound(Role.AGENT_UI, teams=(team,)) for team in ("cabin", "desk"))
    for way in ("T-1", "T-9"):
        assert_problem(_post(desk, ready, f"cases/{way}/unlink", agent="teemu", note="n"), 404, "not-found")
    assert [each["case"] for each in cabin.get(f"/v1/incidents/{ready}/cases").get_json()["items"]] == ["T-1"]
    assert _post(cabin, ready, "cases/T-1/unlink", agent="maija", note="n").status_code == 200
    assert desk.get(f"/v1/incidents/{ready}/cases?linked=false").get_json()["items"] == []
    (gone,) = cabin.get(f"/v1/incidents/{ready}/cases?linked=false").get_json()["items"]
    assert gone["case"] == "T-1"


def test_a_bound_key_reads_what_is_the_companys_and_sees_no_case_of_others(service: Service, ready: str):
    web = service.bound(Role.MANAGER, teams=("web",))
    assert web.get(f"/v1/incidents/{ready}").status_code == 200
    assert web.get(f"/v1/incidents/{ready}/cases").get_json()["items"] == []
    for step, body in (("transition", {"agent": "botti", "to": "fixed"}), ("roll-out", {"agent": "botti"})):
        assert_problem(_post(web, ready, step, **body), 403, "not-allowed")
