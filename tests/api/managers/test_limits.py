"""GET /v1/limits: how far trust goes now."""

from __future__ import annotations

from tests.api.factories import Caller


def test_the_limits_in_force_are_told_with_their_version_and_guard_rails(manager: Caller):
    limits = manager.get("/v1/limits").get_json()
    day = next(limit for limit in limits["limits"] if limit["id"] == "agent-day")
    assert (limits["version"], limits["effective_from"]) == (1, "2026-06-01T09:00:00Z")
    assert (day["scope"], day["window"], day["days"], day["currency"]) == ("agent", "day", None, "EUR")
    assert day["bounds"]["new"] == {"amount": "60.00", "count": 10}
    assert day["guard_rails"]["amount"] == {"lowest": "0.00", "highest": "3000.00"}
    assert day["guard_rails"]["count"] == {"lowest": 0, "highest": 120}


def test_one_bound_for_every_level_has_a_name_of_its_own(manager: Caller):
    limits = {limit["id"]: limit for limit in manager.get("/v1/limits").get_json()["limits"]}
    assert limits["team-month"]["bounds"] == {"*": {"amount": "8000.00", "count": None}}
    assert limits["customer-year"]["days"] == 365


def test_titles_follow_the_language(manager: Caller):
    finnish = manager.call("GET", "/v1/limits", language="fi").get_json()
    assert "Yksi päätös" in [limit["title"] for limit in finnish["limits"]]
