"""GET /v1/vocabulary: what a form is built from."""

from __future__ import annotations

from tests.api.factories import Caller


def test_every_reason_lists_the_facts_its_rules_ask_about(ui: Caller):
    reasons = {reason["name"]: reason for reason in _vocabulary(ui)["reasons"]}
    facts = reasons["service.not_delivered"]["facts"]
    assert {"order.category", "order.paid"} <= set(facts)
    assert "power.outage_minutes" not in facts


def test_no_form_asks_for_what_the_rules_conclude(ui: Caller):
    vocabulary = _vocabulary(ui)
    concluded = {fact["name"] for fact in vocabulary["facts"] if fact["provided_by"] == "rules"}
    assert concluded
    assert all(concluded.isdisjoint(reason["facts"]) for reason in vocabulary["reasons"])


def test_facts_are_told_as_they_are_given(ui: Caller):
    facts = {fact["name"]: fact for fact in _vocabulary(ui)["facts"]}
    assert (facts["order.paid"]["type"], facts["order.paid"]["currency"]) == ("money", "EUR")
    assert facts["power.compensated_this_year"]["presumed"] == "0.00"
    assert facts["order.returned"]["presumed"] is False
    assert "meal" in facts["order.category"]["values"]
    assert (facts["order.days_late"]["lowest"], facts["order.days_late"]["unit"]) == (0, "days")


def test_remedies_without_a_sum_say_so(ui: Caller):
    remedies = {remedy["name"]: remedy for remedy in _vocabulary(ui)["remedies"]}
    assert (remedies["refund"]["has_amount"], remedies["reconnection"]["has_amount"]) == (True, False)


def test_what_needs_no_decision_when_the_service_is_down_is_told_beforehand(ui: Caller):
    (pack,) = _vocabulary(ui)["packs"]
    assert pack["name"] == "goodwill"
    assert pack["safe_floor"]


def test_titles_follow_the_language(ui: Caller):
    finnish = ui.call("GET", "/v1/vocabulary", language="fi").get_json()
    assert "Rahojen palautus" in [remedy["title"] for remedy in finnish["remedies"]]


def _vocabulary(caller: Caller):
    return caller.get("/v1/vocabulary").get_json()
