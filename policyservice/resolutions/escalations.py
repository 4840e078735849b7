"""Resolves an escalation: granted by a decision of the resolver's own, in full, in part or with another remedy, or
refused with a note.

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
from policyservice.cases import escalation_events, escalations
from policyservice.cases.escalation_events import Event, EventKind
from policyservice.cases.escalations import Escalation, Result
from policyservice.decisions import request, settle
from policyservice.decisions.considering import Wanted
from policyservice.decisions.given_facts import validate_facts
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.masking import unmasked
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.validate import still_valid
from policyservice.decisions.values import a_sum
from policyservice.decisions.verified import Subjects
from policyservice.domain.case import Request
from policyservice.domain.decision import Outcome
from policyservice.domain.errors import BeyondAuthority, FieldError, FieldProblem
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions import announcing, authority
from policyservice.resolutions.checking import Checking
from policyservice.resolutions.effort import Stated, work_of
from policyservice.resolutions.keyed import once_per_key
from policyservice.rulebook.model import Rulebook

OK = 200
RESULTS = (Result.GRANTED, Result.OTHER, Result.REFUSED)
"""What can be asked for; that a grant is partial follows from its sum."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """An escalation that is resolved, and the decision that granted it (None where it was refused)."""

    escalation: Escalation
    decision: StoredDecision | None


Render = Callable[[Resolved], str]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What whoever resolves wants: `agent` is their own reference.

    `amount` (a decimal string) grants another sum than was asked, `remedy` another remedy; `facts` are raw facts found
    out since, beside or instead of those of the request. `minutes` is the work it took where that is known better than
    measured, `contacts` how often the customer was spoken with for it.
    """

    result: object
    agent: object
    note: object = None
    amount: object = None
    remedy: object = None
    facts: Mapping[str, object] | None = None
    minutes: object = None
    contacts: object = None


@dataclass(frozen=True, slots=True)
class _Checked:
    agent: str
    result: Result
    note: str | None
    remedy: str | None
    stated: Stated


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
        UnknownAgent: nobody registered the agent.
        BeyondAuthority: the resolver may not grant it either; it stays open.
        NotYourLevel: the resolver may not refuse it either; it stays open.
        EscalationResolved: somebody resolved it before; says who and when.
        EscalationTaken: somebody else has it in hand.
        IdempotencyKeyReused, NoRulebookInForce, LogUnavailable: as a decision.
    """
    started = perf_counter()
    checked = _checked(resolution)
    settle.end_due_holds(services, most=settle.MOST_ON_THE_WAY)
    now = services.clock.now()
    resolver = services.pseudonyms.reference(PersonalKind.AGENT, checked.agent)
    sealed = None if checked.note is None else services.pseudonyms.seal(checked.note)
    granted: StoredDecision | None = None

    def work(conn: Connection) -> Reply:
        nonlocal granted
        escalation, asked = authority.open_and_locked(conn, escalation_id, actor)
        agent = authority.require_colleague(conn, services, asked, checked.agent, actor)
        authority.require_free(conn, escalation, resolver.pseudonym)
        if checked.result is Result.REFUSED:
            authority.require_level(conn, services, asked, agent)
        else:
            granted = _grant(conn, services, asked, resolution, checked, actor, now)
        result = _result(checked.result, asked, granted)
        note = sealed.seal if sealed else None
        escalations.resolve(
            conn,
            escalation_id,
            result,
            by=resolver.pseudonym,
            at=now,
            note=note,
            result_decision_id=granted.id if granted else None,
        )
        done = work_of(escalation, resolver.pseudonym, now, checked.stated, is_answered=True)
        event = Event(EventKind.RESOLVE, now, escalation.tier, resolver.pseudonym, work=done, note=note)
        escalation_events.append(conn, escalation_id, event, actor.id)
        kept.keep_now(conn, Personal((resolver,), (sealed,) if sealed else ()), now=now, decision_id=asked.id)
        resolved = Resolved(escalations.get(conn, escalation_id), granted)
        announcing.resolved(conn, asked, resolved.escalation, now)
        return Reply(OK, render(resolved), decision_id=asked.id)

    reply = once_per_key(services, actor, idempotency, work)
    if granted is not None and not reply.replayed:
        request.notify(services, granted, perf_counter() - started)
    return reply


def _checked(resolution: Resolution) -> _Checked:
    """Agent, result, note and work; what belongs to a grant is refused beside a refusal."""
    check = Checking()
    agent = check.reference("agent", resolution.agent) or ""
    note = check.text("note", resolution.note)
    remedy = None if resolution.remedy is None else check.reference("remedy", resolution.remedy)
    stated = check.stated(resolution.minutes, resolution.contacts)
    result = resolution.result
    if result not in [each.value for each in RESULTS]:
        check.note(FieldError("result", "expected granted, other or refused."))
    if result == Result.REFUSED:
        for name, value in (("amount", resolution.amount), ("facts", resolution.facts), ("remedy", resolution.remedy)):
            if value is not None:
                check.note(FieldError(name, "belongs to a grant; leave it out."))
        if not (note or "").strip():
            check.note(FieldError("note", "is required where a case is refused: say why."))
    if result == Result.GRANTED and resolution.remedy is not None:
        check.note(FieldError("remedy", "is what was asked; for another one the result is other."))
    if result == Result.OTHER and resolution.remedy is None:
        check.note(FieldError("remedy", "is required where another remedy is granted."))
    check.done()
    return _Checked(agent, Result(str(result)), note, remedy, stated)


def _result(wanted: Result, asked: StoredDecision, granted: StoredDecision | None) -> Result:
    """What is recorded: a grant of less than was asked is a partial one."""
    if wanted is not Result.GRANTED or granted is None:
        return wanted
    sums = (granted.request.amount_minor, asked.request.amount_minor)
    is_less = sums[0] is not None and sums[1] is not None and sums[0] < sums[1]
    return Result.PARTIAL if is_less else Result.GRANTED


def _grant(
    conn: Connection,
    services: Services,
    asked: StoredDecision,
    resolution: Resolution,
    checked: _Checked,
    actor: ApiKey,
    now: datetime,
) -> StoredDecision:
    """The resolver's own decision; anything but an allow undoes the whole transaction."""

    original = unmasked(conn, asked.request)

    def under(rulebook: Rulebook) -> Request:
        still_valid(original, rulebook)
        return _resolvers_request(original, resolution, checked, rulebook)

    # Whoever resolves has looked into the case: what it rests on is verified by them, not only stated by the asker.
    about = Subjects(original.customer, original.order)
    wanted = Wanted(under, checked.agent, actor, now, now, vouched=True, about=about)
    decided = request.decide_and_hold(conn, services, wanted)
    if decided.decision.outcome is not Outcome.ALLOW:
        to = decided.decision.escalate_to
        raise BeyondAuthority(decided.decision.because[0].text.en, to.to if to else None)
    return decided


def _resolvers_request(original: Request, resolution: Resolution, checked: _Checked, rulebook: Rulebook) -> Request:
    """What was asked, asked by the resolver: with the remedy and sum they grant, and what was found out since."""
    remedy = checked.remedy or original.remedy
    if remedy not in rulebook.remedies:
        raise FieldProblem("remedy", f"expected one of {', '.join(sorted(rulebook.remedies))}.")
    if checked.remedy == original.remedy:
        raise FieldProblem("remedy", "is what was asked; the result is then granted.")
    found = validate_facts(resolution.facts or {}, rulebook, original.currency)
    return replace(
        original,
        agent=checked.agent,
        remedy=remedy,
        amount_minor=_amount(original, resolution.amount, remedy, rulebook),
        justification=checked.note or None,
        facts={**original.facts, **found},
    )


def _amount(original: Request, amount: object, remedy: str, rulebook: Rulebook) -> int | None:
    has_amount = rulebook.remedies[remedy].has_amount
    if amount is not None:
        if not has_amount:
            raise FieldProblem("amount", f"must be left out: {remedy} has no sum.")
        return a_sum("amount", amount, original.currency, zero=False)
    if remedy == original.remedy:
        return original.amount_minor
    if has_amount:
        raise FieldProblem("amount", f"is required for {remedy}.")
    return None
