"""Makes promises, says what became of them, and tells of those that are overdue before the customer does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import promises
from policyservice.cases.promises import Promise, PromiseKind, Step, StepKind
from policyservice.db.prepared import Writes
from policyservice.decisions import acting
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.sight import seen_to
from policyservice.decisions.transactions import in_transaction
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.outbox import events
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions.writing import customer_of, once

OVERDUE = "promise.overdue"
"""The kind of event that tells of a promise whose time is up."""
BATCH = 100
CREATED, OK = 201, 200

Render = Callable[[Promise, list[Step]], str]


@dataclass(frozen=True, slots=True)
class MadePromise:
    """What is promised, by when; references and text as they were sent.

    Either `owner`, an agent, or `team` sees to it; where neither is named, whoever promises does.
    """

    agent: str
    what: str
    due_at: datetime
    owner: str | None = None
    team: str | None = None
    channel: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class TakenStep:
    """What became of a promise, said by an agent; a new due time belongs to a move alone."""

    agent: str
    note: str | None = None
    due_at: datetime | None = None


def make(
    services: Services, case: str, made: MadePromise, actor: ApiKey, idempotency: Idempotency, render: Render
) -> Reply:
    """Keep in mind what a customer was promised.

    Raises:
        NotAllowed, UnknownAgent: the agent who promises is outside the key's binding, or is not registered.
        InvalidRequest: it is due already, or two are to see to it.
        IdempotencyKeyReused, LogUnavailable: as a decision.
    """
    now, pseudonyms = services.clock.now(), services.pseudonyms
    _check(made, now)
    agent = pseudonyms.reference(PersonalKind.AGENT, made.agent)
    of_case = pseudonyms.reference(PersonalKind.CASE, case)
    customer = None if made.customer is None else pseudonyms.reference(PersonalKind.CUSTOMER, made.customer)
    owner = pseudonyms.reference(PersonalKind.AGENT, made.owner or made.agent) if made.team is None else None
    what = pseudonyms.seal(made.what)
    named = [reference for reference in (agent, of_case, customer, owner) if reference is not None]

    def work(conn: Connection, writes: Writes) -> str:
        known = acting.registered(conn, made.agent, actor, services.settings.unknown_agents)
        promise = Promise(
            id=services.ids.new("prm"),
            case=of_case.pseudonym,
            customer=customer.pseudonym if customer else customer_of(conn, of_case.pseudonym),
            kind=PromiseKind.PROMISE,
            what=what.seal,
            channel=made.channel,
            agent=agent.pseudonym,
            team=known.team,
            owner=owner.pseudonym if owner else None,
            owner_team=made.team,
            made_at=now,
            due_at=made.due_at,
        )
        promises.add(writes, promise)
        kept.keep(writes, Personal(tuple(named), (what,)), now=now)
        return render(promise, [])

    return once(services, actor, idempotency, CREATED, work)


def step(
    services: Services,
    promise_id: str,
    kind: StepKind,
    taken: TakenStep,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
) -> Reply:
    """Move, keep or break a promise; of two who do so at once the second one is told what the first one did.

    Raises:
        NotFound: there is no such promise, or the key's agents and teams neither made it nor see to it.
        NotAllowed, UnknownAgent: the agent who says so is outside the key's binding, or is not registered.
        PromiseEnded: it was kept or broken before.
        FieldProblem: it is moved to a time that has passed.
        IdempotencyKeyReused, LogUnavailable: as a decision.
    """
    now, pseudonyms = services.clock.now(), services.pseudonyms
    if taken.due_at is not None and taken.due_at <= now:
        raise FieldProblem("due_at", "has passed; name an instant to come.")
    agent = pseudonyms.reference(PersonalKind.AGENT, taken.agent)
    note = None if taken.note is None else pseudonyms.seal(taken.note)

    def work(conn: Connection, writes: Writes) -> str:
        known = acting.registered(conn, taken.agent, actor, services.settings.unknown_agents)
        promise = promises.get(conn, promise_id, seen_to(actor), lock=True)
        promises.take_step(
            conn,
            promise,
            kind,
            at=now,
            agent=agent.pseudonym,
            team=known.team,
            due_at=taken.due_at,
            note=note.seal if note else None,
        )
        kept.keep(writes, Personal((agent,), (note,) if note else ()), now=now)
        steps = promises.steps_of(conn, [promise_id])[promise_id]
        return render(promises.get(conn, promise_id, seen_to(None)), list(steps))

    return once(services, actor, idempotency, OK, work)


def tell_overdue(services: Services, *, most: int = BATCH) -> int:
    """Tell of promises whose time is up, each once for each time it is due; how many were told of.

    Raises:
        LogUnavailable: the database does not answer; nobody was told.
    """
    now = services.clock.now()
    with services.db.looking() as conn:
        if not promises.is_any_untold(conn, now):
            return 0

    def work(conn: Connection) -> int:
        overdue = promises.overdue_untold(conn, now, most=most)
        for promise in overdue:
            events.add(conn, kind=OVERDUE, about=promise.id, body=_told(promise), at=promise.due_at)
        promises.told_overdue(conn, overdue)
        return len(overdue)

    return in_transaction(services.db, work)


def _check(made: MadePromise, now: datetime) -> None:
    errors = []
    if made.due_at <= now:
        errors.append(FieldError("due_at", "has passed; name an instant to come."))
    if made.owner is not None and made.team is not None:
        errors.append(FieldError("team", "stands beside owner; name one of the two."))
    if errors:
        raise InvalidRequest(errors)


def _told(promise: Promise) -> dict[str, Any]:
    return {
        "promise": promise.id,
        "kind": promise.kind.value,
        "what": promise.what,
        "case": promise.case,
        "customer": promise.customer,
        "channel": promise.channel,
        "agent": promise.agent,
        "owner": promise.owner,
        "team": promise.owner_team,
        "made_at": promise.made_at.isoformat(),
        "due_at": promise.due_at.isoformat(),
    }
