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
from policyservice.db import barrier
from policyservice.db.prepared import Writes
from policyservice.decisions import context as contexts
from policyservice.decisions import holding, log, replies, settle
from policyservice.decisions import stored as stored_decisions
from policyservice.decisions.considering import Asked, Wanted, consider
from policyservice.decisions.replies import Idempotency, KeyTaken, Reply
from policyservice.decisions.services import Services, tell
from policyservice.decisions.standing import Question, Standing, look
from policyservice.decisions.stored import StoredDecision
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.validate import instant_of, still_valid, validate
from policyservice.domain.case import Request
from policyservice.domain.decision import Decision, Outcome
from policyservice.engine.decide import decide
from policyservice.ledger.sql import SqlLedger
from policyservice.rulebook.model import Rulebook

CREATED = 201
Render = Callable[[StoredDecision], str]
"""Makes the body of an answer, as it is kept and sent."""


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
    agent = raw.get("agent")
    wanted = Wanted(
        lambda rulebook: validate(raw, rulebook, now=now), agent if isinstance(agent, str) else "", actor, at, now
    )
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

    wanted = Wanted(under, request.agent or "", actor, request.given_at or now, now)
    return _answer(services, wanted, idempotency, render)


def _answer(services: Services, wanted: Wanted, idempotency: Idempotency, render: Render) -> Reply:
    started = perf_counter()
    with services.db.looking() as conn:
        looked = look(conn, _question(wanted, idempotency))
        if looked.earlier is not None:
            return looked.earlier
        prepared = _Prepared(looked.standing, consider(conn, services, wanted, looked.standing))
    if looked.is_any_due:
        settle.end_due_holds(services, most=settle.MOST_ON_THE_WAY)
    work = partial(_decide_and_keep, services, wanted, prepared, idempotency, render)
    try:
        reply, stored = in_transaction(services.db, work)
    except KeyTaken as taken:
        return _kept_by_the_other(services, wanted, idempotency, taken)
    if stored is not None:
        notify(services, stored, perf_counter() - started)
    return reply


class _Prepared(NamedTuple):
    """A decision as it was prepared, and what that stands on."""

    standing: Standing
    asked: Asked


def _decide_and_keep(
    services: Services,
    wanted: Wanted,
    prepared: _Prepared,
    idempotency: Idempotency,
    render: Render,
    conn: Connection,
) -> tuple[Reply, StoredDecision | None]:
    barrier.share(conn)
    looked = look(conn, _question(wanted, idempotency))
    if looked.earlier is not None:
        return looked.earlier, None
    is_as_prepared = looked.standing == prepared.standing
    asked = prepared.asked if is_as_prepared else consider(conn, services, wanted, looked.standing)
    writes = Writes()
    stored = _decide(conn, services, wanted, asked, writes)
    reply = Reply(CREATED, render(stored), decision_id=stored.id)
    replies.keep(writes, wanted.actor.id, idempotency, reply, wanted.now)
    with replies.keeping():
        writes.run(conn, commit=True)
    return reply, stored


def _question(wanted: Wanted, idempotency: Idempotency | None = None) -> Question:
    return Question(wanted.agent, wanted.at, wanted.now, wanted.actor.id, idempotency)


def _kept_by_the_other(services: Services, wanted: Wanted, idempotency: Idempotency, taken: KeyTaken) -> Reply:
    with services.db.looking() as conn:
        earlier = replies.find(conn, wanted.actor.id, idempotency)
    if earlier is None:  # an answer once kept is never removed: it was something else that the database refused
        raise taken
    return earlier


def decide_and_hold(conn: Connection, services: Services, wanted: Wanted) -> StoredDecision:
    """Decide, log, hold and open the escalation, in the caller's transaction.

    Raises:
        InvalidRequest, NotAllowed, UnknownAgent, BeyondSafeFloor, NoRulebookInForce: see `ask`.
    """
    barrier.share(conn)
    asked = consider(conn, services, wanted, look(conn, _question(wanted)).standing)
    writes = Writes()
    stored = _decide(conn, services, wanted, asked, writes)
    writes.run(conn)
    return stored


def _decide(conn: Connection, services: Services, wanted: Wanted, asked: Asked, writes: Writes) -> StoredDecision:
    """Lock, decide, and have everything written."""
    store = SqlLedger(conn, services.zone, counting=asked.counting, writes=writes)
    request, policy = asked.request, asked.policy.ref
    remedy = asked.book.rulebook.remedies[request.remedy]
    context = contexts.locked(services, asked, store)
    decision = decide(asked.book, request, context, asked.evaluate)
    log.append(
        writes,
        request,
        context,
        decision,
        policy=policy,
        remedy_kind=remedy.kind,
        logged_at=wanted.now,
        api_key=wanted.actor.id,
    )
    stored = stored_decisions.fresh(wanted.now, request, context, decision, policy, remedy.kind)
    if decision.outcome is Outcome.ALLOW:
        booked = holding.hold(store, request, context, decision, remedy, now=wanted.now)
        return stored_decisions.with_entries(stored, booked)
    if decision.outcome is Outcome.ESCALATE:
        return replace(stored, escalation=_open_escalation(writes, services, decision, wanted.now))
    return stored


def notify(services: Services, decided: StoredDecision, seconds: float) -> None:
    """Tell the hooks of a decision that is committed."""
    tell(services.hooks.decided, decided.request, decided.decision, seconds)
    if decided.decision.fault is not None:
        tell(services.hooks.faulted, decided.decision)


def _open_escalation(writes: Writes, services: Services, decision: Decision, now: datetime) -> Escalation:
    assert decision.escalate_to is not None
    to = decision.escalate_to
    return escalations.open_for(writes, services.ids.new("esc"), decision.id, to.to, opened_at=now, due_at=to.due_at)
