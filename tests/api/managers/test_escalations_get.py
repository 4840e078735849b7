"""GET /v1/escalations: the queue, those due first at the front."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, Service, assert_problem


@pytest.fixture
def three(service: Service, ui: Caller) -> list[str]:
    """Ids of three escalations in the order they are due, five minutes between them; each due after an hour."""
    ids = []
    for number in range(3):
        answer = ui.decided(remedy="gift", amount="99.00", case=f"T-{number}", order=f"O-{number}")
        ids.append(answer["escalation"]["id"])
        service.clock.advance(minutes=5)
    return ids


def test_the_one_due_first_stands_at_the_front(manager: Caller, three):
    items = manager.get("/v1/escalations").get_json()["items"]
    assert [item["id"] for item in items] == three
    assert (items[0]["status"], items[0]["due_at"], items[0]["overdue"]) == ("open", "2026-06-01T10:00:00Z", False)


def test_an_escalation_is_overdue_at_its_due_time(service: Service, manager: Caller, three):
    service.clock.advance(minutes=44, seconds=59)
    assert _ids(manager, "overdue=true") == []
    service.clock.advance(seconds=1)
    assert _ids(manager, "overdue=true") == three[:1]


def test_pages_follow_each_other_without_gap_or_repeat(manager: Caller, three):
    first = manager.get("/v1/escalations?limit=2").get_json()
    rest = manager.get(f"/v1/escalations?limit=2&cursor={first['next']}").get_json()
    assert [item["id"] for item in first["items"] + rest["items"]] == three
    assert rest["next"] is None


def test_filters_narrow_the_queue(manager: Caller, three):
    to = manager.get("/v1/escalations").get_json()["items"][0]["to"]
    assert _ids(manager, f"to={to}") == three
    assert _ids(manager, "to=nobody") == []
    assert _ids(manager, "status=resolved") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=late", "status"),
        ("overdue=yes", "overdue"),
        ("limit=0", "limit"),
        ("page=2", "page"),
        ("to=lead%00", "to"),
        ("to=" + "x" * 201, "to"),
        ("holder=maija%00", "holder"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(manager: Caller, query, field):
    assert_problem(manager.get(f"/v1/escalations?{query}"), 422, "invalid-request", field)


@pytest.mark.parametrize("cursor", ["5", "~", "2026-06-01T10:00:00Z~", "2026-06-01T10:00:00Z~'--", "x~esc_1"])
def test_a_cursor_of_another_list_is_refused(manager: Caller, cursor):
    assert_problem(manager.get(f"/v1/escalations?cursor={cursor}"), 422, "invalid-request", "cursor")


def _ids(caller: Caller, query: str) -> list[str]:
    return [item["id"] for item in caller.get(f"/v1/escalations?{query}").get_json()["items"]]
