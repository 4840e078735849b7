"""A case that does not belong to an incident is taken out of it again, and stands for itself.

Its escalations are back in the queue, its reporter is told, and neither a rule nor a decision links it again; linking
it by hand does. What has its remedy through the incident stays in it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, or_, select, true

from policyservice.access.keys import ApiKey
from policyservice.cases import incident_cases, incident_events, incidents
from policyservice.cases.incident_cases import Link
from policyservice.cases.incident_events import Event, EventKind
from policyservice.cases.incidents import Incident, State
from policyservice.db import tables
from policyservice.decisions import acting, compensation
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.sight import ids_of_own, own
from policyservice.domain.errors import NotFound, WrongState
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions import incident_queue, messages
from policyservice.resolutions.checking import Checking
from policyservice.resolutions.keyed import once_per_key

_HAS_IT = (
    "The case has its remedy through it. Where that was wrong, void or reverse the decision that gave it, and take the "
    "case out then. What else the case needs is asked for in it, and answered by itself."
)


def unlink(
    services: Services,
    incident_id: str,
    case: object,
    actor: ApiKey,
    idempotency: Idempotency,
    body: str,
    *,
    agent: object,
    note: object,
) -> Reply:
    """Take a case out; one that was taken out before stays as it is, with what was said of it then.

    Raises:
        NotFound: there is no such incident, or the case was never linked to it; for a key that is bound, also where
            neither a decision of its own led to the link, nor one of its agents made it.
        InvalidRequest, NotAllowed, UnknownAgent, IdempotencyKeyReused, LogUnavailable: as a decision.
        WrongState: the case has the remedy, or the incident was dismissed.
    """
    check = Checking()
    ref, why = check.reference("agent", agent) or "", check.text("note", note, required="say why it does not belong.")
    plain = check.reference("case", case) or ""
    check.done()
    now = services.clock.now()
    by = services.pseudonyms.reference(PersonalKind.AGENT, ref)
    named = services.pseudonyms.of(PersonalKind.CASE, plain)
    sealed = services.pseudonyms.seal(why or "")

    def work(conn: Connection) -> Reply:
        acting.registered(conn, ref, actor, services.settings.unknown_agents)
        incidents.get(conn, incident_id)
        link = incident_cases.last(conn, incident_id, named, seen(actor))  # first, as a roll-out locks it
        if link is None:
            raise NotFound("case", plain)
        incident = incidents.get(conn, incident_id, lock=True)
        if link.belongs:
            _require_free(conn, incident, link)
            incident_cases.take_out(conn, link, at=now, by=by.pseudonym, note=sealed.seal)
            _see_to(conn, incident, link, now)
            incident_events.append(conn, incident_id, Event(EventKind.UNLINK, now, by.pseudonym), actor.id)
            kept.keep_now(conn, Personal((by,), (sealed,)), now=now)
        return Reply(200, body)

    return once_per_key(services, actor, idempotency, work)


def seen(key: ApiKey) -> ColumnElement[bool]:
    """The links that a key may see: all, or where it is bound those found through decisions of its own, and those that
    its agents, or agents of its teams, made by hand.
    """
    ids = ids_of_own(key)
    if ids is None:
        return true()
    link, reference, agent = tables.incident_case.c, tables.personal_reference, tables.agent
    makers = (
        select(reference.c.pseudonym, reference.c.pseudonym.label("agent"), agent.c.team)
        .select_from(reference.outerjoin(agent, agent.c.ref == reference.c.plain))
        .where(reference.c.kind == PersonalKind.AGENT.value)
        .subquery("maker")
    )
    made = exists().where(makers.c.pseudonym == link.linked_by, own(key, makers))
    return or_(link.decision_id.in_(ids), made)


def _require_free(conn: Connection, incident: Incident, link: Link) -> None:
    if incident.status is State.DISMISSED:
        instead = "Each of its cases stands for itself already."
        raise WrongState(incident.id, incident.status.value, incident.changed_at, instead)
    remedy = incident.remedy
    if link.outcome is None or remedy is None:
        return
    if compensation.was_given(conn, incident.id, remedy.remedy, incident.began_at, link.case, link.customer):
        raise WrongState(incident.id, incident.status.value, incident.changed_at, _HAS_IT)


def _see_to(conn: Connection, incident: Incident, link: Link, now: datetime) -> None:
    """The case stands for itself: whoever waits for an answer gets one, and hears of it."""
    incident_queue.give_back(conn, incident.id, now, case=link.case)
    messages.tell_unlinked(conn, incident, link, now)
