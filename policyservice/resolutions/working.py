"""Steps on an escalation before it is answered: taken, handed on, the customer spoken with; withdrawn; corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import escalation_events, escalations
from policyservice.cases.escalation_events import Effort, Event, EventKind, Work
from policyservice.cases.escalations import Escalation, Result
from policyservice.decisions import acting, log
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.sight import ids_of_own
from policyservice.domain.errors import FieldError, FieldProblem
from policyservice.domain.pseudonyms import PersonalKind, SealedText
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions import announcing, authority
from policyservice.resolutions.checking import MOST_CONTACTS, MOST_MINUTES, Checking
from policyservice.resolutions.effort import work_of
from policyservice.resolutions.keyed import once_per_key
from policyservice.resolutions.rising import stands_above
from policyservice.rulebook.model import Rulebook

OK = 200
MOST_WAITING_MINUTES = 5_256_000
"""Ten years."""
MOST_TIERS = 20


@dataclass(frozen=True, slots=True)
class Worked:
    """An escalation with what happened to it, and the decision that opened it."""

    escalation: Escalation
    asked: StoredDecision
    events: tuple[Event, ...]

    @property
    def effort(self) -> Effort:
        """What it took so far."""
        return escalation_events.effort(self.events)


Render = Callable[[Worked], str]


@dataclass(frozen=True, slots=True)
class Step:
    """Who calls, about which escalation, under which key, and how the answer is written."""

    escalation_id: str
    actor: ApiKey
    idempotency: Idempotency
    render: Render


def read(conn: Connection, escalation_id: str, actor: ApiKey) -> Worked:
    """One escalation with what happened to it.

    Raises:
        NotFound: there is none, or the key may not see it.
    """
    return _worked(conn, escalations.get(conn, escalation_id, among=ids_of_own(actor)))


def take(services: Services, step: Step, *, agent: object, note: object = None) -> Reply:
    """Have an escalation in hand, so that nobody else begins on it; taking what one has changes nothing.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent, NotYourLevel, EscalationResolved, EscalationTaken: as
            `escalations.resolve`.
    """
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note)
    check.done()

    def work(conn: Connection, now: datetime, sealed: SealedText | None) -> tuple[StoredDecision, Event | None]:
        escalation, asked = authority.open_and_locked(conn, step.escalation_id, step.actor)
        view = authority.require_colleague(conn, services, asked, ref, step.actor)
        authority.require_level(conn, services, asked, view)
        own = services.pseudonyms.of(PersonalKind.AGENT, ref)
        authority.require_free(conn, escalation, own)
        if escalation.holder == own:
            return asked, None
        escalations.take(conn, escalation.id, own, now)
        return asked, Event(EventKind.TAKE, now, escalation.tier, own, holder=own, note=_seal(sealed))

    return _do(services, step, work, text, ref)


def hand_on(
    services: Services,
    step: Step,
    *,
    agent: object,
    to: object = None,
    to_agent: object = None,
    note: object = None,
    minutes: object = None,
    contacts: object = None,
) -> Reply:
    """Hand an escalation on: to another level or name of the rulebook, or into a colleague's hands.

    Whoever stands on the level it is for may do so, also where somebody else has it in hand: nobody's absence keeps a
    customer waiting. When the customer was promised an answer stays as it is. What goes to a level above every one that
    it was for reaches the next tier, as if it had risen.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent, NotYourLevel, EscalationResolved: as `escalations.resolve`.
    """
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note, required="say what is known so far.")
    if (to is None) == (to_agent is None):
        check.note(FieldError("to", "name a level or a name of the rulebook, or else a colleague as to_agent."))
    to_name = None if to is None else check.reference("to", to)
    colleague = None if to_agent is None else check.reference("to_agent", to_agent)
    stated = check.stated(minutes, contacts)
    check.done()

    def work(conn: Connection, now: datetime, sealed: SealedText | None) -> tuple[StoredDecision, Event | None]:
        escalation, asked = authority.open_and_locked(conn, step.escalation_id, step.actor)
        view = authority.require_colleague(conn, services, asked, ref, step.actor)
        authority.require_level(conn, services, asked, view)
        own = services.pseudonyms.of(PersonalKind.AGENT, ref)
        done = work_of(escalation, own, now, stated)
        holder = None
        if colleague is not None:
            other = authority.require_colleague(conn, services, asked, colleague, step.actor)
            authority.require_level(conn, services, asked, other)
            holder = services.pseudonyms.of(PersonalKind.AGENT, colleague)
        if to_name is not None:
            level = escalation.level + _goes_higher(conn, services, asked, escalation, to_name)
            escalations.direct(conn, escalation.id, to_name, level=level, rises_at=escalation.rises_at)
        escalations.take(conn, escalation.id, holder, now if holder else None)
        return asked, Event(
            EventKind.HAND_ON,
            now,
            escalation.tier,
            own,
            was=escalation.to,
            to=to_name or escalation.to,
            holder=holder,
            work=done,
            note=_seal(sealed),
        )

    return _do(services, step, work, text, ref, colleague)


def contact(services: Services, step: Step, *, agent: object, note: object = None, minutes: object = None) -> Reply:
    """Record that the customer was spoken with while waiting: it counts as a contact, and as the minutes stated, which
    are no work of the tier that decides.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent, EscalationResolved: as `escalations.resolve`.
    """
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note)
    stated = check.stated(minutes, None)
    check.done()

    def work(conn: Connection, now: datetime, sealed: SealedText | None) -> tuple[StoredDecision, Event | None]:
        escalation, asked = authority.open_and_locked(conn, step.escalation_id, step.actor)
        acting.registered(conn, ref, step.actor, services.settings.unknown_agents)
        own = services.pseudonyms.of(PersonalKind.AGENT, ref)
        spoken = stated.worked_seconds
        took = Work(contacts=1, is_stated=spoken is not None, spoken_seconds=spoken or 0)
        return asked, Event(EventKind.CONTACT, now, escalation.tier, own, work=took, note=_seal(sealed))

    return _do(services, step, work, text, ref)


def withdraw(services: Services, step: Step, *, agent: object, note: object) -> Reply:
    """Close an escalation whose answer nobody needs any more; nothing is decided, nothing held.

    Whoever asked may do so too: it grants nothing.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent, EscalationResolved: as `escalations.resolve`.
    """
    check = Checking()
    ref = check.reference("agent", agent) or ""
    text = check.text("note", note, required="say why nobody needs the answer any more.")
    check.done()

    def work(conn: Connection, now: datetime, sealed: SealedText | None) -> tuple[StoredDecision, Event | None]:
        escalation, asked = authority.open_and_locked(conn, step.escalation_id, step.actor)
        acting.registered(conn, ref, step.actor, services.settings.unknown_agents)
        own = services.pseudonyms.of(PersonalKind.AGENT, ref)
        done = work_of(escalation, own, now, is_answered=True)
        escalations.resolve(conn, escalation.id, Result.WITHDRAWN, by=own, at=now, note=_seal(sealed))
        announcing.resolved(conn, asked, escalations.get(conn, escalation.id), now)
        return asked, Event(EventKind.WITHDRAW, now, escalation.tier, own, work=done, note=_seal(sealed))

    return _do(services, step, work, text, ref)


def correct(
    services: Services,
    step: Step,
    *,
    agent: object,
    reason: object,
    tier: object = None,
    minutes: object = None,
    contacts: object = None,
    contact_minutes: object = None,
    waiting_minutes: object = None,
) -> Reply:
    """Say what an escalation really took: the figures given are the right ones, what is left out stays.

    What was recorded before stays too: the correction is a further row, with its reason.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent: as `escalations.resolve`; also of one that is resolved.
    """
    check = Checking()
    ref = check.reference("agent", agent) or ""
    text = check.text("reason", reason, required="say what was wrong.")
    at_tier = check.whole("tier", tier, MOST_TIERS, least=2)
    worked = check.whole("minutes", minutes, MOST_MINUTES)
    spoken = check.whole("contacts", contacts, MOST_CONTACTS)
    talked = check.whole("contact_minutes", contact_minutes, MOST_MINUTES)
    waited = check.whole("waiting_minutes", waiting_minutes, MOST_WAITING_MINUTES)
    if minutes is None and contacts is None and contact_minutes is None and waiting_minutes is None:
        check.note(FieldError("minutes", "give minutes, contacts, contact_minutes or waiting_minutes: what is right."))
    if (minutes is None) != (tier is None):
        check.note(FieldError("tier", "belongs beside minutes: whose work they are."))
    check.done()

    def work(conn: Connection, now: datetime, sealed: SealedText | None) -> tuple[StoredDecision, Event | None]:
        escalation = escalations.get(conn, step.escalation_id, lock=True, among=ids_of_own(step.actor))
        acting.registered(conn, ref, step.actor, None)
        before = escalation_events.effort(
            escalation_events.of_escalations(conn, [escalation.id]).get(escalation.id, ())
        )
        of_tier = at_tier or escalation.tier
        if of_tier > escalation.tier:
            raise FieldProblem("tier", f"is above {escalation.tier}, the highest that it reached.")
        change = Work(
            0 if worked is None else worked * 60 - before.worked_seconds.get(of_tier, 0),
            0 if spoken is None else spoken - before.contacts,
            0 if waited is None else waited * 60 - before.waited_seconds,
            is_stated=True,
            spoken_seconds=0 if talked is None else talked * 60 - before.spoken_seconds,
        )
        own = services.pseudonyms.of(PersonalKind.AGENT, ref)
        asked = log.read(conn, escalation.decision_id)
        return asked, Event(EventKind.CORRECT, now, of_tier, own, work=change, note=_seal(sealed))

    return _do(services, step, work, text, ref)


_Work = Callable[[Connection, datetime, SealedText | None], tuple[StoredDecision, Event | None]]


def _do(services: Services, step: Step, work: _Work, text: str | None, *refs: str | None) -> Reply:
    """Do a step once per key, with its row in the history and what is kept of persons."""
    now = services.clock.now()
    sealed = services.pseudonyms.seal(text) if text else None
    named = tuple(services.pseudonyms.reference(PersonalKind.AGENT, ref) for ref in refs if ref)

    def done(conn: Connection) -> Reply:
        asked, event = work(conn, now, sealed)
        if event is not None:
            escalation_events.append(conn, step.escalation_id, event, step.actor.id)
            kept.keep_now(conn, Personal(named, (sealed,) if sealed else ()), now=now, decision_id=asked.id)
        worked = _worked(conn, escalations.get(conn, step.escalation_id))
        return Reply(OK, step.render(worked), decision_id=asked.id)

    return once_per_key(services, step.actor, step.idempotency, done)


def _worked(conn: Connection, escalation: Escalation) -> Worked:
    events = escalation_events.of_escalations(conn, [escalation.id]).get(escalation.id, ())
    return Worked(escalation, log.read(conn, escalation.decision_id), events)


def _goes_higher(conn: Connection, services: Services, asked: StoredDecision, escalation: Escalation, to: str) -> bool:
    """Whether a name of the rulebook stands above every one that an escalation was for, it and those before."""
    rulebook = authority.rulebook_now(conn, services)
    _require_known(rulebook, to)
    events = escalation_events.of_escalations(conn, [escalation.id]).get(escalation.id, ())
    before = {escalation.to, *(name for event in events for name in (event.was, event.to) if name is not None)}
    return all(stands_above(rulebook, asked, to, name) for name in before)


def _require_known(rulebook: Rulebook, to: str) -> None:
    """An escalation for a name that nobody knows would wait for ever."""
    levels = [level.name for level in rulebook.trust_levels]
    beyond = {pack.beyond for pack in rulebook.packs}
    named = {str(effect.to) for rule in rulebook.rules for effect in rule.then if effect.to is not None}
    if to not in {*levels, *beyond, *named}:
        raise FieldProblem("to", f"expected one of {', '.join([*levels, *sorted(beyond | named)])}.")


def _seal(sealed: SealedText | None) -> str | None:
    return sealed.seal if sealed else None
