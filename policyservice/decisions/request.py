"""The way of one decision: read what is in force, decide, hold and log in one transaction, answer.

If the log cannot be written, nothing happened. Repeating a key repeats its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation
from policyservice.decisions import context as contexts
from policyservice.decisions import holding, log, masking, replies, safe_floor, settle
from policyservice.decisions import stored as stored_decisions
from policyservice.decisions.policy import Policy, policy_in_force
from policyservice.decisions.replies import Idempotency, KeyTaken, Reply
from policyservice.decisions.services import Services, tell
from policyservice.decisions.stored import StoredDecision
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.validate import instant_of, still_valid, validate
from policyservice.domain.case import Request
from policyservice.domain.decision import Decision, Outcome
from policyservice.domain.errors import FieldProblem, NoRulebookInForce
from policyservice.engine.decide import decide
from policyservice.ledger.expiry import has_due_holds
from policyservice.ledger.sql import SqlLedger
from policyservice.personal import kept
from policyservice.rulebook.model import Rulebook

CREATED = 201
Render = Callable[[StoredDecision], str]
"""Makes the body of an answer, as it is kept and sent."""


class Wanted(NamedTuple):
    """What is to be decided: a request once the rulebook is known, by whom, at which instant.

    `at` is the instant it is decided for (`given_at` where it was given before), `now` the instant it is
    logged. `vouched`: the facts are not only stated, somebody other than the asker has looked into them.
    """

    request_under: Callable[[Rulebook], Request]
    actor: ApiKey
    at: datetime
    now: datetime
    vouched: bool = False


def ask(
    services: Services,
    raw: Mapping[str, object],
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
) -> Reply:
    """Decide a request as it came in: raw values by field name.

    Raises:
        InvalidRequest: fields at fault, all at once; nothing is decided or held.
        NotAllowed, UnknownAgent: the agent is outside the key's binding, or is not registered.
        BeyondSafeFloor: recorded afterwards, and more than needs no decision.
        IdempotencyKeyReused: the key belongs to another body.
        NoRulebookInForce, LogUnavailable: nothing can be decided now.
    """
    now = services.clock.now()
    at = instant_of(raw, now)
    wanted = Wanted(lambda rulebook: validate(raw, rulebook, now=now), actor, at, now)
    return _answer(services, wanted, idempotency, render)


def request_decision(
    services: Services,
    request: Request,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
) -> Reply:
    """Decide a request that was validated before; the errors are those of `ask`."""
    now = services.clock.now()

    def under(rulebook: Rulebook) -> Request:
        still_valid(request, rulebook)
        return request

    return _answer(services, Wanted(under, actor, request.given_at or now, now), idempotency, render)


def _answer(services: Services, wanted: Wanted, idempotency: Idempotency, render: Render) -> Reply:
    started = perf_counter()
    idempotency = idempotency.under(services.pseudonyms)
    earlier, is_any_due = _look_before(services, wanted, idempotency)
    if earlier is not None:
        return earlier
    if is_any_due:
        settle.end_due_holds(services, most=settle.MOST_ON_THE_WAY)
    try:
        reply, stored = in_transaction(services.db, partial(_decide_and_keep, services, wanted, idempotency, render))
    except KeyTaken:
        return _kept_by_the_other(services, wanted, idempotency)
    if stored is not None:
        notify(services, stored, perf_counter() - started)
    return reply


def _look_before(services: Services, wanted: Wanted, idempotency: Idempotency) -> tuple[Reply | None, bool]:
    """Without a lock: the kept answer, what is wrong with the request, and whether holds are due by now."""
    with services.db.reading() as conn:
        earlier = replies.find(conn, wanted.actor.id, idempotency)
        if earlier is not None:
            return earlier, False
        policy = policy_for(conn, wanted)
        wanted.request_under(services.rulebooks.ready(conn, policy.rules, policy.costs).book.rulebook)
        return None, has_due_holds(conn, wanted.now)


def _decide_and_keep(
    services: Services, wanted: Wanted, idempotency: Idempotency, render: Render, conn: Connection
) -> tuple[Reply, StoredDecision | None]:
    earlier = replies.find(conn, wanted.actor.id, idempotency)
    if earlier is not None:
        return earlier, None
    stored = decide_and_hold(conn, services, wanted)
    reply = Reply(CREATED, render(stored), decision_id=stored.id)
    replies.keep(conn, wanted.actor.id, idempotency, reply, wanted.now)
    return reply, stored


def _kept_by_the_other(services: Services, wanted: Wanted, idempotency: Idempotency) -> Reply:
    with services.db.reading() as conn:
        earlier = replies.find(conn, wanted.actor.id, idempotency)
    assert earlier is not None  # an answer once kept is never removed
    return earlier


def decide_and_hold(conn: Connection, services: Services, wanted: Wanted) -> StoredDecision:
    """Decide, log, hold and open the escalation, in the caller's transaction.

    Raises:
        InvalidRequest, NotAllowed, UnknownAgent, BeyondSafeFloor, NoRulebookInForce: see `ask`.
    """
    policy = policy_for(conn, wanted)
    ready = services.rulebooks.ready(conn, policy.rules, policy.costs)
    plain = wanted.request_under(ready.book.rulebook)
    safe_floor.require_within(ready.book.rulebook, plain)
    request, personal = masking.mask(services.pseudonyms, plain, ready.book.texts_compared)
    asked = contexts.Asked(
        request, policy, ready.book, wanted.actor, at=wanted.at, agent=plain.agent, vouched=wanted.vouched
    )
    store = SqlLedger(conn, services.zone)
    context = contexts.locked(conn, services, asked, store)
    decision = decide(ready.book, request, context, ready.evaluate)
    remedy = ready.book.rulebook.remedies[request.remedy]
    seq = log.append(
        conn,
        request,
        context,
        decision,
        policy=policy.ref,
        remedy_kind=remedy.kind,
        logged_at=wanted.now,
        api_key=wanted.actor.id,
    )
    kept.keep(conn, personal, now=wanted.now, decision_id=decision.id)
    stored = stored_decisions.fresh(seq, wanted.now, request, context, decision, policy.ref, remedy.kind)
    if decision.outcome is Outcome.ALLOW:
        booked = holding.hold(store, request, context, decision, remedy, now=wanted.now)
        return stored_decisions.with_entries(stored, booked)
    if decision.outcome is Outcome.ESCALATE:
        return replace(stored, escalation=_open_escalation(conn, services, decision, wanted.now))
    return stored


def policy_for(conn: Connection, wanted: Wanted) -> Policy:
    """The policy in force at the instant that is decided for.

    Raises:
        NoRulebookInForce: nothing is in force now.
        FieldProblem: nothing was when the remedy was given (`given_at`).
    """
    try:
        return policy_in_force(conn, wanted.at)
    except NoRulebookInForce:
        if wanted.at == wanted.now:
            raise
        raise FieldProblem("given_at", "is before any rulebook was in force.") from None


def notify(services: Services, decided: StoredDecision, seconds: float) -> None:
    """Tell the hooks of a decision that is committed."""
    tell(services.hooks.decided, decided.request, decided.decision, seconds)
    if decided.decision.fault is not None:
        tell(services.hooks.faulted, decided.decision)


def _open_escalation(conn: Connection, services: Services, decision: Decision, now: datetime) -> Escalation:
    assert decision.escalate_to is not None
    to = decision.escalate_to
    return escalations.open_for(conn, services.ids.new("esc"), decision.id, to.to, opened_at=now, due_at=to.due_at)
