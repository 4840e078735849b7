"""Incidents are opened, change their state, get one corrective action and one remedy for all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from policyservice.access.authority import is_bound
from policyservice.access.keys import ApiKey
from policyservice.cases import incident_cases, incident_events, incidents
from policyservice.cases.incident_cases import Counts
from policyservice.cases.incident_events import Event, EventKind
from policyservice.cases.incidents import ENDED, TRANSITIONS, Action, Incident, SharedRemedy, State
from policyservice.decisions import acting, compensation
from policyservice.decisions.given_facts import validate_facts
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.values import a_sum, a_text
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest, NotAllowed, WrongState
from policyservice.domain.money import exponent
from policyservice.domain.pseudonyms import PersonalKind, SealedText
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions import linking
from policyservice.resolutions.authority import rulebook_now
from policyservice.resolutions.checking import Checking
from policyservice.resolutions.incident_rules import LONGEST, IncidentRule
from policyservice.resolutions.keyed import once_per_key

OK, CREATED = 200, 201
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """An incident with what happened to it and how many cases it is behind."""

    incident: Incident
    counts: Counts
    events: tuple[Event, ...]


Render = Callable[[Told], str]


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, under which key, and how the answer is written."""

    actor: ApiKey
    idempotency: Idempotency
    render: Render


def read(conn: Connection, incident_id: str) -> Told:
    """One incident.

    Raises:
        NotFound: there is none.
    """
    incident = incidents.get(conn, incident_id)
    counts = incident_cases.counts(conn, [incident_id]).get(incident_id, Counts())
    return Told(incident, counts, incident_events.of_incident(conn, incident_id))


def open_incident(
    services: Services,
    call: Call,
    *,
    agent: object,
    title: object,
    reason: object,
    began_at: object = None,
    rule: object = None,
    rule_until: object = None,
    note: object = None,
) -> Reply:
    """Open an incident. With a rule the decisions from `began_at` on that it holds for are linked, those there already
    too.

    Raises:
        InvalidRequest: fields at fault.
        NotAllowed: the key is bound: an incident is the whole company's.
        UnknownAgent, IdempotencyKeyReused, NoRulebookInForce, LogUnavailable: as a decision.
    """
    require_whole(call.actor)
    now = services.clock.now()
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note)
    named = _titled(check, title)
    about = check.reference("reason", reason) or ""
    began = now if began_at is None else check.instant("began_at", began_at) or now
    until = None if rule_until is None else check.instant("rule_until", rule_until)
    condition = None if rule is None else _a_rule(check, rule)
    if began > now:
        check.note(FieldError("began_at", "lies ahead."))
    if until is not None and (condition is None or until <= began):
        check.note(FieldError("rule_until", "belongs beside a rule, and must be later than began_at."))
    check.done()
    incident_id = services.ids.new("inc")

    def work(conn: Connection, by: str, note_seal: str | None) -> tuple[Incident, Event]:
        rulebook = rulebook_now(conn, services)
        if about not in rulebook.reasons:
            raise FieldProblem("reason", f"expected one of {', '.join(sorted(rulebook.reasons))}.")
        if condition is not None:
            IncidentRule.read(condition, rulebook)
        through = linking.last_before(conn, began)
        opened = Incident(
            incident_id, named, about, State.OPEN, began, now, now, condition, until, linked_through=through
        )
        incidents.add(conn, opened)
        return opened, Event(EventKind.OPEN, now, by, None, State.OPEN.value, {"title": named}, note_seal)

    return _do(services, call, work, ref, text, now, status=CREATED)


def transition(services: Services, call: Call, incident_id: str, *, agent: object, to: object, note: object) -> Reply:
    """Move an incident to another state; every reporter is told of it.

    What is dismissed was none: the escalations that it had taken out of the queue are back in it.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent: as `open_incident`.
        WrongState: that state cannot follow the one it is in.
    """
    require_whole(call.actor)
    now = services.clock.now()
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note)
    if to not in [state.value for state in State]:
        check.note(FieldError("to", f"expected one of {', '.join(State)}."))
    check.done()
    state = State(str(to))

    def work(conn: Connection, by: str, note_seal: str | None) -> tuple[Incident, Event]:
        before = incidents.get(conn, incident_id, lock=True)
        if state not in TRANSITIONS[before.status]:
            following = ", ".join(sorted(TRANSITIONS[before.status]))
            instead = f"It may become {following}." if following else "It has ended; open a new one."
            raise WrongState(incident_id, before.status.value, before.changed_at, instead)
        if state is State.DISMISSED:
            linking.give_back(conn, services, incident_id, now)
        after = replace(before, status=state, changed_at=now)
        incidents.save(conn, after)
        return after, Event(EventKind.STATE, now, by, before.status.value, state.value, note=note_seal)

    return _do(services, call, work, ref, text, now)


def act(
    services: Services,
    call: Call,
    incident_id: str,
    *,
    agent: object,
    what: object = None,
    owner: object = None,
    due_at: object = None,
    done: object = None,
    note: object = None,
) -> Reply:
    """Say what is done about it, by whom, by when; or that it is done (`done`).

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent: as `open_incident`; the owner must be registered, too.
        WrongState: it has ended.
    """
    require_whole(call.actor)
    now = services.clock.now()
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note)
    planned = (what, owner, due_at)
    if (done is True) == any(value is not None for value in planned):
        check.note(FieldError("what", "give what, owner and due_at; or done alone."))
    action: Action | None = None
    owned_by = ""
    if done is not True:
        words = check.text("what", what, required="say what is done about it.") or ""
        owned_by = check.reference("owner", owner) or ""
        due = check.instant("due_at", due_at)
        if due is not None and due <= now:
            check.note(FieldError("due_at", "has passed."))
        action = Action(words, services.pseudonyms.of(PersonalKind.AGENT, owned_by), due or now)
    check.done()

    def work(conn: Connection, by: str, note_seal: str | None) -> tuple[Incident, Event]:
        before = _going_on(conn, incident_id)
        planned = action
        if planned is None:
            if before.action is None or before.action.done_at is not None:
                raise FieldProblem("done", "there is no action that is not done.")
            planned = replace(before.action, done_at=now)
        else:
            acting.registered(conn, owned_by, call.actor, None)
        after = replace(before, action=planned)
        incidents.save(conn, after)
        body = {"what": planned.what, "owner": planned.owner, "due_at": planned.due_at.isoformat()}
        return after, Event(
            EventKind.ACTION, now, by, body={**body, "done": planned.done_at is not None}, note=note_seal
        )

    return _do(services, call, work, ref, text, now, also=owned_by)


def set_remedy(
    services: Services,
    call: Call,
    incident_id: str,
    *,
    agent: object,
    remedy: object,
    amount: object,
    currency: object,
    budget: object,
    facts: Mapping[str, object] | None = None,
    note: object = None,
) -> Reply:
    """Say what everybody gets alike, and how much it may cost in all; `facts` hold for every case.

    It may be changed, as long as nothing of it was given: then only the budget may be.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent: as `open_incident`.
        WrongState: nobody confirmed it, or it has ended.
    """
    require_whole(call.actor)
    now = services.clock.now()
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note)
    name = check.reference("remedy", remedy) or ""
    if not isinstance(currency, str):
        check.note(FieldError("currency", "expected an ISO 4217 code such as 'EUR'."))
    check.done()
    sums = _sums({"amount": amount, "budget": budget}, str(currency))
    if sums["budget"] < sums["amount"]:
        raise FieldProblem("budget", "is less than the remedy of one case.")

    def work(conn: Connection, by: str, note_seal: str | None) -> tuple[Incident, Event]:
        before = _going_on(conn, incident_id)
        if before.status is State.OPEN:
            raise WrongState(incident_id, before.status.value, before.changed_at, "Confirm it first.")
        rulebook = rulebook_now(conn, services)
        known = rulebook.remedies.get(name)
        if known is None or not known.has_amount:
            with_sums = sorted(each.name for each in rulebook.remedies.values() if each.has_amount)
            raise FieldProblem("remedy", f"expected one of {', '.join(with_sums)}.")
        found = validate_facts(facts or {}, rulebook, str(currency))
        shared = SharedRemedy(name, sums["amount"], str(currency), sums["budget"], found, now)
        _require_alike(conn, before, shared)
        after = replace(before, remedy=shared)
        incidents.save(conn, after)
        body = {
            "remedy": name,
            "amount_minor": shared.amount_minor,
            "currency": shared.currency,
            "budget_minor": shared.budget_minor,
        }
        return after, Event(EventKind.REMEDY, now, by, body=body, note=note_seal)

    reply = _do(services, call, work, ref, text, now)
    compensation.forget(services.db)
    return reply


def require_whole(actor: ApiKey) -> None:
    """An incident is the whole company's: a key that acts for some of it alone does not decide about it.

    Raises:
        NotAllowed: the key is bound to agents or teams.
    """
    if is_bound(actor):
        raise NotAllowed("An incident is the whole company's; this key acts for some agents or teams alone.")


def _require_alike(conn: Connection, before: Incident, shared: SharedRemedy) -> None:
    counts = incident_cases.counts(conn, [before.id]).get(before.id, Counts())
    if before.remedy is None or counts.given == 0:
        return
    same = replace(before.remedy, budget_minor=shared.budget_minor, set_at=shared.set_at)
    if same != shared:
        raise FieldProblem(
            "remedy", "was given to some already, and everybody gets the same; only the budget may change."
        )


def _going_on(conn: Connection, incident_id: str) -> Incident:
    incident = incidents.get(conn, incident_id, lock=True)
    if incident.status in ENDED:
        raise WrongState(incident_id, incident.status.value, incident.changed_at, "It has ended; open a new one.")
    return incident


def _titled(check: Checking, title: object) -> str:
    try:
        words = a_text("title", title, LONGEST_TITLE)
    except InvalidRequest as refused:
        check.note(refused.errors[0])
        return ""
    if not words.strip():
        check.note(FieldError("title", "is required: say in a few words what happened."))
    return words


def _a_rule(check: Checking, rule: object) -> str | None:
    try:
        return a_text("rule", rule, LONGEST, lines=True)
    except InvalidRequest as refused:
        check.note(refused.errors[0])
        return None


def _sums(given: Mapping[str, object], currency: str) -> dict[str, int]:
    exponent(currency)
    errors: list[FieldError] = []
    found: dict[str, int] = {}
    for name, value in given.items():
        try:
            found[name] = a_sum(name, value, currency, zero=False)
        except InvalidRequest as refused:
            errors += refused.errors
    if errors:
        raise InvalidRequest(errors)
    return found


_Work = Callable[[Connection, str, str | None], tuple[Incident, Event]]


def _do(
    services: Services,
    call: Call,
    work: _Work,
    agent: str,
    note: str | None,
    now: datetime,
    *,
    also: str = "",
    status: int = OK,
) -> Reply:
    """Do a step once per key, with its row in the history and what is kept of persons."""
    sealed: SealedText | None = services.pseudonyms.seal(note) if note else None
    named = tuple(services.pseudonyms.reference(PersonalKind.AGENT, ref) for ref in (agent, also) if ref)

    def done(conn: Connection) -> Reply:
        acting.registered(conn, agent, call.actor, None)
        incident, event = work(conn, named[0].pseudonym, sealed.seal if sealed else None)
        incident_events.append(conn, incident.id, event, call.actor.id)
        kept.keep_now(conn, Personal(named, (sealed,) if sealed else ()), now=now)
        return Reply(status, call.render(read(conn, incident.id)))

    return once_per_key(services, call.actor, call.idempotency, done)


def listed(conn: Connection, found: list[Incident]) -> list[tuple[Incident, Counts]]:
    """Incidents with their counts."""
    counts: dict[str, Any] = incident_cases.counts(conn, [incident.id for incident in found])
    return [(incident, counts.get(incident.id, Counts())) for incident in found]
