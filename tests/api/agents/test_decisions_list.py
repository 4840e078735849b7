"""GET /v1/decisions: by filters, newest first, page by page."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, Service, assert_problem


@pytest.fixture
def five(service: Service, ui: Caller) -> list[str]:
    """Ids of five decisions, an hour between them: three of maija's, two of teemu's (one escalated)."""
    ids = []
    for number, agent in enumerate(["maija", "teemu", "maija", "teemu", "maija"]):
        changes = {"remedy": "gift", "amount": "99.00"} if number == 3 else {}
        ids.append(
            ui.decided(agent=agent, case=f"T-{number}", order=f"O-{number}", customer=f"C-{number}", **changes)["id"]
        )
        service.clock.advance(hours=1)
    return ids


def test_all_are_listed_newest_first(ui: Caller, five):
    assert _ids(ui, "") == five[::-1]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("agent=teemu", [3, 1]),
        ("team=cabin", [4, 2, 0]),
        ("customer=C-2", [2]),
        ("case=T-1", [1]),
        ("order=O-4", [4]),
        ("reason=service.not_delivered", [4, 3, 2, 1, 0]),
        ("remedy=gift", [3]),
        ("outcome=escalate", [3]),
        ("status=reserved", [4, 2, 1, 0]),
        ("status=escalated&agent=teemu", [3]),
        ("since=2026-06-01T11:00:00Z", [4, 3, 2]),
        ("before=2026-06-01T11:00:00Z", [1, 0]),
        ("since=2026-06-01T13:00:00%2B03:00&before=2026-06-01T12:00:00Z", [2, 1]),
        ("incident=INC-1", []),
    ],
)
def test_filters_narrow_the_list(ui: Caller, five, query, wanted):
    assert _ids(ui, query) == [five[number] for number in wanted]


def test_pages_follow_each_other_without_gap_or_repeat(ui: Caller, five):
    seen: list[str] = []
    cursor = ""
    while True:
        page = ui.get(f"/v1/decisions?limit=2{cursor}").get_json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == five[::-1]


def test_a_new_decision_does_not_disturb_a_reader_of_pages(ui: Caller, five):
    first = ui.get("/v1/decisions?limit=2").get_json()
    ui.decided(case="T-9", order="O-9")
    assert _ids(ui, f"limit=2&cursor={first['next']}") == [five[2], five[1]]


def test_a_bound_key_lists_its_own_agents_alone(service: Service, five):
    assert _ids(service.bound(agents=("teemu",)), "") == [five[3], five[1]]
    assert _ids(service.bound(teams=("cabin",)), "agent=teemu") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=-1", "limit"),
        ("limit=1e1", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=-5", "cursor"),
        ("outcome=maybe", "outcome"),
        ("status=held", "status"),
        ("since=yesterday", "since"),
        ("since=2026-06-01T11:00:00", "since"),
        ("since=2026-02-30T11:00:00Z", "since"),
        ("since=2026-06-02T00:00:00Z&before=2026-06-01T00:00:00Z", "before"),
        ("agent=", "agent"),
        ("agent=a%00b", "agent"),
        ("agent=a&agent=b", "agent"),
        ("nonsense=1", "nonsense"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(ui: Caller, query, field):
    assert_problem(ui.get(f"/v1/decisions?{query}"), 422, "invalid-request", field)


@pytest.mark.parametrize("limit", [1, 200])
def test_page_sizes_are_taken_up_to_both_bounds(ui: Caller, limit):
    assert ui.get(f"/v1/decisions?limit={limit}").status_code == 200


def _ids(caller: Caller, query: str) -> list[str]:
    return [item["id"] for item in caller.get(f"/v1/decisions?{query}").get_json()["items"]]
