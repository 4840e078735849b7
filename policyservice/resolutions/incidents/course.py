"""The course of an incident: it is opened, and moves from state to state."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from policyservice.cases import incidents
from policyservice.cases.incident_events import Event, EventKind
from policyservice.cases.incidents import TRANSITIONS, Incident, State
from policyservice.decisions.replies import Reply
from policyservice.decisions.services import Services
from policyservice.decisions.values import a_text
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest, WrongState
from policyservice.resolutions import incident_queue, linking
from policyservice.resolutions.authority import rulebook_now
from policyservice.resolutions.checking import Checking
from policyservice.resolutions.incident_rules import LONGEST, IncidentRule
from policyservice.resolutions.incidents.steps import CREATED, Call, do_step, require_whole

LONGEST_TITLE = 200


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

    return do_step(services, call, work, ref, text, now, status=CREATED)


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
            incident_queue.give_back(conn, incident_id, now)
        after = replace(before, status=state, changed_at=now)
        incidents.save(conn, after)
        return after, Event(EventKind.STATE, now, by, before.status.value, state.value, note=note_seal)

    return do_step(services, call, work, ref, text, now)


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
