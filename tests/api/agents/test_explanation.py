"""GET /v1/decisions/{id}/explanation: why, and why not."""

from __future__ import annotations

from policyservice.access.keys import Role
from tests.api.factories import Caller, Service


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


def test_a_rule_tells_above_which_sum_which_facts_are_verified_and_which_are_not_yet(service: Service, ui: Caller):
    said = {"source": "ERP", "at": "2026-06-01T08:00:00Z", "currency": "EUR", "facts": {"order.paid": "7.00"}}
    service.caller(Role.SYSTEM).put("/v1/orders/O-55", said)
    by_id = {rule["rule"]: rule for rule in _explained(ui)["rules"]}

    demanded = by_id["meal-not-served"]["verify"]
    assert (demanded["above"], demanded["unverified"]) == ("500.00", ["order.category"])
    assert demanded["facts"] == ["order.category", "order.paid"]
    assert demanded["text"] == "Above 500.00 EUR to be verified first: Kind of goods or service"
    assert by_id["standard-alternative-is-not-what-was-ordered"]["verify"] is None  # it gives nothing


def _explained(ui: Caller, **changes):
    return ui.get(f"/v1/decisions/{ui.decided(**changes)['id']}/explanation").get_json()
