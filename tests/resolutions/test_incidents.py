"""Incidents: opened, moved on, with an action and a remedy; and what is refused."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from policyservice.cases.incident_events import EventKind
from policyservice.cases.incidents import TRANSITIONS, State
from policyservice.db import tables
from policyservice.domain.errors import InvalidRequest, NotAllowed, NotFound, UnknownAgent, WrongState
from policyservice.resolutions.messages import tell_of_changes, tell_of_late_actions
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, pseudonym
from tests.fakes import NOON
from tests.resolutions.desk import announced
from tests.resolutions.incident import CREDIT, confirmed, linked, opened, read, rolled_out, step

WAYS = {
    State.OPEN: (),
    State.CONFIRMED: ("confirmed",),
    State.FIXING: ("confirmed", "fixing"),
    State.FIXED: ("confirmed", "fixed"),
    State.CLOSED: ("confirmed", "fixed", "closed"),
    State.DISMISSED: ("dismissed",),
}


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


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


def test_a_key_that_is_bound_decides_about_no_incident(shop, key):
    incident_id = confirmed(shop, key)
    bound = a_key(shop, teams=("phone",))
    with pytest.raises(NotAllowed):
        opened(shop, bound)
    for name, fields in (("transition", {"to": "fixed"}), ("act", {"done": True}), ("set_remedy", CREDIT)):
        with pytest.raises(NotAllowed):
            step(shop, bound, name, incident_id, **fields)
    with pytest.raises(NotAllowed):
        rolled_out(shop, bound, incident_id)


def test_who_is_not_registered_and_what_is_not_there_is_refused(shop, key):
    incident_id = opened(shop, key)
    with pytest.raises(UnknownAgent):
        step(shop, key, "transition", incident_id, agent="stranger", to="confirmed")
    with pytest.raises(NotFound):
        step(shop, key, "transition", "inc_none", to="confirmed")
    with pytest.raises(NotFound):
        rolled_out(shop, key, "inc_none")


def test_one_action_has_an_owner_and_a_due_time_and_is_done_once(shop, key):
    incident_id = opened(shop, key)
    due = (NOON + timedelta(hours=4)).isoformat()
    step(shop, key, "act", incident_id, what="Mend the belt.", owner="teppo", due_at=due)
    action = read(shop, incident_id).incident.action
    assert action is not None
    assert (action.what, action.owner) == ("Mend the belt.", pseudonym(shop, "teppo", "agent"))

    shop.clock.advance(hours=4, microseconds=-1)
    assert tell_of_late_actions(shop) == 0
    shop.clock.advance(microseconds=1)
    assert [tell_of_late_actions(shop), tell_of_late_actions(shop)] == [1, 0]
    assert [kind for kind, _, _ in announced(shop)] == ["incident.action_overdue"]
    step(shop, key, "act", incident_id, done=True)
    with pytest.raises(InvalidRequest):
        step(shop, key, "act", incident_id, done=True)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, ["due_at", "owner", "what", "what"]),
        ({"what": "w", "owner": "teppo", "due_at": "2026-06-01T09:00:00Z"}, ["due_at"]),
        ({"what": "w", "owner": "teppo", "due_at": "2026-06-01T10:00:00Z", "done": True}, ["what"]),
    ],
)
def test_an_action_that_cannot_be_taken_names_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    with pytest.raises(InvalidRequest) as caught:
        step(shop, key, "act", opened(shop, key), **fields)
    assert sorted(error.field for error in caught.value.errors) == named


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"remedy": "applause"}, ["remedy"]),
        ({"remedy": "replacement"}, ["remedy"]),
        ({"amount": "0.00"}, ["amount"]),
        ({"amount": 5, "budget": "x"}, ["amount", "budget"]),
        ({"budget": "4.99"}, ["budget"]),
        ({"currency": 5}, ["currency"]),
        ({"facts": {"order.colour": "red"}}, ["facts.order.colour"]),
    ],
)
def test_a_remedy_that_cannot_be_taken_names_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    incident_id = opened(shop, key)
    step(shop, key, "transition", incident_id, to="confirmed")
    with pytest.raises(InvalidRequest) as caught:
        step(shop, key, "set_remedy", incident_id, **{**CREDIT, **fields})
    assert [error.field for error in caught.value.errors] == named


def test_a_budget_of_one_remedy_is_enough(sqlite_db):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    incident_id = opened(shop, key)
    step(shop, key, "transition", incident_id, to="confirmed")
    step(shop, key, "set_remedy", incident_id, **{**CREDIT, "budget": "5.00"})
    with shop.db.reading() as conn:
        assert conn.execute(select(tables.incident.c.budget_minor)).scalar_one() == 500


def test_nothing_is_given_before_it_is_confirmed_nor_after_it_ended(shop, key):
    incident_id = opened(shop, key)
    with pytest.raises(WrongState, match="Confirm it first"):
        step(shop, key, "set_remedy", incident_id, **CREDIT)
    step(shop, key, "transition", incident_id, to="confirmed")
    with pytest.raises(WrongState, match="Set its remedy first"):
        rolled_out(shop, key, incident_id)
    step(shop, key, "set_remedy", incident_id, **CREDIT)
    with pytest.raises(WrongState, match="3 seconds after"):
        rolled_out(shop, key, incident_id)
    step(shop, key, "transition", incident_id, to="dismissed")
    with pytest.raises(WrongState, match="It has ended"):
        rolled_out(shop, key, incident_id)
    with pytest.raises(WrongState):
        linked(shop, key, incident_id, "T-9")


def test_what_was_given_to_some_is_what_all_get(shop, key):
    incident_id = confirmed(shop, key)
    linked(shop, key, incident_id, "T-9")
    step(shop, key, "set_remedy", incident_id, **{**CREDIT, "amount": "6.00"})
    step(shop, key, "set_remedy", incident_id, **CREDIT, facts={"order.days_late": 4})
    shop.clock.advance(seconds=3)
    assert rolled_out(shop, key, incident_id).given == 1
    with pytest.raises(InvalidRequest, match="only the budget may change"):
        step(shop, key, "set_remedy", incident_id, **{**CREDIT, "amount": "6.00"}, facts={"order.days_late": 4})
    step(shop, key, "set_remedy", incident_id, **{**CREDIT, "budget": "900.00"}, facts={"order.days_late": 4})


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
