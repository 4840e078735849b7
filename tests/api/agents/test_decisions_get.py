"""GET /v1/decisions/{id}: one decision, what was asked, what became of it."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, Service, assert_problem


def test_a_decision_reads_back_as_it_was_answered_with_its_history(ui: Caller):
    answered = ui.decided()
    read = ui.get(f"/v1/decisions/{answered['id']}").get_json()
    assert {name: read[name] for name in answered} == answered
    assert (read["at"], read["standing"]) == ("2026-06-01T09:00:00Z", "7.00")
    assert [(entry["number"], entry["kind"], entry["standing"]) for entry in read["history"]] == [(0, "hold", "7.00")]


def test_facts_are_shown_as_they_were_given(ui: Caller):
    answered = ui.decided(facts={"order.quantity": 2})
    asked = ui.get(f"/v1/decisions/{answered['id']}").get_json()["asked"]
    assert asked["facts"] == {"order.category": "meal", "order.paid": "7.00", "order.quantity": 2}
    assert (asked["agent"], asked["team"], asked["reason"]) == ("maija", "cabin", "service.not_delivered")


def test_what_was_escalated_holds_nothing(ui: Caller):
    answered = ui.decided(remedy="gift", amount="11.00")
    read = ui.get(f"/v1/decisions/{answered['id']}").get_json()
    assert (read["standing"], read["history"], read["status"]) == (None, [], "escalated")


def test_a_hold_that_ran_out_is_seen_in_the_history(service: Service, ui: Caller):
    first = ui.decided()
    service.clock.advance(hours=24)
    ui.decided(case="T-2", order="O-2")  # ends what is due on its way
    read = ui.get(f"/v1/decisions/{first['id']}").get_json()
    assert (read["status"], read["standing"], read["expires_at"]) == ("expired", "0.00", None)
    assert [entry["kind"] for entry in read["history"]] == ["hold", "expire"]


@pytest.mark.parametrize("id", ["dec_999999", "nonsense", "dec_", "dec_" + "x" * 200, "dec_%00", "%F0%9F%98%80"])
def test_what_is_not_there_is_not_found(ui: Caller, id):
    assert_problem(ui.get(f"/v1/decisions/{id}"), 404, "not-found")
