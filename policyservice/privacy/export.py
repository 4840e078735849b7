"""Everything that is held about a person, as one JSON document."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from policyservice.access import agents
from policyservice.cases import (
    contacts,
    escalation_events,
    escalations,
    incident_cases,
    incident_events,
    objections,
    outcomes,
    promises,
    verified,
)
from policyservice.cases.escalations import Escalation
from policyservice.db import tables
from policyservice.decisions import log
from policyservice.decisions.codec import encode
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.services import Services
from policyservice.decisions.values import a_reference
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.limits import grants
from policyservice.personal.shown import references, shown, texts
from policyservice.privacy.about import Person

_OF_CUSTOMERS = frozenset(PersonalKind) - {PersonalKind.AGENT}
_OF_AGENTS: frozenset[PersonalKind] = frozenset()  # its own stands in `person`; those of its customers are not its own


def export(services: Services, kind: PersonalKind, reference: str) -> dict[str, Any]:
    """Decisions, reservations, escalations, contacts, promises, outcomes, objections, incidents, texts, verified facts,
    grants, the register, erasures; amounts in minor units.

    References of others stay pseudonyms: in a customer's document those of agents, in an agent's those of customers
    and colleagues.

    Raises:
        FieldProblem: the reference cannot be read.
        LogUnavailable: the database does not answer.
    """
    plain = a_reference("reference", reference)
    person = Person(kind, services.pseudonyms.of(kind, plain))
    kinds = _OF_AGENTS if kind is PersonalKind.AGENT else _OF_CUSTOMERS
    with services.db.reading() as conn:
        kept = references(conn, [person.pseudonym]).get(person.pseudonym)
        document = {
            "person": {"kind": kind.value, "pseudonym": person.pseudonym, "reference": kept},
            "decisions": [_decision(conn, stored) for stored in log.where(conn, person.decided)],
            "contacts": [encode(each) for each in contacts.where(conn, person.said(tables.contact))],
            "promises": _promises(conn, person),
            "verified": _verified(conn, person),
            "outcomes": [encode(one) for one in outcomes.where(conn, person.heard)],
            "objections": [encode(one) for one in objections.where(conn, person.objected)],
            "incidents": _incidents(conn, person),
            "erasures": _erasures(conn, person),
        }
        if kind is PersonalKind.AGENT:
            document |= _as_agent(conn, person, kept or plain)
        return _shown(conn, document, kinds)


def _shown(conn: Connection, document: dict[str, Any], kinds: Collection[PersonalKind]) -> dict[str, Any]:
    whole: dict[str, Any] = shown(conn, document, kinds)
    return whole


def _decision(conn: Connection, stored: StoredDecision) -> dict[str, Any]:
    answer = encode(stored.decision)
    return {
        "id": stored.id,
        "at": stored.context.now.isoformat(),
        "logged_at": stored.logged_at.isoformat(),
        "request": encode(stored.request),
        "sources": {name: encode(source) for name, source in stored.context.sources.items()},
        "answer": answer,
        "reservation": {
            "status": stored.status.value,
            "standing_minor": stored.standing_minor,
            "currency": stored.decision.currency,
            "expires_at": stored.expires_at.isoformat() if stored.expires_at else None,
        },
        "entries": [encode(entry) for entry in stored.entries],
        "escalation": _escalation(conn, stored.escalation) if stored.escalation else None,
    }


def _promises(conn: Connection, person: Person) -> list[dict[str, Any]]:
    made = promises.where(conn, person.said(tables.promise))
    steps = promises.steps_of(conn, [promise.id for promise in made])
    return [encode(promise) | {"steps": [encode(step) for step in steps[promise.id]]} for promise in made]


def _verified(conn: Connection, person: Person) -> list[dict[str, Any]]:
    subjects = conn.execute(person.verified()).scalars().all()
    return [{"of": subject, **said.as_json()} for subject, said in verified.of(conn, subjects).items()]


def _escalation(conn: Connection, escalation: Escalation) -> dict[str, Any]:
    events = escalation_events.of_escalations(conn, [escalation.id]).get(escalation.id, ())
    return {**encode(escalation), "history": [encode(event) for event in events]}


def _incidents(conn: Connection, person: Person) -> list[dict[str, Any]]:
    """The links of incidents to the person's cases; an agent's are those it made or took out, with what it wrote."""
    links = incident_cases.where(conn, person.linked)
    if person.kind is PersonalKind.AGENT:
        links = [link if link.unlinked_by == person.pseudonym else replace(link, note=None) for link in links]
    return [encode(link) for link in links]


def _erasures(conn: Connection, person: Person) -> list[dict[str, Any]]:
    table = tables.erasure
    rows = conn.execute(select(table).where(table.c.pseudonym == person.pseudonym).order_by(table.c.seq)).all()
    reasons = texts(conn, {row.because for row in rows})
    return [
        {
            "at": row.at.isoformat(),
            "references": row.reference_count,
            "texts": row.text_count,
            "because": reasons.get(row.because),
        }
        for row in rows
    ]


def _measures(conn: Connection, person: Person) -> list[dict[str, Any]]:
    table = tables.cause_measure
    rows = conn.execute(select(table).where(person.measured).order_by(table.c.seq)).all()
    return [
        {
            "id": row.id,
            "reason": row.reason,
            "taken_on": row.taken_on,
            "owner": row.owner,
            "agent": row.agent,
            "at": row.at.isoformat(),
            "note": row.note,
        }
        for row in rows
    ]


def _as_agent(conn: Connection, person: Person, ref: str) -> dict[str, Any]:
    """What is held of an agent beside its decisions: the register, the grants, what it resolved."""
    registered = agents.get(conn, ref)
    trusted = grants.of_agent(conn, person.pseudonym)
    reasons = texts(conn, {grant.reason for grant in trusted})
    return {
        "register": encode(registered) if registered else None,
        "grants": [encode(grant) | {"reason": reasons.get(grant.reason)} for grant in trusted],
        "resolved": [encode(one) for one in escalations.resolved_by(conn, person.pseudonym)],
        "worked_on": [
            {"escalation": escalation_id, **encode(event)}
            for escalation_id, event in escalation_events.by_agent(conn, person.pseudonym)
        ],
        "incident_steps": [
            {
                "incident": incident_id,
                "kind": event.kind.value,
                "at": event.at.isoformat(),
                "about": dict(event.body),
                "note": event.note,
            }
            for incident_id, event in incident_events.by_agent(conn, person.pseudonym)
        ],
        "measures": _measures(conn, person),
    }
