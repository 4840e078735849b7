"""A case that does not belong to an incident is taken out of it again, and stands for itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from policyservice.access.keys import ApiKey
from policyservice.cases import promises
from policyservice.cases.escalation_events import EventKind as Step
from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.cases.incident_cases import How
from policyservice.cases.incident_events import EventKind
from policyservice.cases.promises import PromiseStatus, StepKind
from policyservice.db import tables
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.sight import seen_to
from policyservice.decisions.whose import Whose
from policyservice.domain.errors import IdempotencyKeyReused, InvalidRequest, NotAllowed, NotFound, WrongState
from policyservice.personal.shown import texts
from policyservice.resolutions.messages import tell_of_changes
from policyservice.resolutions.promises import TakenStep, tell_overdue
from policyservice.resolutions.promises import step as say_of
from policyservice.resolutions.rising import rise_overdue
from policyservice.resolutions.timeline.entry import Entry, Wanted
from policyservice.resolutions.timeline.pages import place_of, timeline
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym, render
from tests.resolutions.desk import announced, escalated, history, read
from tests.resolutions.incident import (
    CREDIT,
    confirmed,
    link_all,
    linked,
    links,
    opened,
    rolled_out,
    step,
    unlinked,
)
from tests.resolutions.incident import read as told


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop: Runtime) -> ApiKey:
    return a_key(shop)


def ready(shop: Runtime, key: ApiKey) -> str:
    """An incident whose credit of EUR 5 can be rolled out to cases that are linked by hand."""
    incident_id = confirmed(shop, key, rule=...)
    step(shop, key, "set_remedy", incident_id, **CREDIT, facts={"order.days_late": 4})
    shop.clock.advance(seconds=3)
    return incident_id


def messages(shop: Runtime, case: str = "T-1") -> list[str]:
    """The states that the reporter of a case was told of."""
    named = pseudonym(shop, case, "case")
    return [body["status"] for kind, _, body in announced(shop) if kind == "incident.message" and body["case"] == named]


def answer_promised(shop: Runtime, escalation_id: str) -> tuple[PromiseStatus, list[StepKind]]:
    """How the promise of an answer stands, and what became of it."""
    promise_id = promises.of_answer(escalation_id)
    with shop.db.reading() as conn:
        steps = promises.steps_of(conn, [promise_id])[promise_id]
        return promises.get(conn, promise_id, seen_to(None)).status, [each.kind for each in steps]


def test_a_case_taken_out_counts_no_longer_and_its_link_says_who_took_it_out_when_and_why(shop, key):
    incident_id = opened(shop, key)
    linked(shop, key, incident_id, "T-1", customer="C-1")
    linked(shop, key, incident_id, "T-2")
    shop.clock.advance(minutes=1)
    unlinked(shop, key, incident_id, "T-1", note="A parcel of last week.")

    assert told(shop, incident_id).counts.cases == 1
    assert [link.case for link in links(shop, incident_id)] == [pseudonym(shop, "T-2", "case")]
    (gone,) = links(shop, incident_id, belonging=False)
    liisa = pseudonym(shop, "liisa", "agent")
    assert (gone.case, gone.customer) == (pseudonym(shop, "T-1", "case"), pseudonym(shop, "C-1"))
    assert (gone.unlinked_at, gone.unlinked_by) == (shop.clock.now(), liisa)
    with shop.db.reading() as conn:
        assert list(texts(conn, [str(gone.note)]).values()) == ["A parcel of last week."]
    last = told(shop, incident_id).events[-1]
    assert (last.kind, last.at, last.by, last.body, last.note) == (EventKind.UNLINK, shop.clock.now(), liisa, {}, None)


def test_its_escalations_are_back_in_the_queue_and_those_of_other_cases_are_not(shop, key):
    mine, other = escalated(shop, key), escalated(shop, key, case="T-2", order="O-2")
    incident_id = opened(shop, key)
    link_all(shop)
    shop.clock.advance(minutes=1)
    unlinked(shop, key, incident_id, "T-1")

    back = read(shop, mine)
    assert (back.status, back.result, back.rises_at) == (EscalationStatus.OPEN, None, back.due_at)
    assert read(shop, other).result is Result.INCIDENT
    assert [event.kind for event in history(shop, key, mine).events] == [Step.INCIDENT, Step.REOPEN]
    reopened = [about for kind, about, _ in announced(shop) if kind == "escalation.reopened"]
    assert reopened == [mine]


def test_the_answer_is_promised_again_and_kept_by_whoever_gives_it(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    assert answer_promised(shop, escalation_id) == (PromiseStatus.KEPT, [StepKind.KEPT])

    unlinked(shop, key, incident_id, "T-1")
    assert answer_promised(shop, escalation_id) == (PromiseStatus.OPEN, [StepKind.KEPT, StepKind.REOPENED])
    linked(shop, key, incident_id, "T-1")
    assert answer_promised(shop, escalation_id)[0] is PromiseStatus.KEPT


def test_a_promise_that_a_person_broke_stays_broken(shop, key):
    escalation_id = escalated(shop, key)
    broken = TakenStep("maija", "cannot be kept")
    promise_id = promises.of_answer(escalation_id)
    say_of(shop, promise_id, StepKind.BROKEN, broken, key, Idempotency("p", "b", "f"), lambda one, steps: "{}")
    incident_id = opened(shop, key)
    link_all(shop)
    unlinked(shop, key, incident_id, "T-1")
    assert read(shop, escalation_id).status is EscalationStatus.OPEN
    assert answer_promised(shop, escalation_id) == (PromiseStatus.BROKEN, [StepKind.BROKEN])


def test_what_is_late_by_then_rises_at_once_and_is_told_of_as_overdue(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    due_at = read(shop, escalation_id).due_at
    shop.clock.instant = due_at
    unlinked(shop, key, incident_id, "T-1")
    assert read(shop, escalation_id).rises_at == due_at
    assert (rise_overdue(shop), tell_overdue(shop)) == (1, 1)
    assert read(shop, escalation_id).level == 1


def test_an_incident_that_was_none_opens_the_promises_again_too(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    step(shop, key, "transition", incident_id, to="dismissed")
    assert answer_promised(shop, escalation_id)[0] is PromiseStatus.OPEN


def test_an_incident_that_is_dismissed_afterwards_leaves_alone_what_was_given_back(shop, key):
    escalation_id = escalated(shop, key)
    first, second = opened(shop, key, rule=...), opened(shop, key, rule=...)
    linked(shop, key, first, "T-1")
    unlinked(shop, key, first, "T-1")
    linked(shop, key, second, "T-1")
    step(shop, key, "transition", first, to="dismissed")

    assert read(shop, escalation_id).result is Result.INCIDENT  # of the second one
    step(shop, key, "transition", second, to="dismissed")
    assert read(shop, escalation_id).status is EscalationStatus.OPEN
    assert [event.kind for event in history(shop, key, escalation_id).events] == [Step.INCIDENT, Step.REOPEN] * 2


def test_neither_its_rule_nor_a_decision_that_names_it_links_the_case_again(shop, key):
    decide(shop, key, "late")
    incident_id = opened(shop, key)
    link_all(shop)
    unlinked(shop, key, incident_id, "T-1")
    by_rule = escalated(shop, key, order="O-2")
    by_name = escalated(shop, key, order="O-3", incident=incident_id)
    link_all(shop)

    assert links(shop, incident_id) == []
    assert {read(shop, each).status for each in (by_rule, by_name)} == {EscalationStatus.OPEN}


def test_linked_by_hand_again_it_is_linked_as_new_and_told(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    for minutes in (1, 2):
        shop.clock.advance(minutes=minutes)
        unlinked(shop, key, incident_id, "T-1", note=f"Note {minutes}")
        shop.clock.advance(minutes=minutes)
        linked(shop, key, incident_id, "T-1")

    (link,) = links(shop, incident_id)
    assert (link.number, link.how, link.linked_at) == (3, How.HAND, shop.clock.now())
    assert links(shop, incident_id, belonging=False) == []
    assert read(shop, escalation_id).result is Result.INCIDENT
    assert messages(shop) == ["open", "unlinked", "open", "unlinked", "open"]
    unlinked(shop, key, incident_id, "T-1")
    assert [gone.number for gone in links(shop, incident_id, belonging=False)] == [3]


def test_its_reporter_is_told_once_and_of_no_change_after_it(shop, key):
    incident_id = opened(shop, key)
    linked(shop, key, incident_id, "T-1", customer="C-1")
    shop.clock.advance(minutes=1)
    step(shop, key, "transition", incident_id, to="confirmed")
    shop.clock.advance(minutes=1)
    for _ in range(2):
        unlinked(shop, key, incident_id, "T-1")
        shop.clock.advance(minutes=1)
    step(shop, key, "transition", incident_id, to="fixed")
    tell_of_changes(shop)

    assert messages(shop) == ["open", "unlinked"]
    body = next(body for _, _, body in announced(shop) if body["status"] == "unlinked")
    assert body["say"] == {
        "en": "Your case turned out to have another cause, so we look into it by itself and will answer you.",
        "fi": "Asiallasi osoittautui olevan toinen syy, joten selvitämme sen erikseen ja vastaamme sinulle.",
    }
    assert (body["customer"], body["channel"]) == (pseudonym(shop, "C-1"), "chat")


def test_taking_out_again_changes_nothing_and_a_key_gives_its_answer_again(shop, key):
    incident_id = opened(shop, key)
    linked(shop, key, incident_id, "T-1")
    first = unlinked(shop, key, incident_id, "T-1", under="k")
    again = unlinked(shop, key, incident_id, "T-1", under="k")
    other = unlinked(shop, key, incident_id, "T-1", agent="teppo", note="Mine.")
    assert (first.body, again.replayed, again.body, other.body) == ("unlinked", True, "unlinked", "unlinked")
    (gone,) = links(shop, incident_id, belonging=False)
    assert gone.unlinked_by == pseudonym(shop, "liisa", "agent")
    assert [event.kind for event in told(shop, incident_id).events].count(EventKind.UNLINK) == 1
    with pytest.raises(IdempotencyKeyReused):
        unlinked(shop, key, incident_id, "T-1", under="k", note="Another note.")


@pytest.mark.parametrize(
    ("fields", "named"), [({"note": " "}, "note"), ({"note": None}, "note"), ({"agent": 5}, "agent")]
)
def test_what_cannot_be_taken_names_its_field(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    incident_id = opened(shop, key)
    linked(shop, key, incident_id, "T-1")
    with pytest.raises(InvalidRequest) as caught:
        unlinked(shop, key, incident_id, "T-1", **fields)
    assert [error.field for error in caught.value.errors] == [named]
    with pytest.raises(InvalidRequest):
        unlinked(shop, key, incident_id, "T\n1")


def test_what_was_never_linked_is_not_found(shop, key):
    incident_id, other = opened(shop, key), opened(shop, key)
    linked(shop, key, other, "T-1")
    with pytest.raises(NotFound, match="case"):
        unlinked(shop, key, incident_id, "T-1")
    with pytest.raises(NotFound, match="incident"):
        unlinked(shop, key, "inc_none", "T-1")


def test_a_bound_key_takes_out_what_it_sees_and_finds_nothing_else(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    web, phone = a_key(shop, teams=("web",)), a_key(shop, teams=("phone",))
    with pytest.raises(NotFound, match="case"):
        unlinked(shop, phone, incident_id, "T-1")
    with pytest.raises(NotAllowed):
        unlinked(shop, web, incident_id, "T-1", agent="liisa")
    assert read(shop, escalation_id).result is Result.INCIDENT

    unlinked(shop, web, incident_id, "T-1", agent="maija")
    assert read(shop, escalation_id).status is EscalationStatus.OPEN


@pytest.mark.parametrize("binding", [{"teams": ("phone",)}, {"agents": ("liisa",)}])
def test_a_bound_key_takes_out_what_one_of_its_agents_linked_by_hand(shop, key, binding):
    incident_id = opened(shop, key)
    linked(shop, key, incident_id, "T-1", agent="maija")
    linked(shop, key, incident_id, "T-2", agent="liisa")
    bound = a_key(shop, **binding)
    with pytest.raises(NotFound, match="case"):
        unlinked(shop, bound, incident_id, "T-1")
    unlinked(shop, bound, incident_id, "T-2")
    assert [link.case for link in links(shop, incident_id)] == [pseudonym(shop, "T-1", "case")]


def test_a_bound_key_finds_nothing_where_somebody_elses_link_came_after_its_own(shop, key):
    incident_id = opened(shop, key)
    linked(shop, key, incident_id, "T-1", agent="liisa")
    unlinked(shop, key, incident_id, "T-1")
    linked(shop, key, incident_id, "T-1", agent="maija")
    with pytest.raises(NotFound, match="case"):
        unlinked(shop, a_key(shop, agents=("liisa",)), incident_id, "T-1")
    assert told(shop, incident_id).counts.cases == 1


def test_the_roll_out_passes_it_by_and_what_it_had_counts_for_nobody(shop, key):
    incident_id = ready(shop, key)
    for case in ("T-1", "T-2"):
        linked(shop, key, incident_id, case, customer="C-1")
    credit = {"order": ..., "amount": "5.00", "customer": "C-1"}
    decide(shop, key, "in conversation", case="T-1", **credit)
    unlinked(shop, key, incident_id, "T-1")
    done = rolled_out(shop, key, incident_id)
    assert (done.given, done.had, done.counts) == (1, 0, (1, 1, 0))


def test_what_is_given_in_a_case_taken_out_meets_no_incident(shop, key):
    incident_id = ready(shop, key)
    for case in ("T-1", "T-2"):
        linked(shop, key, incident_id, case, customer="C-1")
    unlinked(shop, key, incident_id, "T-1")
    rolled_out(shop, key, incident_id)
    asked = decide(shop, key, "by itself", case="T-1", order=..., amount="5.00", customer="C-1")
    table = tables.decision
    with shop.db.reading() as conn:
        outcome = conn.execute(select(table.c.outcome).where(table.c.id == str(asked.decision_id))).scalar_one()
    assert outcome == "allow"


@pytest.mark.parametrize("way", ["given", "had"])
def test_what_has_its_remedy_stays_until_that_is_taken_back(shop, key, way):
    incident_id = ready(shop, key)
    linked(shop, key, incident_id, "T-1", customer="C-1")
    given = None
    if way == "had":
        asked = decide(shop, key, "in conversation", order=..., amount="5.00", customer="C-1")
        given = str(asked.decision_id)
    rolled_out(shop, key, incident_id)
    (link,) = links(shop, incident_id)
    with pytest.raises(WrongState, match="void or reverse the decision that gave it"):
        unlinked(shop, key, incident_id, "T-1")
    assert links(shop, incident_id) == [link]

    given = given or str(link.outcome_decision_id)
    settle.void(shop, given, key, Idempotency("p", "v", "f"), render, reason="mistake")
    unlinked(shop, key, incident_id, "T-1")
    assert (links(shop, incident_id), told(shop, incident_id).counts.given) == ([], 0)


def test_of_an_incident_that_is_closed_it_can_still_be_taken_out_and_of_one_that_was_none_it_is(shop, key):
    closed, dismissed = opened(shop, key, rule=...), opened(shop, key, rule=...)
    escalation_id = escalated(shop, key)
    for incident_id in (closed, dismissed):
        linked(shop, key, incident_id, "T-1")
    for state in ("confirmed", "fixed", "closed"):
        step(shop, key, "transition", closed, to=state)
    step(shop, key, "transition", dismissed, to="dismissed")

    unlinked(shop, key, closed, "T-1")
    assert read(shop, escalation_id).status is EscalationStatus.OPEN
    with pytest.raises(WrongState, match="stands for itself already"):
        unlinked(shop, key, dismissed, "T-1")


def test_the_timeline_shows_each_linking_and_each_taking_out(shop, key):
    decide(shop, key, "late", customer="C-1")
    incident_id = opened(shop, key)
    link_all(shop)
    unlinked(shop, key, incident_id, "T-1", note="First.")
    shop.clock.advance(minutes=1)
    linked(shop, key, incident_id, "T-1", customer="C-1")
    shop.clock.advance(minutes=1)
    unlinked(shop, key, incident_id, "T-1", note="Second.")

    of_case = Whose(case=pseudonym(shop, "T-1", "case"))
    of_customer = Whose(customer=pseudonym(shop, "C-1"))
    for whose in (of_case, of_customer, Whose(case=of_case.case, seen_by=a_key(shop, teams=("web",)))):
        entries = of_incident(shop, whose)
        kinds = ["incident", "incident_unlinked"] * 2
        assert [entry.kind for entry in entries] == kinds[::-1]
        assert [entry.agent for entry in entries[:2]] == [pseudonym(shop, each, "agent") for each in ("liisa", "maija")]
        with shop.db.reading() as conn:
            notes = [entry.details["note"] for entry in entries if entry.kind == "incident_unlinked"]
            kept = texts(conn, notes)
        assert [kept[note] for note in notes] == ["Second.", "First."]
        assert {entry.details["status"] for entry in entries} == {"open"}
    assert of_incident(shop, Whose(case=of_case.case, seen_by=a_key(shop, teams=("phone",)))) == []


def of_incident(shop: Runtime, whose: Whose) -> list[Entry]:
    """Entries about incidents, page by page of one each."""
    found: list[Entry] = []
    behind = None
    with shop.db.reading() as conn:
        whole = list(timeline(conn, Wanted(whose)).entries)
        while True:
            page = timeline(conn, Wanted(whose, behind, limit=1))
            found += page.entries
            if page.next is None:
                break
            behind = place_of(page.next)
    assert found == whole
    return [entry for entry in found if entry.kind.startswith("incident")]


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each of them answers, or raises, begun together."""
    together = Barrier(len(works))

    def begun(work: Callable[[], object]) -> object:
        together.wait(timeout=30)
        try:
            return work()
        except WrongState as told:
            return told

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begun, works))


def test_of_two_who_take_it_out_at_once_one_does(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    replies = at_once(
        *(lambda agent=agent: unlinked(shop, key, incident_id, "T-1", agent=agent).body for agent in ("liisa", "teppo"))
    )
    assert replies == ["unlinked", "unlinked"]
    assert [event.kind for event in told(shop, incident_id).events].count(EventKind.UNLINK) == 1
    assert [event.kind for event in history(shop, key, escalation_id).events] == [Step.INCIDENT, Step.REOPEN]
    assert messages(shop) == ["open", "unlinked"]


def test_a_case_taken_out_while_its_remedy_is_rolled_out_is_given_or_taken_out_and_never_both(shop, key):
    incident_id = ready(shop, key)
    cases = [f"T-{number}" for number in range(8)]
    for case in cases:
        linked(shop, key, incident_id, case, customer=f"C-{case}")

    def take_all_out() -> list[str]:
        out = []
        for case in reversed(cases):
            try:
                out.append(unlinked(shop, key, incident_id, case) and case)
            except WrongState:
                continue
        return out

    done, out = at_once(lambda: rolled_out(shop, key, incident_id), take_all_out)
    table = tables.decision
    with shop.db.reading() as conn:
        given = set(conn.execute(select(table.c.case_ref).where(table.c.outcome == "allow")).scalars())
    gone = {pseudonym(shop, case, "case") for case in out}
    assert {link.case for link in links(shop, incident_id, belonging=False)} == gone
    assert {link.case for link in links(shop, incident_id)} == given
    assert given | gone == {pseudonym(shop, case, "case") for case in cases}
    assert (done.given, told(shop, incident_id).counts.left, given & gone) == (len(given), 0, set())


def test_a_case_taken_out_while_its_rule_links_it_ends_out_of_it_with_its_escalations_in_the_queue(shop, key):
    first = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    second = escalated(shop, key, order="O-2")
    at_once(lambda: unlinked(shop, key, incident_id, "T-1"), lambda: link_all(shop))
    link_all(shop)
    assert links(shop, incident_id) == []
    assert {read(shop, each).status for each in (first, second)} == {EscalationStatus.OPEN}
