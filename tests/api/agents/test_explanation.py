"""GET /v1/decisions/{id}/explanation: why, and why not."""

from __future__ import annotations

from tests.api.factories import Caller


def test_every_rule_of_the_reason_is_told_with_its_state(ui: Caller):
    rules = _explained(ui)["rules"]
    by_id = {rule["rule"]: rule for rule in rules}
    assert by_id["meal-not-served"]["state"] == "fired"
    assert by_id["not-in-our-booking"]["state"] == "not_fired"
    assert any(condition["holds"] is False for condition in by_id["not-in-our-booking"]["conditions"])


def test_a_rule_that_waits_for_a_fact_names_it(ui: Caller):
    rules = _explained(ui, facts={"order.category": ...})["rules"]
    unknown = [rule for rule in rules if rule["state"] == "unknown"]
    assert ["order.category"] in [rule["missing"] for rule in unknown]


def test_limits_are_told_with_what_they_left(ui: Caller):
    explained = _explained(ui, remedy="gift", amount="10.00")
    day = next(limit for limit in explained["limits"] if limit["limit"] == "agent-day")
    assert (day["bound"], day["left"], day["applies"], day["binds"]) == ("60.00", "60.00", True, False)
    assert (explained["entitled"], explained["permitted"]) == ("0.00", "10.00")


def test_an_explanation_speaks_the_callers_language(ui: Caller):
    decision = ui.decided()["id"]
    response = ui.call("GET", f"/v1/decisions/{decision}/explanation", language="fi")
    assert response.headers["Content-Language"] == "fi"
    assert "Ennakkoon tilattu ateria jäi saamatta" in [rule["title"] for rule in response.get_json()["rules"]]


def _explained(ui: Caller, **changes):
    return ui.get(f"/v1/decisions/{ui.decided(**changes)['id']}/explanation").get_json()
