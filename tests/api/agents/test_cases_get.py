"""GET /v1/cases/{ref}: one case as decisions know it."""

from __future__ import annotations

from tests.api.factories import Caller, assert_problem


def test_a_case_shows_its_customers_orders_and_decisions(ui: Caller):
    first = ui.decided()
    second = ui.decided(remedy="gift", amount="5.00", order="O-56")
    case = ui.get("/v1/cases/T-1001").get_json()
    assert (case["case"], case["customers"], case["orders"]) == ("T-1001", ["C-77"], ["O-55", "O-56"])
    assert [item["id"] for item in case["items"]] == [second["id"], first["id"]]


def test_a_case_in_which_nothing_was_asked_is_not_found(ui: Caller):
    assert_problem(ui.get("/v1/cases/T-0"), 404, "not-found")


def test_what_cannot_be_a_reference_is_refused(ui: Caller):
    assert_problem(ui.get("/v1/cases/%00"), 422, "invalid-request", "ref")
