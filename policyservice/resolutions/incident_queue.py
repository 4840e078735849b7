"""The queue of escalations, and incidents: they decide for all their cases alike, until one turns out not to belong."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, or_, select

from policyservice.access.keys import ApiKey
from policyservice.cases import escalation_events, escalations, incident_cases
from policyservice.cases.escalation_events import Event, EventKind
from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.cases.incidents import Incident
from policyservice.db import tables
from policyservice.decisions import log
from policyservice.decisions.sight import own
from policyservice.resolutions import announcing
from policyservice.resolutions.effort import work_of

_decision, _escalation = tables.decision, tables.escalation


def take_out(conn: Connection, incident: Incident, case: str, now: datetime, actor: ApiKey | None = None) -> None:
    """Resolve the escalations of a linked case over the incident's reason: the incident decides for all alike.

    Not those of a case that the roll-out has come to: whoever asks for more after that wants an answer of their own.
    """
    if not incident_cases.is_waiting(conn, incident.id, case):
        return
    query = (
        select(_escalation.c.id)
        .join(_decision, _decision.c.id == _escalation.c.decision_id)
        .where(
            _decision.c.case_ref == case,
            _escalation.c.status == EscalationStatus.OPEN.value,
            or_(_decision.c.reason == incident.reason, _decision.c.incident == incident.id),
            own(actor),
        )
        .order_by(_escalation.c.id)
    )
    for escalation_id in conn.execute(query).scalars().all():
        escalation = escalations.get(conn, escalation_id, lock=True)
        if escalation.status is not EscalationStatus.OPEN:
            continue
        done = work_of(escalation, escalation.holder or "", now)
        escalations.resolve(conn, escalation_id, Result.INCIDENT, by=None, at=now, note=None)
        event = Event(EventKind.INCIDENT, now, escalation.tier, to=incident.id, work=done)
        escalation_events.append(conn, escalation_id, event, None)


def give_back(conn: Connection, incident_id: str, now: datetime, *, case: str | None = None) -> None:
    """Put the escalations that an incident took out of the queue last, or those of one case among them, back into it;
    what is late by now rises at once.
    """
    taken = tables.escalation_event
    later = taken.alias("later")
    again = exists().where(
        later.c.escalation_id == taken.c.escalation_id,
        later.c.kind == EventKind.INCIDENT.value,
        later.c.number > taken.c.number,
    )
    query = (
        select(_escalation.c.id)
        .join(taken, taken.c.escalation_id == _escalation.c.id)
        .where(taken.c.kind == EventKind.INCIDENT.value, taken.c.to == incident_id, ~again)
        .where(_escalation.c.result == Result.INCIDENT.value)
        .order_by(_escalation.c.id)
    )
    if case is not None:
        query = query.join(_decision, _decision.c.id == _escalation.c.decision_id).where(_decision.c.case_ref == case)
    for escalation_id in conn.execute(query).scalars().all():
        escalation = escalations.get(conn, escalation_id, lock=True)
        if escalation.result is not Result.INCIDENT:
            continue
        escalations.reopen(conn, escalation, at=now)
        event = Event(EventKind.REOPEN, now, escalation.tier, was=incident_id)
        escalation_events.append(conn, escalation_id, event, None)
        asked = log.read(conn, escalation.decision_id)
        announcing.reopened(conn, asked, escalations.get(conn, escalation_id), now)
