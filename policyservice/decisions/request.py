"""The way of one decision: read what is in force, decide, hold and log in one transaction, answer.

If the log cannot be written, nothing happened. Repeating a key repeats its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation
from policyservice.db.prepared import Writes
from policyservice.decisions import answering, compensation, holding, log, replies, settle, verified
from policyservice.decisions import context as contexts
from policyservice.decisions import stored as stored_decisions
from policyservice.decisions.considering import Asked, Wanted, consider
from policyservice.decisions.replies import Idempotency, KeyTaken, Reply
from policyservice.decisions.services import Services, tell
from policyservice.decisions.standing import Looked, Question, Standing, look, look_to_decide
from policyservice.decisions.stored import StoredDecision
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.validate import instant_of, still_valid, validate
from policyservice.decisions.verified import Subjects
from policyservice.domain.case import Request
from policyservice.domain.decision import Decision, Outcome
from policyservice.domain.errors import LogUnavailable, PolicyServiceError
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.engine.decide import decide
from policyservice.ledger.algebra import specs_of
from policyservice.ledger.sql import SqlLedger
from policyservice.personal import kept
from policyservice.rulebook.model import Rulebook

CREATED = 201
Render = Callable[[StoredDecision], str]
"""Makes the body of an answer, as it is kept and sent."""


class Item(NamedTuple):
    """One request of a caller, with its key."""

    wanted: Wanted
    idempotency: Idempotency


Answer = Reply | PolicyServiceError
"""What becomes of one of several requests: each has its own."""


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
    return _only(answer(services, [item_of(services, raw, actor, idempotency)], render))


def item_of(services: Services, raw: Mapping[str, object], actor: ApiKey, idempotency: Idempotency) -> Item:
    """A request as it came in, for `answer`.

    Raises:
        InvalidRequest: the instant it is for cannot be read.
    """
    now = services.clock.now()

    def under(rulebook: Rulebook) -> Request:
        return validate(raw, rulebook, now=now)

    agent = raw.get("agent")
    about = Subjects.of(raw)
    wanted = Wanted(under, agent if isinstance(agent, str) else "", actor, instant_of(raw, now), now, about=about)
    return Item(wanted, idempotency)


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

    about = Subjects(request.customer, request.order)
    wanted = Wanted(under, request.agent or "", actor, request.given_at or now, now, about=about)
    return _only(answer(services, [Item(wanted, idempotency)], render))


def _only(answers: Sequence[Answer]) -> Reply:
    (only,) = answers
    if isinstance(only, PolicyServiceError):
        raise only
    return only


def answer(services: Services, items: Sequence[Item], render: Render) -> list[Answer]:
    """Decide requests with different keys in one transaction: each is answered or refused for itself, in order.

    Raises:
        LogUnavailable: the database does not answer; none of them was decided.
    """
    if not items:
        return []
    started = perf_counter()
    items = [Item(wanted, idempotency.under(services.pseudonyms)) for wanted, idempotency in items]
    questions = [_question(services, *item) for item in items]
    with services.db.looking() as conn:
        looked = look(conn, questions)
        steps = [_prepare(conn, services, item, seen) for item, seen in zip(items, looked, strict=True)]
    answered = [step for step in steps if not isinstance(step, _Prepared)]
    if len(answered) == len(steps):
        return answered
    if any(seen.is_any_due for seen in looked):
        settle.end_due_holds(services, most=settle.MOST_ON_THE_WAY)
    call = _Call(items, questions, steps, render)
    answers, decided = services.db.together.run(
        call, partial(_decide_calls, services), keys=call.keys, size=len(items), shared=(LogUnavailable,)
    )
    for stored in decided:
        notify(services, stored, (perf_counter() - started) / len(decided))
    return answers


class _Prepared(NamedTuple):
    """A decision as it was prepared, and what that stands on."""

    standing: Standing
    asked: Asked


_Step = _Prepared | Answer


def _prepare(conn: Connection, services: Services, item: Item, looked: Looked) -> _Step:
    try:
        earlier = looked.earlier(item.idempotency)
        if earlier is not None:
            return earlier
        return _Prepared(looked.standing, consider(conn, services, item.wanted, looked.standing))
    except PolicyServiceError as refused:
        return refused


class _Call(NamedTuple):
    """What one caller asks: several items, how far each is, and how its answers are rendered."""

    items: Sequence[Item]
    questions: Sequence[Question]
    steps: Sequence[_Step]
    render: Render

    @property
    def keys(self) -> frozenset[Hashable]:
        """What no two items that are decided in one transaction may share."""
        return frozenset((item.wanted.actor.id, item.idempotency.path, item.idempotency.key) for item in self.items)


_Decided = tuple[list[Answer], list[StoredDecision]]


def _decide_calls(services: Services, calls: Sequence[_Call]) -> list[_Decided]:
    """Decide the calls of one caller, or of several who came at once, in one transaction."""
    work = partial(_decide_and_keep, services, calls)
    try:
        return in_transaction(services.db, work)
    except KeyTaken:
        return in_transaction(services.db, work)  # the other's answer is kept by now


def _decide_and_keep(services: Services, calls: Sequence[_Call], conn: Connection) -> list[_Decided]:
    """Decide what is prepared; what changed meanwhile is prepared anew."""
    steps = _confirmed(conn, services, calls)
    writes = Writes()
    store = _locked(conn, services, [step.asked for step in steps if isinstance(step, _Prepared)], writes)
    following = iter(steps)
    decided = [_decide_call(services, call, following, store, writes) for call in calls]
    with replies.keeping():
        writes.run(conn, commit=True)
    return decided


def _decide_call(services: Services, call: _Call, steps: Iterator[_Step], store: SqlLedger, writes: Writes) -> _Decided:
    """Decide the items of one call, whose steps come next."""
    answers: list[Answer] = []
    decided: list[StoredDecision] = []
    for wanted, idempotency in call.items:
        step = next(steps)
        if not isinstance(step, _Prepared):
            answers.append(step)
            continue
        stored = _decide(services, wanted, step.asked, store, writes)
        reply = Reply(CREATED, call.render(stored), decision_id=stored.id)
        replies.keep(writes, wanted.actor.id, idempotency, reply, wanted.now)
        decided.append(stored)
        answers.append(reply)
    return answers, decided


def _confirmed(conn: Connection, services: Services, calls: Sequence[_Call]) -> list[_Step]:
    """The steps of all calls as they are in this transaction: the same, unless what they stand on changed."""
    steps = [step for call in calls for step in zip(call.items, call.questions, call.steps, strict=True)]
    looked = iter(look_to_decide(conn, [question for _, question, step in steps if isinstance(step, _Prepared)]))
    return [
        _as_seen(conn, services, item, step, next(looked)) if isinstance(step, _Prepared) else step
        for item, _, step in steps
    ]


def _as_seen(conn: Connection, services: Services, item: Item, step: _Prepared, seen: Looked) -> _Step:
    if step.standing == seen.standing and not seen.is_answered:
        return step
    return _prepare(conn, services, item, seen)


def _question(services: Services, wanted: Wanted, idempotency: Idempotency | None = None) -> Question:
    pseudonym = services.pseudonyms.reference(PersonalKind.AGENT, wanted.agent).pseudonym
    about = verified.sought(services.pseudonyms, wanted.about)
    return Question(wanted.agent, pseudonym, wanted.at, wanted.now, wanted.actor.id, idempotency, about)


def _locked(conn: Connection, services: Services, prepared: Sequence[Asked], writes: Writes) -> SqlLedger:
    """The ledger with every counter locked that any of these decisions may change, and behind them the incidents."""
    counting = prepared[0].counting if prepared else None
    store = SqlLedger(conn, services.zone, counting=counting, writes=writes)
    store.lock_all([asked.footprint for asked in prepared], [specs_of(asked.own) for asked in prepared])
    compensation.lock_all(services.db, conn, [(asked.request, asked.footprint.at) for asked in prepared])
    return store


def decide_and_hold(conn: Connection, services: Services, wanted: Wanted) -> StoredDecision:
    """Decide, log, hold and open the escalation, in the caller's transaction.

    Raises:
        InvalidRequest, NotAllowed, UnknownAgent, BeyondSafeFloor, NoRulebookInForce: see `ask`.
    """
    (looked,) = look_to_decide(conn, [_question(services, wanted)])
    asked = consider(conn, services, wanted, looked.standing)
    writes = Writes()
    stored = _decide(services, wanted, asked, _locked(conn, services, [asked], writes), writes)
    writes.run(conn)
    return stored


def _decide(services: Services, wanted: Wanted, asked: Asked, store: SqlLedger, writes: Writes) -> StoredDecision:
    """Decide on what is locked, and have everything written."""
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
    verified.keep_conflicts(writes, request, context, wanted.now)
    kept.keep(writes, asked.personal, now=wanted.now, decision_id=decision.id)
    stored = stored_decisions.fresh(wanted.now, request, context, decision, policy, remedy.kind)
    if decision.outcome is Outcome.ALLOW:
        booked = holding.hold(store, request, context, decision, remedy, now=wanted.now)
        return stored_decisions.with_entries(stored, booked)
    if decision.outcome is Outcome.ESCALATE:
        opened = _open_escalation(writes, services, decision, wanted.now)
        answering.promise(writes, opened, request, context)
        return replace(stored, escalation=opened)
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
