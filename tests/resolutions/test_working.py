"""Steps on an escalation: taken, handed on, the customer spoken with, withdrawn, corrected; and what that took."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from policyservice.cases.escalation_events import EventKind
from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.domain.errors import (
    EscalationResolved,
    EscalationTaken,
    IdempotencyKeyReused,
    InvalidRequest,
    NotAllowed,
    NotFound,
    NotYourLevel,
    UnknownAgent,
)
from policyservice.personal.shown import texts
from policyservice.resolutions.rising import rise_overdue
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, pseudonym
from tests.fakes import NOON
from tests.resolutions.desk import announced, escalated, history, read, settled, step


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


def test_what_is_taken_is_in_one_pair_of_hands(shop, key):
    escalation_id = escalated(shop, key)
    step(shop, key, "take", escalation_id, agent="teppo")

    held = read(shop, escalation_id)
    assert (held.holder, held.taken_at) == (pseudonym(shop, "teppo", "agent"), NOON)
    with pytest.raises(EscalationTaken, match="in the hands of teppo since 2026-06-01 09:00 UTC"):
        step(shop, key, "take", escalation_id, agent="liisa")
    with pytest.raises(EscalationTaken):
        settled(shop, key, escalation_id, agent="liisa")
    assert settled(shop, key, escalation_id).body == "granted"


def test_taking_what_one_has_changes_nothing(shop, key):
    escalation_id = escalated(shop, key)
    step(shop, key, "take", escalation_id, agent="teppo")
    shop.clock.advance(minutes=5)
    step(shop, key, "take", escalation_id, agent="teppo")

    assert read(shop, escalation_id).taken_at == NOON
    assert len(history(shop, key, escalation_id).events) == 1


def test_of_several_who_take_it_at_once_one_does(shop, key):
    escalation_id = escalated(shop, key)
    together = Barrier(4)

    def attempt(number: int) -> str:
        together.wait(timeout=30)
        try:
            step(shop, key, "take", escalation_id, under=f"k{number}", agent="liisa" if number % 2 else "teppo")
        except EscalationTaken:
            return "too late"
        return "taken"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(attempt, range(4)))
    assert answers.count("taken") == 2  # whoever has it may say so again
    assert len(history(shop, key, escalation_id).events) == 1


def test_nobody_has_in_hand_what_they_asked_for_whatever_the_key(shop, key):
    escalation_id = escalated(shop, key)
    hers = a_key(shop, agents=("maija",))
    for own in (key, hers):
        for agent in ("maija", pseudonym(shop, "maija", "agent")):
            with pytest.raises((NotAllowed, UnknownAgent)):
                step(shop, own, "take", escalation_id, agent=agent)


def test_whoever_is_not_registered_could_be_the_asker_under_another_name(any_db):
    shop = a_shop(any_db, unknown_agents="lead")
    key = a_key(shop)
    escalation_id = escalated(shop, key)
    with pytest.raises(UnknownAgent):
        step(shop, key, "take", escalation_id, agent="Maija")
    with pytest.raises(UnknownAgent):
        settled(shop, key, escalation_id, agent="Maija")


def test_a_level_below_takes_hands_on_and_refuses_nothing(shop, key):
    for_lead = escalated(shop, key, amount="60.00")
    with pytest.raises(NotYourLevel, match="This is for lead to decide"):
        step(shop, key, "take", for_lead, agent="teppo")
    with pytest.raises(NotYourLevel):
        step(shop, key, "hand_on", for_lead, agent="teppo", to="lead", note="n")
    with pytest.raises(NotYourLevel):
        settled(shop, key, for_lead, result="refused", note="no")
    step(shop, key, "take", for_lead, agent="liisa")


def test_what_a_rule_sends_to_a_team_is_for_that_team_and_the_highest_level(shop, key):
    for_team = escalated(shop, key, reason="fraud.suspected", facts={})
    with pytest.raises(NotYourLevel, match="fraud-team"):
        step(shop, key, "take", for_team, agent="teppo")
    step(shop, key, "take", for_team, agent="liisa")


def test_it_is_handed_on_to_a_colleague_or_a_level_and_the_promise_stays(shop, key):
    escalation_id = escalated(shop, key)
    due = read(shop, escalation_id).due_at
    step(shop, key, "take", escalation_id, agent="teppo")
    shop.clock.advance(minutes=3)
    step(shop, key, "hand_on", escalation_id, agent="teppo", to_agent="liisa", note="Ask her.")
    assert read(shop, escalation_id).holder == pseudonym(shop, "liisa", "agent")

    shop.clock.advance(minutes=2)
    step(shop, key, "hand_on", escalation_id, agent="liisa", to="management", note="Too big.", minutes=9)
    handed = read(shop, escalation_id)
    assert (handed.to, handed.holder, handed.due_at) == ("management", None, due)
    told = history(shop, key, escalation_id)
    assert [(event.kind, event.was, event.to, event.work.worked_seconds) for event in told.events] == [
        (EventKind.TAKE, None, None, 0),
        (EventKind.HAND_ON, "trusted", "trusted", 180),
        (EventKind.HAND_ON, "trusted", "management", 540),
    ]
    assert told.effort.worked_seconds == {2: 720}
    assert handed.tier == 3


@pytest.mark.parametrize(
    ("ways", "tiers"),
    [
        (["lead"], [2, 3]),
        (["lead", "management"], [2, 3, 4]),
        (["management"], [2, 3]),
        (["trusted"], [2, 2]),
        (["fraud-team"], [2, 2]),
        (["fraud-team", "lead"], [2, 2, 2]),  # beside the levels: who stands above whom is not said
        (["fraud-team", "management"], [2, 2, 3]),
        (["lead", "trusted", "lead"], [2, 3, 3, 3]),  # a level that it was for before is no higher one
        (["new", "trusted"], [2, 2, 2]),
    ],
)
def test_what_is_handed_on_to_a_higher_level_reaches_the_next_tier(shop, key, ways, tiers):
    escalation_id = escalated(shop, key)
    for to in ways:
        step(shop, key, "hand_on", escalation_id, agent="liisa", to=to, note="n", minutes=5)
    settled(shop, key, escalation_id, agent="liisa", minutes=5)

    told = history(shop, key, escalation_id)
    assert [event.tier for event in told.events] == tiers
    assert told.effort.worked_seconds == {tier: tiers.count(tier) * 300 for tier in sorted(set(tiers))}


def test_what_was_handed_on_to_a_higher_level_rises_to_the_one_after_it(shop, key):
    escalation_id = escalated(shop, key)
    step(shop, key, "hand_on", escalation_id, agent="teppo", to="lead", note="n")
    shop.clock.advance(minutes=241)
    rise_overdue(shop)

    risen = read(shop, escalation_id)
    assert (risen.to, risen.level, risen.tier) == ("management", 2, 4)


def test_an_absent_colleague_keeps_nobody_waiting(shop, key):
    escalation_id = escalated(shop, key)
    step(shop, key, "take", escalation_id, agent="teppo")
    step(shop, key, "hand_on", escalation_id, agent="liisa", to_agent="liisa", note="He is ill.")
    assert settled(shop, key, escalation_id, agent="liisa").body == "granted"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"note": "n"}, ["to"]),
        ({"note": "n", "to": "lead", "to_agent": "liisa"}, ["to"]),
        ({"note": "n", "to": "nobody"}, ["to"]),
        ({"to": "lead"}, ["note"]),
        ({"to": "lead", "note": " "}, ["note"]),
        ({"to": "lead", "note": "n", "minutes": -1}, ["minutes"]),
        ({"to": "lead", "note": "n", "minutes": 10_081, "contacts": 1001}, ["contacts", "minutes"]),
        ({"to": "lead", "note": "n", "minutes": True}, ["minutes"]),
    ],
)
def test_a_handing_on_that_cannot_be_taken_names_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    escalation_id = escalated(shop, key)
    with pytest.raises(InvalidRequest) as caught:
        step(shop, key, "hand_on", escalation_id, agent="teppo", **fields)
    assert sorted(error.field for error in caught.value.errors) == named
    assert history(shop, key, escalation_id).events == ()


@pytest.mark.parametrize("minutes", [0, 10_080])
def test_the_bounds_of_stated_work_are_included(sqlite_db, minutes):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    escalation_id = escalated(shop, key)
    step(shop, key, "hand_on", escalation_id, agent="teppo", to="lead", note="n", minutes=minutes, contacts=1000)
    assert history(shop, key, escalation_id).events[0].work[:2] == (minutes * 60, 1000)


def test_work_contacts_and_waiting_add_up(shop, key):
    escalation_id = escalated(shop, key)
    shop.clock.advance(minutes=10)
    step(shop, key, "contact", escalation_id, agent="maija", note="She asked again.", minutes=4)
    step(shop, key, "take", escalation_id, agent="teppo")
    shop.clock.advance(minutes=20)
    assert settled(shop, key, escalation_id, contacts=1).body == "granted"

    effort = history(shop, key, escalation_id).effort
    assert effort == ({2: 1200}, 2, 1800, 240)


def test_what_lay_on_a_desk_for_days_is_not_measured_as_work(shop, key):
    escalation_id = escalated(shop, key)
    step(shop, key, "take", escalation_id, agent="teppo")
    shop.clock.advance(days=3)
    settled(shop, key, escalation_id)
    assert history(shop, key, escalation_id).effort.worked_seconds == {2: 8 * 3600}


def test_a_correction_is_a_further_row_that_makes_the_sums_right(shop, key):
    escalation_id = escalated(shop, key)
    step(shop, key, "take", escalation_id, agent="teppo")
    shop.clock.advance(minutes=50)
    settled(shop, key, escalation_id)
    before = history(shop, key, escalation_id).events

    step(shop, key, "correct", escalation_id, agent="liisa", reason="Lunch.", tier=2, minutes=12, contacts=3)
    after = history(shop, key, escalation_id)
    assert after.events[:2] == before
    correction = after.events[2]
    assert (correction.kind, correction.work) == (EventKind.CORRECT, (-38 * 60, 3, 0, True, 0))
    assert after.effort == ({2: 720}, 3, 3000, 0)
    with shop.db.reading() as conn:
        assert texts(conn, [str(correction.note)]) == {correction.note: "Lunch."}
    step(shop, key, "correct", escalation_id, agent="liisa", reason="Again.", waiting_minutes=0)
    assert history(shop, key, escalation_id).effort == ({2: 720}, 3, 0, 0)


def test_the_minutes_of_contacts_are_put_right_apart_from_the_work_of_a_tier(shop, key):
    escalation_id = escalated(shop, key)
    for minutes in (4, None, 9):
        step(shop, key, "contact", escalation_id, agent="maija", minutes=minutes)
    assert history(shop, key, escalation_id).effort == ({}, 3, 0, 13 * 60)

    step(shop, key, "correct", escalation_id, agent="liisa", reason="She was on hold.", contact_minutes=6)
    assert history(shop, key, escalation_id).effort == ({}, 3, 0, 6 * 60)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"reason": "r"}, ["minutes"]),
        ({"contacts": 1}, ["reason"]),
        ({"reason": "r", "minutes": 1}, ["tier"]),
        ({"reason": "r", "tier": 2}, ["minutes", "tier"]),
        ({"reason": "r", "tier": 1, "minutes": 1}, ["tier"]),
        ({"reason": "r", "tier": 3, "minutes": 1}, ["tier"]),
        ({"reason": "r", "waiting_minutes": 5_256_001}, ["waiting_minutes"]),
        ({"reason": "r", "contact_minutes": 10_081}, ["contact_minutes"]),
        ({"reason": "r", "contact_minutes": -1}, ["contact_minutes"]),
    ],
)
def test_a_correction_that_cannot_be_taken_names_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    escalation_id = escalated(shop, key)
    given = {"agent": "liisa", "reason": None, **fields}
    with pytest.raises(InvalidRequest) as caught:
        step(shop, key, "correct", escalation_id, **given)
    assert sorted(error.field for error in caught.value.errors) == named


def test_whoever_asked_may_withdraw_it_and_it_leaves_the_queue(shop, key):
    escalation_id = escalated(shop, key)
    shop.clock.advance(minutes=6)
    step(shop, key, "withdraw", escalation_id, agent="maija", note="It came after all.")

    closed = read(shop, escalation_id)
    assert (closed.status, closed.result, closed.rises_at) == (EscalationStatus.RESOLVED, Result.WITHDRAWN, None)
    assert history(shop, key, escalation_id).effort.waited_seconds == 360
    assert [(kind, body["result"]) for kind, _, body in announced(shop)] == [("escalation.resolved", "withdrawn")]
    for name, fields in (("withdraw", {"note": "n"}), ("contact", {}), ("take", {})):
        with pytest.raises(EscalationResolved, match="was resolved by maija at 2026-06-01 09:06"):
            step(shop, key, name, escalation_id, agent="teppo", **fields)


def test_the_same_key_does_a_step_once_and_another_body_is_refused(shop, key):
    escalation_id = escalated(shop, key)
    first = step(shop, key, "contact", escalation_id, under="k", agent="maija")
    again = step(shop, key, "contact", escalation_id, under="k", agent="maija")
    assert (again.replayed, again.body) == (True, first.body)
    assert len(history(shop, key, escalation_id).events) == 1
    with pytest.raises(IdempotencyKeyReused):
        step(shop, key, "contact", escalation_id, under="k", agent="teppo")


def test_a_key_bound_to_others_finds_nothing(shop, key):
    escalation_id = escalated(shop, key)
    others = a_key(shop, teams=("phone",))
    for name, fields in (
        ("take", {}),
        ("contact", {}),
        ("hand_on", {"to": "lead", "note": "n"}),
        ("withdraw", {"note": "n"}),
        ("correct", {"reason": "r", "contacts": 1}),
    ):
        with pytest.raises(NotFound):
            step(shop, others, name, escalation_id, agent="liisa", **fields)
    with pytest.raises(NotFound):
        history(shop, others, escalation_id)
