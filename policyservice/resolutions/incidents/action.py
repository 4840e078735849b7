"""What is done about an incident, by whom, by when."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from policyservice.cases import incidents
from policyservice.cases.incident_events import Event, EventKind
from policyservice.cases.incidents import Action, Incident
from policyservice.decisions import acting
from policyservice.decisions.replies import Reply
from policyservice.decisions.services import Services
from policyservice.domain.errors import FieldError, FieldProblem
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.resolutions.checking import Checking
from policyservice.resolutions.incidents.steps import Call, do_step, going_on, require_whole


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
        before = going_on(conn, incident_id)
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

    return do_step(services, call, work, ref, text, now, also=owned_by)
