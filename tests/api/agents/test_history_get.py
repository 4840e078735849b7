"""GET /v1/customers/{ref}/history: what was promised before, in any channel and by anyone."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, Service, assert_problem


def test_the_colleague_who_picks_up_the_phone_sees_what_another_promised(service: Service, ui: Caller):
    decision = ui.decided(agent="maija", channel="cabin")
    phone = service.bound(agents=("teemu",))
    assert phone.get("/v1/customers/C-77/history").get_json()["items"] == []  # nothing to do with the customer yet
    phone.decided(agent="teemu", channel="phone", case="T-2", order="O-2")
    _, past = phone.get("/v1/customers/C-77/history").get_json()["items"]
    assert (past["id"], past["agent"], past["channel"]) == (decision["id"], "maija", "cabin")
    assert (past["remedy"], past["amount"], past["standing"], past["status"]) == ("refund", "7.00", "7.00", "reserved")
    assert past["say"] == decision["say"]


def test_the_facts_of_a_colleagues_case_are_not_part_of_it(ui: Caller):
    ui.decided()
    (past,) = ui.get("/v1/customers/C-77/history").get_json()["items"]
    assert "facts" not in past
    assert "asked" not in past


def test_an_escalation_is_seen_with_who_decides_and_by_when(ui: Caller):
    ui.decided(remedy="gift", amount="99.00")
    (past,) = ui.get("/v1/customers/C-77/history").get_json()["items"]
    assert (past["status"], past["escalation"]["due_at"]) == ("escalated", "2026-06-01T10:00:00Z")


def test_pages_are_newest_first(ui: Caller):
    ids = [ui.decided(case=f"T-{number}", order=f"O-{number}")["id"] for number in range(3)]
    first = ui.get("/v1/customers/C-77/history?limit=2").get_json()
    rest = ui.get(f"/v1/customers/C-77/history?limit=2&cursor={first['next']}").get_json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None


def test_a_customer_nobody_heard_of_has_an_empty_history(ui: Caller):
    assert ui.get("/v1/customers/C-0/history").get_json() == {
        "customer": "C-0",
        "promises": [],
        "items": [],
        "next": None,
        "timeline": [],
        "timeline_next": None,
    }


@pytest.mark.parametrize("ref", ["a/b", "Ääkkönen", "mail@example", "100%25", "a b"])
def test_references_of_any_printable_kind_have_a_history(ui: Caller, ref):
    ui.decided(customer=ref.replace("%25", "%"))
    assert len(ui.get(f"/v1/customers/{ref}/history").get_json()["items"]) == 1


@pytest.mark.parametrize("ref", ["%00", "x" * 201, "%20"])
def test_what_cannot_be_a_reference_is_refused(ui: Caller, ref):
    assert_problem(ui.get(f"/v1/customers/{ref}/history"), 422, "invalid-request", "ref")
