"""Reports over HTTP: figures with what is behind them, and bad questions refused by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Caller, Service, assert_problem

COMPARISON = "/v1/reports/comparison"
CAUSES = "/v1/reports/root-causes"
EVENNESS = "/v1/reports/evenness"
MEASURES = "/v1/reports/root-causes/measures"
JUNE = "since=2026-06-01&before=2026-07-01"


def give(caller: Caller, number: int, **changes: Any) -> dict[str, Any]:
    decided = caller.decided(case=f"T-{number}", customer=f"C-{number}", order=f"O-{number}", **changes)
    answer = caller.post(f"/v1/decisions/{decided['id']}/commit")
    assert answer.status_code == 200
    return decided


def measured(**changes: Any) -> dict[str, Any]:
    told = {
        "agent": "leena",
        "owner": "teemu",
        "reason": "service.not_delivered",
        "taken_on": "2026-06-01",
        "note": "Spares.",
    }
    return {name: value for name, value in {**told, **changes}.items() if value is not ...}


def test_a_line_shows_what_was_given_and_lists_the_decisions_it_is_the_sum_of(ui: Caller, manager: Caller):
    decided = [give(ui, number) for number in range(3)]
    report = manager.get(f"{COMPARISON}?{JUNE}&by=reason,team").get_json()

    (line,) = report["items"]
    assert (line["reason"], line["team"], line["currency"]) == ("service.not_delivered", "cabin", "EUR")
    assert (line["entitled"]["given"], line["goodwill"]["given"], line["decisions"]["all"]) == ("21.00", "0.00", 3)
    assert line["estimate"]["grade"] == "D"
    assert line["estimate"]["escalated"]["saving"] is None
    assert report["totals"][0]["entitled"] == line["entitled"]
    behind = manager.get(line["behind"]).get_json()
    assert {item["id"] for item in behind["items"]} == {each["id"] for each in decided}
    assert sum(Decimal(item["entitled"]["given"]) for item in behind["items"]) == Decimal(line["entitled"]["given"])
    assert {(item["agent"], item["path"]) for item in behind["items"]} == {("maija", "at_once")}
    assert report["break_even"][0]["reason"] == "service.not_delivered"


def test_a_report_of_a_period_without_decisions_is_empty(manager: Caller):
    report = manager.get(f"{COMPARISON}?since=2020-01-01&before=2020-02-01").get_json()
    assert (report["items"], report["totals"], report["break_even"]) == ([], [], [])


def test_notes_are_in_the_callers_language(manager: Caller):
    english = manager.get(f"{COMPARISON}?{JUNE}", language="en")
    finnish = manager.get(f"{COMPARISON}?{JUNE}", language="fi")
    assert "never posted" in english.get_json()["notes"]["grade"]
    assert "ei kirjata" in finnish.get_json()["notes"]["grade"]
    assert finnish.headers["Content-Language"] == "fi"


def test_the_list_behind_a_total_has_pages(ui: Caller, manager: Caller):
    ids = [give(ui, number)["id"] for number in range(3)]
    first = manager.get(f"{COMPARISON}/decisions?{JUNE}&limit=2").get_json()
    second = manager.get(f"{COMPARISON}/decisions?{JUNE}&limit=2&cursor={first['next']}").get_json()

    assert [item["id"] for item in (*first["items"], *second["items"])] == ids[::-1]
    assert second["next"] is None


def test_a_measure_is_kept_once_and_shown_with_its_reason(service: Service, ui: Caller, manager: Caller):
    give(ui, 1)
    kept = manager.post(MEASURES, measured(), key=None)
    again = manager.post(MEASURES, measured(), key=None)

    assert (kept.status_code, again.status_code) == (201, 200)
    assert again.get_json() == kept.get_json()
    assert (kept.get_json()["owner"], kept.get_json()["agent"]) == ("teemu", "leena")
    (cause,) = manager.get(f"{CAUSES}?{JUNE}").get_json()["items"]
    (measure,) = cause["measures"]
    assert (measure["owner"], measure["note"], measure["after"]["change"]) == ("teemu", "Spares.", "cannot_tell")
    assert (cause["cost"], cause["remedies"], cause["work"], cause["saves"]["grade"]) == ("7.00", "7.00", "0.00", "D")


def test_uneven_answers_are_shown_with_their_cases(ui: Caller, manager: Caller):
    for number in range(12):
        agent, amount = (("teemu", "10.00"), ("leena", "4.00"))[number % 2]
        give(ui, number, agent=agent, remedy="gift", amount=amount)
    report = manager.get(f"{EVENNESS}?{JUNE}").get_json()

    (group,) = report["items"]
    assert (group["by"], group["uneven"], report["compared"], report["uneven"]) == ("agent", True, 1, 1)
    assert {group["mean"], group["others_mean"]} == {"10.00", "4.00"}
    assert group["agent"] in ("teemu", "leena")
    assert len(group["decisions"]) == 6
    assert all(case["case"].startswith("T-") for case in group["decisions"])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("since=2026-06-31", "since"),
        ("since=2026-6-1", "since"),
        ("since=yesterday", "since"),
        ("since=2026-06-01T00:00:00Z", "since"),
        ("since=2026-06-01&before=2026-06-01", "since"),
        ("since=2001-01-01", "since"),
        ("before=0001-01-01", "since"),
        ("before=9999-12-31", "since"),
        ("currency=eur", "currency"),
        ("currency=EUR%0A", "currency"),
        ("reason=", "reason"),
        (f"team={'x' * 201}", "team"),
        ("channel=%00", "channel"),
        ("agent=maija", "agent"),
    ],
)
@pytest.mark.parametrize("path", [COMPARISON, f"{COMPARISON}/decisions", CAUSES, EVENNESS])
def test_a_question_that_cannot_be_answered_is_refused_by_field(shared: Service, path: str, asked: str, field: str):
    assert_problem(shared.caller(Role.MANAGER).get(f"{path}?{asked}"), 422, "invalid-request", field)


@pytest.mark.parametrize(
    ("path", "asked", "field"),
    [
        (COMPARISON, "by=", "by"),
        (COMPARISON, "by=reason,agent", "by"),
        (COMPARISON, "limit=5", "limit"),
        (f"{COMPARISON}/decisions", "cursor=x", "cursor"),
        (f"{COMPARISON}/decisions", "cursor=-1", "cursor"),
        (f"{COMPARISON}/decisions", "limit=0", "limit"),
        (f"{COMPARISON}/decisions", "path=sideways", "path"),
        (CAUSES, "by=reason", "by"),
    ],
)
def test_what_one_report_alone_takes_is_checked_too(shared: Service, path: str, asked: str, field: str):
    assert_problem(shared.caller(Role.MANAGER).get(f"{path}?{asked}"), 422, "invalid-request", field)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"taken_on": "2026-06-02"}, "taken_on"),
        ({"taken_on": "2026-02-30"}, "taken_on"),
        ({"taken_on": 20260601}, "taken_on"),
        ({"taken_on": ...}, "taken_on"),
        ({"reason": "unheard.of"}, "reason"),
        ({"reason": ""}, "reason"),
        ({"owner": " "}, "owner"),
        ({"note": "  "}, "note"),
        ({"note": None}, "note"),
        ({"saved": "1.00"}, "saved"),
    ],
)
def test_a_measure_that_cannot_be_kept_is_refused_by_field(
    service: Service, manager: Caller, changes: dict[str, Any], field: str
):
    assert_problem(manager.post(MEASURES, measured(**changes), key=None), 422, "invalid-request", field)
    assert service.rows("cause_measure") == 0


def test_a_measure_by_somebody_outside_the_keys_teams_is_refused(service: Service):
    cabin = service.bound(Role.MANAGER, teams=("cabin",))
    assert_problem(cabin.post(MEASURES, measured(agent="leena"), key=None), 403, "not-allowed")
    assert service.rows("cause_measure") == 0


def test_a_key_bound_to_a_team_sees_its_figures_alone(service: Service, ui: Caller, manager: Caller):
    give(ui, 1, agent="maija")
    give(ui, 2, agent="teemu")
    cabin = service.bound(Role.MANAGER, teams=("cabin",))

    assert [line["team"] for line in manager.get(f"{COMPARISON}?{JUNE}&by=team").get_json()["items"]] == [
        "cabin",
        "desk",
    ]
    assert [line["team"] for line in cabin.get(f"{COMPARISON}?{JUNE}&by=team").get_json()["items"]] == ["cabin"]
    assert cabin.get(f"{COMPARISON}?{JUNE}&team=desk").get_json()["items"] == []
    assert cabin.get(f"{CAUSES}?{JUNE}").get_json()["items"][0]["decisions"] == 1
    assert len(cabin.get(f"{COMPARISON}/decisions?{JUNE}").get_json()["items"]) == 1
