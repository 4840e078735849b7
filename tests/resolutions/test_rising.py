"""Escalations that nobody answered in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import monotonic, sleep

import pytest

from policyservice.cases.escalation_events import EventKind
from policyservice.resolutions.rising import rise_overdue
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop
from tests.fakes import NOON
from tests.resolutions.desk import announced, escalated, history, read, settled, step


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


def test_it_rises_when_it_is_due_and_not_before(shop, key):
    escalation_id = escalated(shop, key)
    shop.clock.advance(minutes=239, seconds=59)
    assert rise_overdue(shop) == 0

    shop.clock.advance(seconds=1)
    assert rise_overdue(shop) == 1
    risen = read(shop, escalation_id)
    assert (risen.to, risen.level, risen.tier) == ("lead", 1, 3)
    assert (risen.due_at, risen.rises_at) == (NOON + timedelta(minutes=240), NOON + timedelta(minutes=480))
    assert rise_overdue(shop) == 0


def test_each_rise_is_recorded_and_announced_up_to_whoever_decides_beyond_every_level(shop, key):
    escalation_id = escalated(shop, key)
    for _ in range(4):
        shop.clock.advance(minutes=240)
        rise_overdue(shop)

    assert [(event.kind, event.was, event.to, event.by) for event in history(shop, key, escalation_id).events] == [
        (EventKind.RISE, "trusted", "lead", None),
        (EventKind.RISE, "lead", "management", None),
    ]
    top = read(shop, escalation_id)
    assert (top.to, top.level, top.rises_at) == ("management", 2, None)
    assert [(kind, about, body.get("from"), body["to"]) for kind, about, body in announced(shop)] == [
        ("escalation.risen", escalation_id, "trusted", "lead"),
        ("escalation.risen", escalation_id, "lead", "management"),
        ("escalation.overdue", escalation_id, None, "management"),
    ]


def test_a_team_that_a_rule_names_is_followed_by_whoever_decides_beyond(shop, key):
    escalation_id = escalated(shop, key, reason="fraud.suspected", facts={})
    shop.clock.advance(minutes=240)
    rise_overdue(shop)
    assert read(shop, escalation_id).to == "management"


def test_it_leaves_the_hands_it_is_in_and_the_work_so_far_is_that_tiers(shop, key):
    escalation_id = escalated(shop, key)
    shop.clock.advance(minutes=230)
    step(shop, key, "take", escalation_id, agent="teppo")
    shop.clock.advance(minutes=10)
    rise_overdue(shop)
    step(shop, key, "take", escalation_id, agent="liisa")
    shop.clock.advance(minutes=5)
    settled(shop, key, escalation_id, agent="liisa")

    assert history(shop, key, escalation_id).effort.worked_seconds == {2: 600, 3: 300}


def test_what_is_resolved_never_rises(shop, key):
    escalation_id = escalated(shop, key)
    settled(shop, key, escalation_id)
    shop.clock.advance(days=9)
    assert rise_overdue(shop) == 0


def test_processes_that_look_at_once_let_each_rise_once(shop, key):
    ids = [escalated(shop, key, case=f"T-{number}", order=f"O-{number}") for number in range(6)]
    shop.clock.advance(minutes=240)
    together = Barrier(3)

    def look(_: int) -> int:
        together.wait(timeout=30)
        return rise_overdue(shop)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(look, range(3))) == 6
    assert [read(shop, each).level for each in ids] == [1] * 6
    assert len(announced(shop)) == 6


def test_it_rises_by_itself_while_the_service_runs(any_db):
    shop = a_shop(any_db, sweep_seconds=0)
    escalation_id = escalated(shop, a_key(shop))
    shop.clock.advance(minutes=240)
    shop.start_sweeper()
    deadline = monotonic() + 20
    while read(shop, escalation_id).level == 0 and monotonic() < deadline:
        sleep(0.02)
    shop.close()
    assert read(shop, escalation_id).level == 1
