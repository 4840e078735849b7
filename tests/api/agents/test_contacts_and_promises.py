"""Contacts and promises: what was said and promised before, in any channel and by anyone, and what became of it."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Caller, Service, assert_problem

CONTACT = {"agent": "maija", "channel": "email", "note": "Asked again.", "told": ["next"]}
PROMISE = {"agent": "maija", "what": "A call.", "due_at": "2026-06-03T09:00:00Z", "team": "desk"}


def test_the_colleague_on_the_phone_sees_what_was_promised_by_email(ui: Caller):
    ui.decided()
    ui.post("/v1/cases/T-1001/contacts", CONTACT)
    ui.post("/v1/cases/T-1001/promises", PROMISE)

    history = ui.get("/v1/customers/C-77/history").get_json()
    (promise,) = history["promises"]
    assert (promise["what"], promise["team"], promise["status"], promise["overdue"]) == (
        "A call.",
        "desk",
        "open",
        False,
    )
    assert {entry["kind"] for entry in history["timeline"]} == {"decision", "contact", "promise"}
    contact = next(entry for entry in history["timeline"] if entry["kind"] == "contact")
    assert (contact["agent"], contact["channel"]) == ("maija", "email")
    assert contact["details"] == {"direction": "in", "told": ["next"], "note": "Asked again."}


def test_what_is_escalated_is_promised_in_the_callers_language_and_kept_by_its_resolution(ui: Caller, manager: Caller):
    escalated = ui.decided(remedy="gift", amount="12.00")
    (promise,) = ui.get("/v1/cases/T-1001", language="fi").get_json()["promises"]
    assert (promise["kind"], promise["what"]) == ("answer", "Vastaus")
    assert (promise["escalation"], promise["due_at"]) == (
        escalated["escalation"]["id"],
        escalated["escalation"]["due_at"],
    )
    refused = {"result": "refused", "agent": "leena", "note": "No."}
    manager.post(f"/v1/escalations/{promise['escalation']}/resolve", refused)

    case = ui.get("/v1/cases/T-1001").get_json()
    assert case["promises"][0]["status"] == "kept"
    assert case["now"] == {"promised": [], "given": [], "open": []}
    assert (case["paths"]["decision"][0]["outcome"], case["paths"]["decision"][0]["done"]) == ("refused", True)


def test_overdue_promises_are_listed_first_and_page_by_page(service: Service, ui: Caller):
    days = (5, 3, 4)
    for day in days:
        ui.post(f"/v1/cases/T-{day}/promises", {**PROMISE, "due_at": f"2026-06-0{day}T09:00:00Z"})
    service.clock.advance(days=3)

    first = ui.get("/v1/promises?limit=2").get_json()
    rest = ui.get(f"/v1/promises?limit=2&cursor={first['next']}").get_json()
    assert [one["case"] for one in first["items"] + rest["items"]] == ["T-3", "T-4", "T-5"]
    overdue = ui.get("/v1/promises?overdue=true").get_json()["items"]
    assert [(one["case"], one["overdue"]) for one in overdue] == [("T-3", True), ("T-4", True)]
    assert len(ui.get("/v1/promises?team=desk&case=T-5").get_json()["items"]) == 1
    assert ui.get("/v1/promises?owner=maija").get_json()["items"] == []


def test_a_promise_is_moved_and_broken_and_says_why(ui: Caller):
    promise = ui.post("/v1/cases/T-1/promises", PROMISE).get_json()["id"]
    moved = ui.post(f"/v1/promises/{promise}/move", {"agent": "teemu", "due_at": "2026-06-09T09:00:00Z"})
    broken = ui.post(f"/v1/promises/{promise}/break", {"agent": "teemu", "note": "Cannot."}).get_json()

    assert moved.get_json()["due_at"] == "2026-06-09T09:00:00Z"
    assert (broken["status"], [step["kind"] for step in broken["history"]]) == ("broken", ["moved", "broken"])
    assert (broken["history"][1]["note"], broken["history"][1]["agent"]) == ("Cannot.", "teemu")
    assert_problem(ui.post(f"/v1/promises/{promise}/keep", {"agent": "teemu"}), 409, "promise-ended")


@pytest.mark.parametrize(("path", "sent"), [("contacts", CONTACT), ("promises", PROMISE)])
def test_a_repeated_call_is_answered_again_and_adds_nothing(service: Service, ui: Caller, path, sent):
    first = ui.post(f"/v1/cases/T-1/{path}", sent, key="k")
    again = ui.post(f"/v1/cases/T-1/{path}", sent, key="k")

    assert (again.get_json(), again.headers["Idempotent-Replayed"]) == (first.get_json(), "true")
    assert service.rows(path.removesuffix("s")) == 1
    assert_problem(ui.post(f"/v1/cases/T-1/{path}", {**sent, "agent": "teemu"}, key="k"), 422, "idempotency-key-reused")
    assert_problem(ui.post(f"/v1/cases/T-1/{path}", sent, key=None), 400, "idempotency-key-missing")


@pytest.mark.parametrize(
    ("path", "sent", "fields"),
    [
        ("contacts", {**CONTACT, "told": ["everything"]}, None),
        ("contacts", {**CONTACT, "note": " "}, ["note"]),
        ("contacts", {**CONTACT, "at": "2026-06-01T09:00:01Z"}, ["at"]),
        ("contacts", {**CONTACT, "direction": "up"}, ["direction"]),
        ("contacts", {**CONTACT, "approved_by": "me"}, ["approved_by"]),
        ("contacts", {"channel": "phone"}, ["agent"]),
        ("contacts", {**CONTACT, "note": "x" * 2001}, ["note"]),
        ("promises", {**PROMISE, "due_at": "2026-06-01T09:00:00Z"}, ["due_at"]),
        ("promises", {**PROMISE, "due_at": "tomorrow"}, ["due_at"]),
        ("promises", {**PROMISE, "owner": "teemu"}, ["team"]),
        ("promises", {**PROMISE, "what": ""}, ["what"]),
    ],
)
def test_what_is_at_fault_is_named_and_nothing_is_kept(service: Service, ui: Caller, path, sent, fields):
    assert_problem(ui.post(f"/v1/cases/T-1/{path}", sent), 422, "invalid-request", *(fields or ()))
    assert (service.rows("contact"), service.rows("promise")) == (0, 0)


def test_an_agent_nobody_registered_says_nothing(service: Service, ui: Caller):
    assert_problem(ui.post("/v1/cases/T-1/contacts", {**CONTACT, "agent": "nobody"}), 422, "unknown-agent")
    assert service.rows("contact") == 0


@pytest.mark.parametrize("step", ["keep", "move", "break"])
def test_a_promise_that_nobody_made_is_not_found(ui: Caller, step):
    sent = {"keep": {}, "move": {"due_at": "2026-07-01T09:00:00Z"}, "break": {"note": "n"}}[step]
    assert_problem(ui.post(f"/v1/promises/prm_900001/{step}", {"agent": "maija", **sent}), 404, "not-found")


def test_a_page_of_the_timeline_goes_on_where_the_one_before_ended(ui: Caller):
    for number in range(5):
        ui.post("/v1/cases/T-1/contacts", {**CONTACT, "customer": "C-1", "note": f"{number}"})
    first = ui.get("/v1/customers/C-1/history?limit=3").get_json()
    rest = ui.get(f"/v1/customers/C-1/history?limit=3&timeline_cursor={first['timeline_next']}")

    notes = [entry["details"]["note"] for entry in first["timeline"] + rest.get_json()["timeline"]]
    assert notes == ["4", "3", "2", "1", "0"]
    assert_problem(ui.get("/v1/customers/C-1/history?timeline_cursor=x"), 422, "invalid-request", "timeline_cursor")


def test_a_manager_of_another_team_lists_no_promise_of_ours(service: Service, ui: Caller):
    ui.post("/v1/cases/T-1/promises", {**PROMISE, "team": "cabin"})

    assert service.bound(Role.MANAGER, teams=("web",)).get("/v1/promises").get_json()["items"] == []
    assert len(service.bound(Role.MANAGER, teams=("cabin",)).get("/v1/promises").get_json()["items"]) == 1


def test_how_long_a_contact_was_handled_is_kept_and_put_right_with_a_reason(ui: Caller):
    ui.decided()
    met = ui.post("/v1/cases/T-1001/contacts", {**CONTACT, "minutes": 4}).get_json()
    assert met["minutes"] == 4
    before = ui.get("/v1/cases/T-1001").get_json()["timeline"]

    wrong = {"agent": "teemu", "minutes": 7, "reason": "The writing up was not in it."}
    right = ui.post(f"/v1/contacts/{met['id']}/correct", wrong)

    assert right.status_code == 200
    assert right.get_json() == {**met, "minutes": 7}
    assert ui.get("/v1/cases/T-1001").get_json()["timeline"] == before  # it is no contact of its own


@pytest.mark.parametrize("minutes", [-1, 10_081, 2.0, "3", True])
def test_minutes_that_are_none_are_refused(ui: Caller, minutes: object):
    assert_problem(ui.post("/v1/cases/T-1/contacts", {**CONTACT, "minutes": minutes}), 422, "invalid-request")


@pytest.mark.parametrize("minutes", [0, 10_080])
def test_the_bounds_of_minutes_are_included(ui: Caller, minutes: int):
    assert ui.post("/v1/cases/T-1/contacts", {**CONTACT, "minutes": minutes}).get_json()["minutes"] == minutes


def test_a_contact_that_is_none_and_a_correction_of_one_cannot_be_corrected(ui: Caller):
    wrong = {"agent": "maija", "minutes": 7, "reason": "r"}
    assert_problem(ui.post("/v1/contacts/con_999999/correct", wrong), 404, "not-found")
    assert_problem(ui.post("/v1/contacts/nothing/correct", wrong), 404, "not-found")
    met = ui.post("/v1/cases/T-1/contacts", CONTACT).get_json()
    assert_problem(ui.post(f"/v1/contacts/{met['id']}/correct", {**wrong, "reason": " "}), 422, "invalid-request")
    assert ui.post(f"/v1/contacts/{met['id']}/correct", wrong).status_code == 200
    number = int(met["id"].removeprefix("con_")) + 1
    assert_problem(ui.post(f"/v1/contacts/con_{number:06}/correct", wrong), 404, "not-found")
