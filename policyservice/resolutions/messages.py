"""One message to every reporter of an incident: when the case is linked, at each change of state, and when the case is
taken out again.

Messages are events that a helpdesk sends in the case they are about. They are added in batches behind the change;
adding them again adds nothing, so work that was broken off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from policyservice.cases import incident_cases, incident_events, incidents
from policyservice.cases.incident_cases import Link
from policyservice.cases.incident_events import Event
from policyservice.cases.incidents import Incident, State
from policyservice.decisions.services import Services
from policyservice.domain.vocabulary import Text
from policyservice.outbox import events

MESSAGE = "incident.message"
ACTION_OVERDUE = "incident.action_overdue"
BATCH = 500

SAY: Mapping[State, Text] = {
    State.OPEN: Text(
        "Thank you for telling us. Others have told us of the same, and we are finding out what it is.",
        "Kiitos, että kerroit. Muutkin ovat kertoneet samasta, ja selvitämme, mistä on kyse.",
    ),
    State.CONFIRMED: Text(
        "We have found what is behind it. You need not do anything; we will tell you how it goes on.",
        "Tiedämme nyt, mistä se johtuu. Sinun ei tarvitse tehdä mitään; kerromme, miten asia etenee.",
    ),
    State.FIXING: Text(
        "It is being put right now. We will tell you when it is done.",
        "Sitä korjataan parhaillaan. Kerromme, kun se on tehty.",
    ),
    State.FIXED: Text(
        "It has been put right. If it still does not work for you, please answer this message.",
        "Se on korjattu. Jos se ei vieläkään toimi sinulla, vastaa tähän viestiin.",
    ),
    State.CLOSED: Text(
        "It has been put right for good, and we have closed the matter. Thank you for your patience.",
        "Se on korjattu pysyvästi, ja asia on käsitelty. Kiitos kärsivällisyydestäsi.",
    ),
    State.DISMISSED: Text(
        "There was nothing wrong for everybody, so we look into your case by itself and will answer you.",
        "Kyse ei ollut yhteisestä viasta, joten selvitämme asiasi erikseen ja vastaamme sinulle.",
    ),
}
"""What may be said to a reporter in each state."""
UNLINKED = "unlinked"
"""The status in the message to a reporter whose case was taken out."""
SAY_UNLINKED = Text(
    "Your case turned out to have another cause, so we look into it by itself and will answer you.",
    "Asiallasi osoittautui olevan toinen syy, joten selvitämme sen erikseen ja vastaamme sinulle.",
)


def tell(conn: Connection, incident: Incident, link: Link, at: datetime) -> None:
    """Tell one reporter how far the incident has come."""
    _tell(conn, incident, link, incident.status.value, SAY[incident.status], at)


def tell_unlinked(conn: Connection, incident: Incident, link: Link, at: datetime) -> None:
    """Tell one reporter that the case is looked into by itself."""
    _tell(conn, incident, link, UNLINKED, SAY_UNLINKED, at)


def _tell(conn: Connection, incident: Incident, link: Link, status: str, say: Text, at: datetime) -> None:
    body = {
        "incident": incident.id,
        "status": status,
        "case": link.case,
        "customer": link.customer,
        "channel": link.channel,
        "say": {"en": say.en, "fi": say.fi},
    }
    events.add(conn, kind=MESSAGE, about=incident.id, body=body, at=at)


def tell_of_changes(services: Services) -> int:
    """Tell every reporter of every change of state that not all were told of; how many changes there were.

    Whoever was linked after a change was told of it then; at the same instant, by the very same event.

    Raises:
        LogUnavailable: the database does not answer; the rest is told the next time.
    """
    with services.db.looking() as conn:
        waiting = incidents.with_untold_changes(conn)
    return sum(_tell_of_changes(services, incident) for incident in waiting)


def _tell_of_changes(services: Services, incident: Incident) -> int:
    with services.db.looking() as conn:
        changes = incident_events.changes_after(conn, incident.id, incident.told_through)
    for change in changes:
        _tell_all(services, incident, change)
        with services.db.transaction() as conn:
            incidents.told_through(conn, incident.id, change.seq)
    return len(changes)


def _tell_all(services: Services, incident: Incident, change: Event) -> None:
    then = incident.as_of(State(str(change.to)))
    after = ""
    while True:
        with services.db.transaction() as conn:
            links = incident_cases.page(conn, incident.id, after=after, limit=BATCH, until=change.at)
            for link in links:
                tell(conn, then, link, change.at)
        if len(links) < BATCH:
            return
        after = links[-1].case


def tell_of_late_actions(services: Services) -> int:
    """Announce corrective actions that are overdue, each once; how many there were.

    Raises:
        LogUnavailable: the database does not answer.
    """
    now = services.clock.now()
    with services.db.looking() as conn:
        late = incidents.with_late_action(conn, now)
    for incident in late:
        with services.db.transaction() as conn:
            if incident.action is not None and incidents.action_is_late(conn, incident.id, now):
                body = {
                    "incident": incident.id,
                    "owner": incident.action.owner,
                    "due_at": incident.action.due_at.isoformat(),
                }
                events.add(conn, kind=ACTION_OVERDUE, about=incident.id, body=body, at=now)
    return len(late)
