"""Incidents are opened and move on; every reporter hears of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from policyservice.cases.incident_events import EventKind
from policyservice.cases.incidents import TRANSITIONS, State
from policyservice.db import tables
from policyservice.domain.errors import InvalidRequest, WrongState
from policyservice.resolutions.messages import tell_of_changes
from tests.decisions.factories import a_key, a_shop, pseudonym
from tests.fakes import NOON
from tests.resolutions.desk import announced
from tests.resolutions.incident import linked, opened, read, step

WAYS = {
    State.OPEN: (),
    State.CONFIRMED: ("confirmed",),
    State.FIXING: ("confirmed", "fixing"),
    State.FIXED: ("confirmed", "fixed"),
    State.CLOSED: ("confirmed", "fixed", "closed"),
    State.DISMISSED: ("dismissed",),
}


def test_an_incident_is_opened_once_per_key_and_its_history_begins(shop, key):
    incident_id = opened(shop, key)
    one = read(shop, incident_id)
    assert (one.incident.status, one.incident.began_at, one.counts.cases) == (State.OPEN, NOON, 0)
    assert [(event.kind, event.by) for event in one.events] == [(EventKind.OPEN, pseudonym(shop, "liisa", "agent"))]
    again = [step(shop, key, "transition", incident_id, under="k", to="confirmed") for _ in range(2)]
    assert (again[1].replayed, len(read(shop, incident_id).events)) == (True, 2)


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_a_state_follows_those_it_may_and_no_other(sqlite_db, before, after):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    incident_id = opened(shop, key)
    for way in WAYS[before]:
        step(shop, key, "transition", incident_id, to=way)
    if after in TRANSITIONS[before]:
        step(shop, key, "transition", incident_id, to=after.value)
        assert read(shop, incident_id).incident.status is after
        return
    with pytest.raises(WrongState, match=f"is {before.value} since 2026-06-01 09:00 UTC"):
        step(shop, key, "transition", incident_id, to=after.value)
    assert read(shop, incident_id).incident.status is before


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"title": " "}, ["title"]),
        ({"title": "t" * 201}, ["title"]),
        ({"title": 5}, ["title"]),
        ({"reason": "delivery.never"}, ["reason"]),
        ({"began_at": "2026-06-01T09:00:01Z"}, ["began_at"]),
        ({"began_at": "yesterday"}, ["began_at"]),
        ({"rule_until": "2026-06-01T09:00:00Z"}, ["rule_until"]),
        ({"rule": ..., "rule_until": "2026-06-02T09:00:00Z"}, ["rule_until"]),
        ({"rule": "{order.colour: red}"}, ["rule"]),
        ({"rule": "{order.days_late: many}"}, ["rule"]),
        ({"rule": "[1, 2]"}, ["rule"]),
        ({"rule": "{{{"}, ["rule"]),
        ({"rule": "{}"}, ["rule"]),
        ({"rule": "{not: {reason: delivery.late}}"}, ["rule"]),
        ({"rule": "x" * 4001}, ["rule"]),
    ],
)
def test_an_incident_that_cannot_be_opened_names_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    with pytest.raises(InvalidRequest) as caught:
        opened(shop, key, **fields)
    assert [error.field for error in caught.value.errors] == named


def test_the_longest_title_and_an_instant_later_are_taken(sqlite_db):
    shop = a_shop(sqlite_db)
    opened(shop, a_key(shop), title="t" * 200, rule_until="2026-06-01T09:00:00.000001Z")
    with shop.db.reading() as conn:
        kept = conn.execute(select(tables.incident.c.title, tables.incident.c.rule_until)).one()
    assert (len(kept.title), kept.rule_until - NOON) == (200, timedelta(microseconds=1))


def test_every_reporter_hears_once_when_linked_and_of_each_change(shop, key):
    incident_id = opened(shop, key)
    linked(shop, key, incident_id, "T-1", customer="C-1")
    linked(shop, key, incident_id, "T-1", customer="C-1")
    shop.clock.advance(minutes=1)
    step(shop, key, "transition", incident_id, to="confirmed")
    shop.clock.advance(minutes=1)
    linked(shop, key, incident_id, "T-2")
    step(shop, key, "transition", incident_id, to="fixed")
    tell_of_changes(shop)
    assert tell_of_changes(shop) == 0

    messages = [(body["case"], body["status"]) for kind, _, body in announced(shop) if kind == "incident.message"]
    first, second = pseudonym(shop, "T-1", "case"), pseudonym(shop, "T-2", "case")
    heard_first, heard_second = ([state for case, state in messages if case == each] for each in (first, second))
    assert heard_first == ["open", "confirmed", "fixed"]
    assert heard_second == ["confirmed", "fixed"]
