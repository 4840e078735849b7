"""Promises are made, moved, kept and broken; whoever is overdue is told of before the customer calls."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations, promises
from policyservice.cases.promises import PromiseKind, PromiseStatus, StepKind
from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.sight import seen_to
from policyservice.domain.errors import FieldProblem, InvalidRequest, NotAllowed, NotFound, PromiseEnded
from policyservice.outbox import events
from policyservice.resolutions.escalations import Resolution, resolve
from policyservice.resolutions.promises import OVERDUE, MadePromise, TakenStep, make, step, tell_overdue
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym
from tests.fakes import NOON

DUE = NOON + timedelta(days=2)
TICK = timedelta(microseconds=1)


@pytest.fixture
def shop(any_db: Database) -> Iterator[Runtime]:
    runtime = a_shop(any_db)
    yield runtime
    runtime.rulebooks.close()


@pytest.fixture
def key(shop: Runtime) -> ApiKey:
    return a_key(shop)


def idempotency(number):
    return Idempotency("/v1/promises", f"k{number}", "f")


def made(shop, key, number=1, **changes):
    wanted = MadePromise(**{"agent": "maija", "what": "a call", "due_at": DUE, "customer": "C-1", **changes})
    return make(shop, "T-1", wanted, key, idempotency(number), lambda one, steps: one.id).body


def take(shop, key, promise_id, kind, number=100, **changes):
    taken = TakenStep(**{"agent": "teppo", **changes})
    return step(shop, promise_id, kind, taken, key, idempotency(number), lambda one, steps: one.status.value)


def read(shop, promise_id):
    with shop.db.reading() as conn:
        return promises.get(conn, promise_id, seen_to(None))


def steps(shop, promise_id):
    with shop.db.reading() as conn:
        return [(each.kind.value, each.due_at) for each in promises.steps_of(conn, [promise_id])[promise_id]]


def told(shop):
    with shop.db.reading() as conn:
        table = tables.outbox_event
        return [(row.about, row.at) for row in conn.execute(select(table).order_by(table.c.at)) if row.kind == OVERDUE]


def test_a_promise_is_kept_in_mind_under_pseudonyms_with_whoever_sees_to_it(shop, key):
    promise = read(shop, made(shop, key))

    assert (promise.case, promise.customer) == (pseudonym(shop, "T-1", "case"), pseudonym(shop, "C-1"))
    assert promise.agent == promise.owner == pseudonym(shop, "maija", "agent")
    assert (promise.kind, promise.status, promise.due_at) == (PromiseKind.PROMISE, PromiseStatus.OPEN, DUE)
    assert str(promise.what).startswith("txt_")
    assert read(shop, made(shop, key, 2, team="billing")).owner_team == "billing"
    assert read(shop, made(shop, key, 3, owner="liisa")).owner == pseudonym(shop, "liisa", "agent")


def test_a_promise_without_a_customer_is_made_to_the_customer_of_the_case(shop, key):
    decide(shop, key, "d", customer="C-9")

    assert read(shop, made(shop, key, customer=None)).customer == pseudonym(shop, "C-9")


def test_the_same_call_twice_makes_one_promise(shop, key):
    assert made(shop, key) == made(shop, key)


@pytest.mark.parametrize(("due", "is_taken"), [(NOON, False), (NOON + TICK, True)])
def test_a_promise_is_for_an_instant_to_come(shop, key, due, is_taken):
    if is_taken:
        assert made(shop, key, due_at=due)
        return
    with pytest.raises(InvalidRequest, match="has passed"):
        made(shop, key, due_at=due)


def test_one_sees_to_it_not_two(shop, key):
    with pytest.raises(InvalidRequest, match="one of the two"):
        made(shop, key, owner="liisa", team="billing")


def test_a_promise_is_moved_then_kept_and_each_step_stays(shop, key):
    promise_id = made(shop, key)
    later = DUE + timedelta(days=1)

    assert take(shop, key, promise_id, StepKind.MOVED, 11, due_at=later).body == "open"
    assert take(shop, key, promise_id, StepKind.KEPT, 12, note="called").body == "kept"
    assert steps(shop, promise_id) == [("moved", later), ("kept", later)]
    assert not read(shop, promise_id).is_late
    with pytest.raises(PromiseEnded):
        take(shop, key, promise_id, StepKind.BROKEN, 13, note="n")


@pytest.mark.parametrize(("kept_at", "is_late"), [(DUE, False), (DUE + TICK, True)])
def test_a_promise_that_is_kept_after_it_was_due_is_late(shop, key, kept_at, is_late):
    promise_id = made(shop, key)
    shop.clock.instant = kept_at
    take(shop, key, promise_id, StepKind.KEPT)

    assert read(shop, promise_id).is_late is is_late


def test_a_promise_is_not_moved_into_the_past(shop, key):
    with pytest.raises(FieldProblem, match="has passed"):
        take(shop, key, made(shop, key), StepKind.MOVED, due_at=NOON)


def test_of_two_who_end_a_promise_at_once_one_does_and_the_other_is_told(shop, key):
    promise_id = made(shop, key)

    def end(number):
        try:
            return take(shop, key, promise_id, (StepKind.KEPT, StepKind.BROKEN)[number], 10 + number, note="n").body
        except PromiseEnded as ended:
            return ended.code

    with ThreadPoolExecutor(2) as pool:
        ends = set(pool.map(end, range(2)))
    assert "promise-ended" in ends
    assert len(ends) == 2
    assert len(steps(shop, promise_id)) == 1


def test_a_bound_key_promises_for_its_own_and_changes_what_these_promised_or_see_to(shop, key):
    phone = a_key(shop, teams=("phone",))
    with pytest.raises(NotAllowed):
        made(shop, phone, agent="maija")
    theirs, handed_over = made(shop, key, 1), made(shop, key, 2, team="phone")

    with pytest.raises(NotFound):
        take(shop, phone, theirs, StepKind.KEPT, 3, agent="liisa")
    assert take(shop, phone, handed_over, StepKind.KEPT, 4, agent="liisa").body == "kept"


def test_what_is_escalated_promises_an_answer_and_the_resolution_keeps_it(shop, key):
    reply = decide(shop, key, "d", amount="90.00")
    with shop.db.reading() as conn:
        escalation = escalations.of_decisions(conn, [str(reply.decision_id)])[str(reply.decision_id)]
    promise = read(shop, promises.of_answer(escalation.id))
    assert (promise.kind, promise.due_at, promise.owner_team) == (PromiseKind.ANSWER, escalation.due_at, escalation.to)
    assert promise.customer == pseudonym(shop, "C-1")

    shop.clock.advance(minutes=5)
    resolve(shop, escalation.id, Resolution("granted", "liisa"), key, idempotency(9), lambda resolved: "{}")

    kept = read(shop, promise.id)
    assert (kept.status, kept.ended_at, kept.is_late) == (PromiseStatus.KEPT, shop.clock.now(), False)


def test_a_refusal_is_an_answer_too(shop, key):
    reply = decide(shop, key, "d", amount="90.00")
    with shop.db.reading() as conn:
        escalation = escalations.of_decisions(conn, [str(reply.decision_id)])[str(reply.decision_id)]
    resolve(shop, escalation.id, Resolution("refused", "liisa", "no"), key, idempotency(9), lambda resolved: "{}")

    assert read(shop, promises.of_answer(escalation.id)).status is PromiseStatus.KEPT


@pytest.mark.parametrize(("now", "is_told"), [(DUE - TICK, False), (DUE, True)])
def test_an_overdue_promise_is_told_of_at_the_instant_it_is_due(shop, key, now, is_told):
    promise_id = made(shop, key)
    shop.clock.instant = now

    assert tell_overdue(shop) == int(is_told)
    assert told(shop) == ([(promise_id, DUE)] if is_told else [])


def test_an_overdue_promise_is_told_of_once_and_again_only_when_it_was_moved(shop, key):
    promise_id = made(shop, key)
    shop.clock.instant = DUE
    tell_overdue(shop)
    assert tell_overdue(shop) == 0

    later = DUE + timedelta(days=1)
    take(shop, key, promise_id, StepKind.MOVED, due_at=later)
    assert tell_overdue(shop) == 0
    shop.clock.instant = later
    assert tell_overdue(shop) == 1
    assert told(shop) == [(promise_id, DUE), (promise_id, later)]


def test_of_what_was_kept_or_broken_in_time_nobody_is_told(shop, key):
    take(shop, key, made(shop, key, 1), StepKind.KEPT, 11)
    take(shop, key, made(shop, key, 2), StepKind.BROKEN, 12, note="n")
    shop.clock.instant = DUE

    assert tell_overdue(shop) == 0


def test_an_event_tells_who_promised_what_and_when_with_pseudonyms_until_it_is_sent(shop, key):
    promise_id = made(shop, key)
    shop.clock.instant = DUE
    tell_overdue(shop)
    with shop.db.transaction() as conn:
        (event,) = events.take(conn, DUE, most=10)

    assert event.body["promise"] == promise_id
    assert (event.body["case"], event.body["customer"]) == (pseudonym(shop, "T-1", "case"), pseudonym(shop, "C-1"))
    assert event.body["due_at"] == DUE.isoformat()
