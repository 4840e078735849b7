"""POST /v1/options: what may I give now, best first; nothing is held."""

from __future__ import annotations

from tests.api.factories import Caller, Service, assert_problem, case


def test_options_come_best_first_with_why_and_what_to_say(ui: Caller):
    answer = _options(ui).get_json()
    assert [(option["remedy"], option["up_to"]) for option in answer["options"]] == [
        ("gift", "10.00"),
        ("refund", "7.00"),
    ]
    refund = answer["options"][1]
    assert (refund["basis"], refund["currency"]) == ("contract", "EUR")
    assert refund["reasons"][0]["rule"] == "meal-not-served"
    assert refund["say"]
    assert refund["cost"]["saving"]["expected"]


def test_nothing_is_held_or_logged_and_no_key_is_needed(service: Service, ui: Caller):
    _options(ui)
    assert (service.rows("decision"), service.rows("entry"), service.rows("reply")) == (0, 0, 0)


def test_what_a_limit_has_left_caps_an_option_and_the_limit_is_named(ui: Caller):
    for number in range(5):
        ui.decided(remedy="gift", amount="10.00", case=f"T-{number}", order=f"O-{number}", customer=...)
    ui.decided(remedy="gift", amount="6.00", case="T-6", order="O-6", customer=...)
    gift = next(o for o in _options(ui, case="T-7", order="O-7").get_json()["options"] if o["remedy"] == "gift")
    assert (gift["up_to"], gift["binding_limit"]["limit"]) == ("4.00", "agent-day")


def test_what_only_others_may_give_is_told_apart(ui: Caller):
    answer = _options(ui, facts={"order.booking_shows_item": False}).get_json()
    only = {other["remedy"]: other for other in answer["escalate_only"]}
    assert only["refund"]["escalation"]["to"] == "booking-desk"


def test_an_offered_option_is_allowed_when_it_is_asked_for(ui: Caller):
    for option in _options(ui).get_json()["options"]:
        asked = ui.decided(remedy=option["remedy"], amount=option["up_to"] or ...)
        assert asked["outcome"] == "allow"


def test_a_remedy_and_an_amount_do_not_belong_here(ui: Caller):
    response = _options(ui, remedy="refund", amount="7.00")
    assert_problem(response, 422, "invalid-request", "remedy", "amount")


def test_missing_fields_are_named_all_at_once(ui: Caller):
    response = ui.post("/v1/options", {}, key=None)
    assert_problem(response, 422, "invalid-request", "agent", "case", "channel", "reason", "currency")


def test_an_agent_nobody_registered_is_refused(ui: Caller):
    assert_problem(_options(ui, agent="nobody"), 422, "unknown-agent", "agent")


def _options(caller: Caller, **changes):
    return caller.post("/v1/options", case(**changes), key=None)
