"""What became of cases, read from the log: each on its path, and silence told apart from nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policyservice.access.keys import ApiKey, Role
from policyservice.cases import escalations
from policyservice.cases.contacts import Direction
from policyservice.costs.calibration.observed import Observed, Path
from policyservice.db import tables
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.resolutions import contacts
from policyservice.resolutions.contacts import TakenContact
from policyservice.resolutions.escalations import Resolution, resolve
from policyservice.resolutions.observing import observed
from policyservice.resolutions.outcomes import Report, record
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, render
from tests.fakes import NOON
from tests.resolutions.desk import step

AFTER = NOON + timedelta(days=60)


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop: Runtime) -> ApiKey:
    return a_key(shop, Role.MANAGER)


def ask(shop: Runtime, key: ApiKey, case: str, **changes: object) -> str:
    changes = {"customer": f"C-{case}", "order": f"O-{case}", "case": case, **changes}
    return str(decide(shop, key, f"k-{case}", **changes).decision_id)


def give(shop: Runtime, key: ApiKey, decision: str) -> None:
    settle.commit(shop, decision, key, Idempotency("p", f"c-{decision}", "f"), render)


def escalation_of(shop: Runtime, decision: str) -> str:
    with shop.db.reading() as conn:
        return escalations.of_decisions(conn, [decision])[decision].id


def answer(shop: Runtime, key: ApiKey, decision: str, result: str) -> str | None:
    fields = Resolution(result=result, agent="liisa", note="looked into")
    idempotency = Idempotency("p", f"r-{decision}", "f")
    resolve(shop, escalation_of(shop, decision), fields, key, idempotency, lambda resolved: "{}")
    with shop.db.reading() as conn:
        return escalations.of_decisions(conn, [decision])[decision].result_decision_id


def hear(shop: Runtime, **fields: object) -> None:
    record(shop, [Report({"at": shop.clock.now().isoformat(), **fields}, "tool")])


def seen(shop: Runtime, days: float = 100) -> list[Observed]:
    with shop.db.reading() as conn:
        return list(observed(conn, shop, NOON, NOON + timedelta(days=days)))


def test_a_case_decided_at_once_shows_what_was_at_stake_and_what_it_cost(shop, key):
    give(shop, key, ask(shop, key, "T-1", facts={"order.days_late": 4, "order.paid": "30.00"}))

    (found,) = seen(shop)

    assert (found.path, found.reason, found.channel, found.queue) == (Path.AT_ONCE, "delivery.late", "chat", None)
    assert found.remedy_cost is not None
    assert found.remedy_cost > 0
    assert (found.granted, found.repeats, found.left, found.complained) == (None, None, None, None)
    assert found.loss == 30.0


def test_escalated_cases_tell_what_was_granted_and_open_ones_are_left_out(shop, key):
    granted, refused = (ask(shop, key, case, amount="20.01") for case in ("T-1", "T-2"))
    ask(shop, key, "T-3", amount="20.01")
    result = answer(shop, key, granted, "granted")
    assert result is not None
    answer(shop, key, refused, "refused")
    give(shop, key, result)

    found = seen(shop)

    assert [(each.path, each.granted) for each in found] == [(Path.ESCALATED, True), (Path.ESCALATED, False)]
    assert [each.queue for each in found] == ["trusted", "trusted"]
    assert [each.remedy_cost is not None for each in found] == [True, False]
    assert all(each.minutes == {} and each.third_tier is False for each in found)


def test_a_case_that_was_refused_by_the_rules_or_lies_outside_the_period_is_left_out(shop, key):
    shop.clock.advance(days=100)
    ask(shop, key, "T-9")

    assert seen(shop) == []
    assert len(seen(shop, days=101)) == 1


def test_what_nobody_reports_is_not_known_and_what_somebody_does_is_nothing_where_all_was_quiet(shop, key):
    for case in ("T-1", "T-2"):
        give(shop, key, ask(shop, key, case))
    shop.clock.instant = AFTER
    assert [each.left for each in seen(shop)] == [None, None]

    hear(shop, kind="churn", customer="C-T-1", left=True, at=(NOON + timedelta(days=30)).isoformat())
    hear(shop, kind="public_complaint", case="T-2", at=(NOON + timedelta(days=1)).isoformat())
    hear(shop, kind="satisfaction", case="T-2", score=80, at=(NOON + timedelta(days=1)).isoformat())

    one, other = seen(shop)
    assert (one.left, other.left) == (True, False)
    assert (one.complained, other.complained) == (False, True)
    assert (one.satisfaction, other.satisfaction) == (None, 0.8)


def test_what_is_heard_after_the_days_that_count_is_not_counted(shop, key):
    for case in ("T-1", "T-2"):
        give(shop, key, ask(shop, key, case))
    shop.clock.instant = AFTER
    hear(shop, kind="churn", customer="C-T-1", left=True, at=(NOON + timedelta(days=30, seconds=1)).isoformat())
    hear(shop, kind="churn", customer="C-T-2", left=True, at=(NOON + timedelta(days=3)).isoformat())

    assert [each.left for each in seen(shop)] == [False, True]


def test_before_the_days_are_over_nothing_is_concluded_from_silence(shop, key):
    for case in ("T-1", "T-2"):
        give(shop, key, ask(shop, key, case))
    hear(shop, kind="churn", customer="C-T-1", left=True)
    shop.clock.advance(days=29, hours=23)
    assert [each.left for each in seen(shop)] == [None, None]

    shop.clock.advance(hours=1)
    assert [each.left for each in seen(shop)] == [True, False]


def test_a_word_that_another_took_the_place_of_is_not_counted(shop, key):
    give(shop, key, ask(shop, key, "T-1"))
    hear(shop, kind="churn", customer="C-T-1", left=True)
    shop.clock.advance(days=1)
    hear(shop, kind="churn", customer="C-T-1", left=False)
    shop.clock.instant = AFTER

    assert [each.left for each in seen(shop)] == [False]


def test_the_work_of_each_tier_is_read_where_it_is_recorded(shop, key):
    decision = ask(shop, key, "T-1", amount="20.01")
    answer(shop, key, decision, "refused")
    other = ask(shop, key, "T-2", amount="20.01")
    answer(shop, key, other, "refused")
    work = ((decision, 2, 600, 1), (decision, 2, -60, 0), (decision, 3, 900, 2), (other, 2, 0, 0))
    with shop.db.transaction() as conn:
        for number, (asked, tier, seconds, contacts) in enumerate(work, start=100):
            row = {"kind": "correct", "at": NOON, "tier": tier, "waited_seconds": 0, "stated": True, "number": number}
            effort = {"worked_seconds": seconds, "contacts": contacts, "escalation_id": escalation_of(shop, asked)}
            conn.execute(tables.escalation_event.insert().values(**row, **effort))

    one, two = seen(shop)

    assert (one.minutes, one.repeats, one.third_tier) == ({"h2": 9.0, "h3": 15.0}, 3, True)
    assert (two.minutes, two.repeats, two.third_tier) == ({}, 0, False)


def speak(shop: Runtime, key: ApiKey, case: str, minutes: int | None, **fields: object) -> str:
    """A contact of a case; its id."""
    said = TakenContact("maija", "chat", minutes=minutes, **fields)  # type: ignore[arg-type]
    once = Idempotency("c", shop.ids.new("key"), "f")
    return str(contacts.take(shop, case, said, key, once, lambda contact: contact.id).body)


def put_right(shop: Runtime, key: ApiKey, contact: str, minutes: int) -> None:
    once = Idempotency("c", shop.ids.new("key"), "f")
    contacts.correct(shop, contact, key, once, lambda one: "{}", agent="liisa", minutes=minutes, reason="looked again")


def test_the_first_contact_of_a_case_is_that_of_deciding_at_once_or_of_handing_over(shop, key):
    give(shop, key, ask(shop, key, "T-1"))
    answer(shop, key, ask(shop, key, "T-2", amount="20.01"), "refused")
    withdrawn = escalation_of(shop, ask(shop, key, "T-3", amount="20.01"))
    step(shop, key, "withdraw", withdrawn, agent="maija", note="n")
    for case, minutes in (("T-1", 3), ("T-2", 6), ("T-3", 9)):
        speak(shop, key, case, minutes)
        shop.clock.advance(minutes=30)

    assert [each.minutes for each in seen(shop)] == [{"hd": 3.0}, {"h1": 6.0}, {}]


def test_what_nobody_stated_is_not_known_and_nothing_is_taken_for_a_later_contact(shop, key):
    give(shop, key, ask(shop, key, "T-1"))
    speak(shop, key, "T-1", None)
    shop.clock.advance(minutes=1)
    speak(shop, key, "T-1", 5)

    assert [each.minutes for each in seen(shop)] == [{}]


def test_a_later_contact_in_which_the_customer_turned_to_us_is_a_repeat_contact_of_an_escalated_case(shop, key):
    answer(shop, key, ask(shop, key, "T-1", amount="20.01"), "refused")
    speak(shop, key, "T-1", 6)
    shop.clock.advance(days=1)
    speak(shop, key, "T-1", 4)
    speak(shop, key, "T-1", None)
    speak(shop, key, "T-1", 90, direction=Direction.OUT)
    shop.clock.instant = NOON + timedelta(days=30)
    speak(shop, key, "T-1", 8)
    shop.clock.advance(seconds=1)
    speak(shop, key, "T-1", 50)

    (found,) = seen(shop)
    assert (found.minutes, found.repeats) == ({"h1": 6.0, "hr": 6.0}, 3)


def test_contacts_recorded_on_the_escalation_are_repeat_contacts_and_no_work_of_a_tier(shop, key):
    asked = ask(shop, key, "T-1", amount="20.01")
    for minutes in (4, 9, None):
        step(shop, key, "contact", escalation_of(shop, asked), agent="maija", minutes=minutes)
    answer(shop, key, asked, "refused")
    speak(shop, key, "T-1", 2)
    shop.clock.advance(minutes=1)
    speak(shop, key, "T-1", 2)

    (found,) = seen(shop)
    assert (found.minutes, found.repeats) == ({"h1": 2.0, "hr": 5.0}, 3)  # told twice over: the larger number


def test_minutes_that_were_put_right_stand_and_the_last_correction_does(shop, key):
    give(shop, key, ask(shop, key, "T-1"))
    contact = speak(shop, key, "T-1", 3)
    for minutes in (8, 5):
        shop.clock.advance(minutes=1)
        put_right(shop, key, contact, minutes)

    assert [each.minutes for each in seen(shop)] == [{"hd": 5.0}]


def test_what_was_handed_on_to_a_higher_level_reached_the_third_tier(shop, key):
    up, aside = (ask(shop, key, case, amount="20.01") for case in ("T-1", "T-2"))
    step(shop, key, "hand_on", escalation_of(shop, up), agent="liisa", to="lead", note="n", minutes=7)
    step(shop, key, "hand_on", escalation_of(shop, aside), agent="liisa", to_agent="liisa", note="n", minutes=7)
    for decision in (up, aside):
        answer(shop, key, decision, "refused")

    assert [(each.third_tier, each.minutes) for each in seen(shop)] == [(True, {"h2": 7.0}), (False, {"h2": 7.0})]
