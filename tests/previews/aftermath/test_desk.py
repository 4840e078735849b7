"""What simulated people do about an escalation: who gives up, who answers when, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from policyservice.access import agents
from policyservice.access.agents import AgentRecord
from policyservice.cases import contacts
from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.costs.calibration.observed import Observed, Path
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import ask
from policyservice.decisions.stored import StoredDecision
from policyservice.domain.decision import AgentView
from policyservice.domain.vocabulary import AgentKind
from policyservice.previews.aftermath.desk import COLLEAGUE, RESOLVER, Desk, Escalated
from policyservice.previews.aftermath.written import Written
from policyservice.previews.backtest.history import Asked
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_rulebook, a_shop, body, pseudonym
from tests.fakes import NOON
from tests.resolutions.desk import history, read

PROMISED = timedelta(minutes=240)
"""How long the shop has to answer."""


@pytest.fixture
def shop(any_db) -> Runtime:
    shop = a_shop(any_db)
    with any_db.transaction() as conn:
        for ref in (RESOLVER, COLLEAGUE):
            of_lead = AgentRecord(ref, ref, None, "lead", AgentKind.HUMAN)
            agents.put(conn, of_lead, trust_levels=["new", "trusted", "lead"], now=NOON)
    return shop


@pytest.fixture
def desk(shop: Runtime) -> Desk:
    return Desk(shop, a_rulebook(), a_key(shop), Written())


def escalated(desk: Desk, *, h2: float = 22.4, h3: float | None = None, granted: bool = True) -> Escalated:
    """A credit of EUR 40 that Maija asked for, and what was drawn of it: two contacts, the work at each tier."""
    found: list[StoredDecision] = []

    def render(stored: StoredDecision) -> str:
        found.append(stored)
        return "{}"

    wanted = body(amount="40.00")
    ask(desk.services, wanted, desk.key, Idempotency.of("/v1/decisions", "ask", wanted), render)
    minutes = {"h1": 6.4, "h2": h2, "hr": 7.6} | ({} if h3 is None else {"h3": h3})
    drawn = Observed(
        Path.ESCALATED, "delivery.late", minutes=minutes, repeats=2, third_tier=h3 is not None, granted=granted
    )
    maija = AgentView("maija", "web", AgentKind.HUMAN, "new")
    return Escalated(Asked(NOON, maija, found[-1].request), found[-1], drawn)


def promised(one: Escalated, span: timedelta) -> Escalated:
    """The same, promised an answer within another span."""
    escalation = replace(one.escalation, due_at=one.escalation.opened_at + span)
    return replace(one, decided=replace(one.decided, escalation=escalation))


def waited(shop: Runtime, steps: Iterator[datetime]) -> list[timedelta]:
    """Go through the steps, each at its instant; how long after the opening each was."""
    found: list[timedelta] = []
    for instant in steps:
        shop.clock.instant = instant
        found.append(instant - NOON)
    return found


def test_who_gives_up_is_withdrawn_by_whoever_asked(shop, desk):
    one = escalated(desk)

    desk.withdraw(one)

    closed = read(shop, one.escalation.id)
    assert (closed.status, closed.result, closed.result_decision_id) == (
        EscalationStatus.RESOLVED,
        Result.WITHDRAWN,
        None,
    )
    assert history(shop, desk.key, one.escalation.id).effort == ({}, 0, 0, 0)


@pytest.mark.parametrize(
    ("promise", "minutes"),
    [(1440, 460), (461, 460), (460, 459), (60, 59), (1, 0)],
)
def test_an_answer_takes_four_hours_and_ten_minutes_a_minute_and_comes_before_it_is_due(desk, promise, minutes):
    one = promised(escalated(desk, h2=22), timedelta(minutes=promise))

    assert list(desk.reach(one)) == [NOON + timedelta(minutes=minutes)]


def test_the_second_tier_answers_with_its_work_and_the_contacts_meanwhile(shop, desk):
    one = escalated(desk)

    assert waited(shop, desk.reach(one)) == [PROMISED - timedelta(minutes=1)]
    assert desk.answer(one) is True

    assert read(shop, one.escalation.id).result is Result.GRANTED
    assert history(shop, desk.key, one.escalation.id).effort == ({2: 22 * 60}, 2, 239 * 60, 16 * 60)
    assert desk.written.risen == 0


def test_where_the_third_tier_was_drawn_it_rises_out_of_a_colleagues_hands_when_it_is_due(shop, desk):
    one = escalated(desk, h2=22.5, h3=30.6, granted=False)

    answered = 2 * PROMISED - timedelta(minutes=1)
    assert waited(shop, desk.reach(one)) == [PROMISED - timedelta(minutes=22.5), PROMISED, answered]
    assert desk.answer(one) is False

    closed = read(shop, one.escalation.id)
    assert (closed.result, closed.tier, closed.to) == (Result.REFUSED, 3, "lead")
    assert history(shop, desk.key, one.escalation.id).effort == ({2: 1350, 3: 31 * 60}, 2, 479 * 60, 16 * 60)
    assert desk.written.risen == 1


def test_work_that_is_longer_than_the_promise_begins_when_it_is_opened(shop, desk):
    one = escalated(desk, h2=240.5, h3=30)

    assert waited(shop, desk.reach(one))[0] == timedelta()
    assert history(shop, desk.key, one.escalation.id).effort.worked_seconds == {2: 240 * 60}


def test_what_nobody_stands_above_stays_where_it_is(shop, desk):
    one = escalated(desk, h3=30)
    top = replace(one, decided=replace(one.decided, escalation=replace(one.escalation, to="management")))

    assert waited(shop, desk.reach(top)) == [PROMISED - timedelta(minutes=1)]
    desk.answer(top)

    assert history(shop, desk.key, one.escalation.id).effort.worked_seconds == {2: 22 * 60}
    assert desk.written.risen == 0


def test_the_contact_in_which_it_was_written_up_is_told_with_its_minutes(shop, desk):
    one = escalated(desk)
    desk.speak(one.asked, one.drawn.minutes["h1"])

    with shop.db.reading() as conn:
        (met,) = contacts.where(conn)
    assert (met.case, met.minutes, met.at) == (pseudonym(shop, "T-1", "case"), 6, NOON)


def test_work_of_less_than_half_a_minute_counts_as_one(shop, desk):
    one = escalated(desk, h2=0.4)
    desk.answer(one)

    assert history(shop, desk.key, one.escalation.id).effort.worked_seconds == {2: 60}
