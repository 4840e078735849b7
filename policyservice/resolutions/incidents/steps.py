"""What every step on an incident shares: who may, once per key, with its row in the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from policyservice.access.authority import is_bound
from policyservice.access.keys import ApiKey
from policyservice.cases import incident_cases, incident_events, incidents
from policyservice.cases.incident_cases import Counts
from policyservice.cases.incident_events import Event
from policyservice.cases.incidents import ENDED, Incident
from policyservice.decisions import acting
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.domain.errors import NotAllowed, WrongState
from policyservice.domain.pseudonyms import PersonalKind, SealedText
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions.keyed import once_per_key

OK, CREATED = 200, 201


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


def require_whole(actor: ApiKey) -> None:
    """An incident is the whole company's: a key that acts for some of it alone does not decide about it.

    Raises:
        NotAllowed: the key is bound to agents or teams.
    """
    if is_bound(actor):
        raise NotAllowed("An incident is the whole company's; this key acts for some agents or teams alone.")


def going_on(conn: Connection, incident_id: str) -> Incident:
    """An incident, locked.

    Raises:
        NotFound: there is none.
        WrongState: it has ended.
    """
    incident = incidents.get(conn, incident_id, lock=True)
    if incident.status in ENDED:
        raise WrongState(incident_id, incident.status.value, incident.changed_at, "It has ended; open a new one.")
    return incident


Work = Callable[[Connection, str, str | None], tuple[Incident, Event]]
"""Does a step for whoever does it, by pseudonym, with the seal of their note: the incident after it, and what
happened.
"""


def do_step(
    services: Services,
    call: Call,
    work: Work,
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
