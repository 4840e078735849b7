"""POST /v1/grants: more or less trust for a while."""

from __future__ import annotations

import pytest

from tests.api.factories import COURTESY, Caller, Service, assert_problem

GRANT = {
    "agent": "maija",
    "limit": "per-decision",
    "amount": "25.00",
    "currency": "EUR",
    "ends_at": "2026-06-01T12:00:00Z",
    "reason": "Storm day.",
}


def test_a_raised_limit_holds_from_now_until_its_end_excluded(service: Service, ui: Caller, manager: Caller):
    assert _asked(ui)["binding_limit"]["limit"] == "per-decision"
    made = manager.post("/v1/grants", GRANT, key=None)
    assert made.status_code == 201
    assert made.get_json()["starts_at"] == "2026-06-01T09:00:00Z"
    assert _asked(ui)["binding_limit"] is None
    service.clock.advance(hours=3)
    assert _asked(ui)["binding_limit"]["limit"] == "per-decision"


def test_a_lent_trust_level_holds_for_a_whole_team(ui: Caller, manager: Caller):
    grant = {"team": "cabin", "trust_level": "lead", "ends_at": "2026-06-08T00:00:00Z", "reason": "On leave."}
    assert manager.post("/v1/grants", grant, key=None).get_json()["trust_level"] == "lead"
    assert _asked(ui)["binding_limit"] is None


def test_a_grant_names_the_key_that_made_it(manager: Caller):
    assert manager.post("/v1/grants", GRANT, key=None).get_json()["author"].startswith("key_")


def test_a_count_may_be_granted_alone_or_beside_an_amount(manager: Caller):
    count = {**GRANT, "limit": "agent-day", "count": 20}
    both = manager.post("/v1/grants", {**count, "amount": "300.00"}, key=None).get_json()
    assert (both["amount"], both["count"]) == ("300.00", 20)
    alone = {name: value for name, value in count.items() if name not in ("amount", "currency")}
    made = manager.post("/v1/grants", alone, key=None).get_json()
    assert (made["amount"], made["count"]) == (None, 20)


def test_a_bound_stays_inside_the_guard_rails(manager: Caller):
    assert manager.post("/v1/grants", {**GRANT, "amount": "500.00"}, key=None).status_code == 201
    assert_problem(manager.post("/v1/grants", {**GRANT, "amount": "500.01"}, key=None), 422, "outside-guard-rails")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"agent": ...}, ["agent"]),
        ({"team": "cabin"}, ["agent"]),
        ({"agent": "nobody"}, ["agent"]),
        ({"limit": ...}, ["limit"]),
        ({"limit": "no-such"}, ["limit"]),
        ({"amount": ..., "currency": ...}, ["limit"]),
        ({"trust_level": "lead"}, ["limit"]),
        ({"limit": ..., "amount": ..., "currency": ..., "trust_level": "boss"}, ["trust_level"]),
        ({"amount": 25}, ["amount"]),
        ({"amount": "-1.00"}, ["amount"]),
        ({"amount": "1.001"}, ["amount"]),
        ({"currency": ...}, ["currency"]),
        ({"currency": "USD"}, ["currency"]),
        ({"count": "3"}, ["count"]),
        ({"count": -1}, ["count"]),
        ({"count": True}, ["count"]),
        ({"ends_at": ...}, ["ends_at"]),
        ({"ends_at": "2026-06-01T09:00:00Z"}, ["ends_at"]),
        ({"ends_at": "tomorrow"}, ["ends_at"]),
        ({"starts_at": "2026-06-01"}, ["starts_at"]),
        ({"reason": ...}, ["reason"]),
        ({"reason": " "}, ["reason"]),
        ({"author": "me"}, ["author"]),
    ],
)
def test_a_grant_that_would_do_nothing_or_cannot_be_read_is_refused(service: Service, manager: Caller, changes, fields):
    sent = {name: value for name, value in {**GRANT, **changes}.items() if value is not ...}
    assert_problem(manager.post("/v1/grants", sent, key=None), 422, "invalid-request", *fields)
    assert service.rows("trust_grant") == 0


def _asked(ui: Caller):
    return ui.decided(**COURTESY)
