"""Resolves an escalation: granted by a decision of the resolver's own, or refused with a note.

Whoever resolves decides within their own limits, by the same rules; nobody grants what they asked for
themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation, EscalationStatus, Result
from policyservice.db.prepared import Writes
from policyservice.decisions import acting, log, replies, request, settle
from policyservice.decisions.considering import Wanted
from policyservice.decisions.given_facts import validate_facts
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.masking import unmasked
from policyservice.decisions.replies import Idempotency, KeyTaken, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.sight import ids_of_own
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.validate import still_valid
from policyservice.decisions.values import a_reference, a_sum, a_text
from policyservice.decisions.verified import Subjects
from policyservice.domain.case import Request
from policyservice.domain.decision import Outcome
from policyservice.domain.errors import (
    BeyondAuthority,
    EscalationResolved,
    FieldError,
    FieldProblem,
    InvalidRequest,
    NotAllowed,
)
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.rulebook.model import Rulebook

OK = 200


@dataclass(frozen=True, slots=True)
class Resolved:
    """An escalation that is resolved, and the decision that granted it (None where it was refused)."""

    escalation: Escalation
    decision: StoredDecision | None


Render = Callable[[Resolved], str]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What whoever resolves wants: `agent` is their own reference.

    `amount` (a decimal string) grants another sum than was asked; `facts` are raw facts found out since,
    beside or instead of those of the request.
    """

    result: object
    agent: object
    note: object = None
    amount: object = None
    facts: Mapping[str, object] | None = None


def resolve(
    services: Services,
    escalation_id: str,
    resolution: Resolution,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
) -> Reply:
    """Resolve an escalation that is open; of two who do so at once, one does.

    Raises:
        NotFound: there is no such escalation.
        InvalidRequest: fields at fault.
        NotAllowed: the agent is outside the key's binding, or asked for it itself.
        BeyondAuthority: the resolver may not grant it either; it stays open.
        EscalationResolved: somebody resolved it before.
        IdempotencyKeyReused, UnknownAgent, NoRulebookInForce, LogUnavailable: as a decision.
    """
    started = perf_counter()
    agent, result, note = _checked(resolution)
    settle.end_due_holds(services, most=settle.MOST_ON_THE_WAY)
    now = services.clock.now()
    idempotency = idempotency.under(services.pseudonyms)
    resolver = services.pseudonyms.reference(PersonalKind.AGENT, agent)
    sealed = None if note is None else services.pseudonyms.seal(note)

    def work(conn: Connection) -> tuple[Reply, Resolved | None]:
        earlier = replies.find(conn, actor.id, idempotency)
        if earlier is not None:
            return earlier, None
        asked = _open(conn, escalation_id, resolver.pseudonym, actor)
        _require_resolver(conn, services, agent, actor)
        granted = (
            _grant(conn, services, asked, resolution, agent, note, actor, now) if result is Result.GRANTED else None
        )
        escalations.resolve(
            conn,
            escalation_id,
            result,
            by=resolver.pseudonym,
            at=now,
            note=sealed.seal if sealed else None,
            result_decision_id=granted.id if granted else None,
        )
        texts = (sealed,) if sealed else ()
        kept.keep_now(conn, Personal((resolver,), texts), now=now, decision_id=asked.id)
        resolved = Resolved(escalations.get(conn, escalation_id), granted)
        reply = Reply(OK, render(resolved), decision_id=asked.id)
        writes = Writes()
        replies.keep(writes, actor.id, idempotency, reply, now)
        with replies.keeping():
            writes.run(conn)
        return reply, resolved

    try:
        reply, resolved = in_transaction(services.db, work)
    except KeyTaken:
        reply, resolved = in_transaction(services.db, work)  # the other's answer is kept by now
    if resolved is not None and resolved.decision is not None:
        request.notify(services, resolved.decision, perf_counter() - started)
    return reply


def _checked(resolution: Resolution) -> tuple[str, Result, str | None]:
    """Agent, result and note; what belongs to a grant is refused beside a refusal."""
    errors: list[FieldError] = []
    try:
        agent = a_reference("agent", resolution.agent)
    except InvalidRequest as refused:
        agent, errors = "", [*errors, *refused.errors]
    try:
        note = None if resolution.note is None else a_text("note", resolution.note, lines=True)
    except InvalidRequest as refused:
        note, errors = None, [*errors, *refused.errors]
    if resolution.result not in [result.value for result in Result]:
        errors.append(FieldError("result", "expected granted or refused."))
    elif resolution.result == Result.REFUSED:
        errors += [
            FieldError(name, "belongs to a grant; leave it out.")
            for name, value in (("amount", resolution.amount), ("facts", resolution.facts))
            if value is not None
        ]
        if not (note or "").strip():
            errors.append(FieldError("note", "is required where a case is refused: say why."))
    if errors:
        raise InvalidRequest(errors)
    return agent, Result(str(resolution.result)), note


def _open(conn: Connection, escalation_id: str, agent: str, actor: ApiKey) -> StoredDecision:
    """The decision whose escalation is open and locked, asked for by somebody else than `agent` (a pseudonym)."""
    escalation = escalations.get(conn, escalation_id, lock=True, among=ids_of_own(actor))
    asked = log.read(conn, escalation.decision_id)
    if escalation.status is not EscalationStatus.OPEN:
        raise EscalationResolved(escalation_id, escalation.resolved_at)
    if asked.request.agent == agent:
        raise NotAllowed("Nobody resolves what they asked for themselves. Have a colleague do it.", field="agent")
    return asked


def _require_resolver(conn: Connection, services: Services, agent: str, actor: ApiKey) -> None:
    acting.registered(conn, agent, actor, services.settings.unknown_agents)


def _grant(
    conn: Connection,
    services: Services,
    asked: StoredDecision,
    resolution: Resolution,
    agent: str,
    note: str | None,
    actor: ApiKey,
    now: datetime,
) -> StoredDecision:
    """The resolver's own decision; anything but an allow undoes the whole transaction."""

    original = unmasked(conn, asked.request)

    def under(rulebook: Rulebook) -> Request:
        still_valid(original, rulebook)
        return _resolvers_request(original, resolution, agent, note, rulebook)

    # Whoever resolves has looked into the case: what it rests on is verified by them, not only stated by the asker.
    about = Subjects(original.customer, original.order)
    wanted = Wanted(under, agent, actor, now, now, vouched=True, about=about)
    decided = request.decide_and_hold(conn, services, wanted)
    if decided.decision.outcome is not Outcome.ALLOW:
        to = decided.decision.escalate_to
        raise BeyondAuthority(decided.decision.because[0].text.en, to.to if to else None)
    return decided


def _resolvers_request(
    original: Request, resolution: Resolution, agent: str, note: str | None, rulebook: Rulebook
) -> Request:
    """What was asked, asked by the resolver: with the sum they grant, and what was found out since."""
    amount = original.amount_minor
    if resolution.amount is not None:
        if not rulebook.remedies[original.remedy].has_amount:
            raise FieldProblem("amount", f"must be left out: {original.remedy} has no sum.")
        amount = a_sum("amount", resolution.amount, original.currency, zero=False)
    found = validate_facts(resolution.facts or {}, rulebook, original.currency)
    return replace(
        original,
        agent=agent,
        amount_minor=amount,
        justification=note or None,
        facts={**original.facts, **found},
    )
