"""The one remedy of an incident for every case linked: a proactive decision for each, once.

Each case is decided in a transaction of its own, with the mark that it was: whoever is stopped half-way goes on where
it stopped, and several may work side by side. Decisions are those of the agent named, by the same rules, within the cap
per decision of that agent's trust level and every limit of customer, case, order, reason and organisation; in the place
of the agent's and team's own windows stands the incident's budget.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import incident_cases, incident_events, incidents
from policyservice.cases.incident_cases import Counts, Link, Outcome
from policyservice.cases.incident_events import Event, EventKind
from policyservice.cases.incidents import Incident, SharedRemedy, State
from policyservice.decisions import acting, compensation, log, request
from policyservice.decisions.considering import Wanted
from policyservice.decisions.masking import unmasked
from policyservice.decisions.services import Services
from policyservice.decisions.stored import StoredDecision
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.validate import still_valid
from policyservice.domain import decision as answers
from policyservice.domain.case import Request
from policyservice.domain.errors import InvalidRequest, WrongState
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.outbox import events
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.personal.shown import references
from policyservice.resolutions.incidents.steps import require_whole
from policyservice.rulebook.model import Rulebook

GIVEN = "incident.remedy_given"
MOST = 500
"""How many cases one call comes to, at most."""
_READY = frozenset({State.CONFIRMED, State.FIXING, State.FIXED})


@dataclass(frozen=True, slots=True)
class RolledOut:
    """What a roll-out did: cases it gave the remedy to, that had it, that it could not be given to; what stands now."""

    given: int
    had: int
    not_given: int
    counts: Counts


def roll_out(
    services: Services, incident_id: str, agent: str, actor: ApiKey, *, most: int, started: datetime | None = None
) -> RolledOut:
    """Give the remedy to up to `most` cases that it has not come to. `started` is when the roll-out began, so that what
    could not be given is tried once in it.

    Raises:
        NotFound: there is no such incident.
        NotAllowed, UnknownAgent: the key is bound, or nobody registered the agent.
        WrongState: nobody confirmed it, it has no remedy, or the remedy was only just set.
        NoRulebookInForce, LogUnavailable: what was given before is given.
    """
    require_whole(actor)
    started = started or services.clock.now()
    with services.db.reading() as conn:
        acting.registered(conn, agent, actor, None)
        _ready(incidents.get(conn, incident_id), services.clock.now())
    tally = {"given": 0, "had": 0, "not_given": 0}
    for _ in range(most):
        what = _next(services, incident_id, agent, actor, started)
        if what is None:
            break
        tally[what] += 1
    with services.db.reading() as conn:
        counts = incident_cases.counts(conn, [incident_id]).get(incident_id, Counts())
    if any(tally.values()):
        in_transaction(services.db, lambda conn: _note(conn, services, incident_id, agent, actor, tally))
    return RolledOut(tally["given"], tally["had"], tally["not_given"], counts)


def _note(
    conn: Connection, services: Services, incident_id: str, agent: str, actor: ApiKey, tally: dict[str, int]
) -> None:
    now = services.clock.now()
    by = services.pseudonyms.reference(PersonalKind.AGENT, agent)
    incidents.get(conn, incident_id, lock=True)
    incident_events.append(conn, incident_id, Event(EventKind.ROLL_OUT, now, by.pseudonym, body=tally), actor.id)
    kept.keep_now(conn, Personal((by,)), now=now)


def _ready(incident: Incident, now: datetime) -> SharedRemedy:
    remedy = incident.remedy
    if remedy is None or incident.status not in _READY:
        instead = "Confirm it and set its remedy first." if incident.status is State.OPEN else "Set its remedy first."
        instead = "It has ended; open a new one." if incident.status in incidents.ENDED else instead
        raise WrongState(incident.id, incident.status.value, incident.changed_at, instead)
    if now < remedy.set_at + compensation.SETTLING:
        seconds = int(compensation.SETTLING.total_seconds())
        instead = f"Its remedy was set just now; roll it out {seconds} seconds after that."
        raise WrongState(incident.id, incident.status.value, incident.changed_at, instead)
    return remedy


COMPENSATED = "compensated"
"""Why a case is not given what it, or its customer, was given in the same moment."""


class _NotGiven(Exception):
    """The decision for a case was no allow: its transaction is given up, and nothing of it is logged."""

    def __init__(self, link: Link, why: str) -> None:
        super().__init__(why)
        self.link = link
        self.why = why


def _next(services: Services, incident_id: str, agent: str, actor: ApiKey, started: datetime) -> str | None:
    """What became of the next case; None where there is none."""
    while True:
        try:
            what, decided = in_transaction(
                services.db, lambda conn: _give_next(conn, services, incident_id, agent, actor, started)
            )
        except _NotGiven as refused:
            became = _write_down(services, refused, max(services.clock.now(), started))
            if became is None:
                continue
            return became
        if decided is not None:
            request.notify(services, decided, 0.0)
        return what


def _write_down(services: Services, refused: _NotGiven, now: datetime) -> str | None:
    """What became of a case that was not given anything; None where a person took it out in that moment."""
    link, why = refused.link, refused.why
    if why == COMPENSATED:
        had = in_transaction(services.db, lambda conn: incident_cases.done(conn, link, Outcome.HAD, None, now))
        return "had" if had else None
    is_kept = in_transaction(services.db, lambda conn: incident_cases.not_given(conn, link, why, now))
    return "not_given" if is_kept else None


def _give_next(
    conn: Connection, services: Services, incident_id: str, agent: str, actor: ApiKey, started: datetime
) -> tuple[str | None, StoredDecision | None]:
    now = services.clock.now()
    incident = incidents.get(conn, incident_id)  # the decision locks it, behind its counters as every decision does
    remedy = _ready(incident, now)
    link = incident_cases.next_to_give(conn, incident_id, started)
    if link is None:
        return None, None
    if compensation.was_given(conn, incident_id, remedy.remedy, incident.began_at, link.case, link.customer):
        incident_cases.done(conn, link, Outcome.HAD, None, now)
        return "had", None
    decided = _decide(conn, services, incident, remedy, link, agent, actor, now)
    if _ready(incidents.get(conn, incident_id), now) != remedy:
        instead = "Its remedy was changed meanwhile; begin again."
        raise WrongState(incident_id, incident.status.value, incident.changed_at, instead)
    incident_cases.done(conn, link, Outcome.GIVEN, decided.id, now)
    body = {
        "incident": incident.id,
        "decision": decided.id,
        "case": link.case,
        "customer": link.customer,
        "channel": link.channel,
        "remedy": remedy.remedy,
        "amount_minor": remedy.amount_minor,
        "currency": remedy.currency,
        "expires_at": decided.expires_at.isoformat() if decided.expires_at else None,
    }
    events.add(conn, kind=GIVEN, about=incident.id, body=body, at=now)
    return "given", decided


def _decide(
    conn: Connection,
    services: Services,
    incident: Incident,
    remedy: SharedRemedy,
    link: Link,
    agent: str,
    actor: ApiKey,
    now: datetime,
) -> StoredDecision:
    asked = _asked(conn, incident, remedy, link, agent)

    def under(rulebook: Rulebook) -> Request:
        still_valid(asked, rulebook)
        return asked

    try:
        decided = request.decide_and_hold(conn, services, Wanted(under, agent, actor, now, now, vouched=True))
    except InvalidRequest as refused:
        raise _NotGiven(link, refused.errors[0].field) from refused
    answer = decided.decision
    if answer.outcome is not answers.Outcome.ALLOW:
        bound = answer.binding_limit
        raise _NotGiven(link, bound.limit if bound else answer.because[0].code)
    return decided


def _asked(conn: Connection, incident: Incident, remedy: SharedRemedy, link: Link, agent: str) -> Request:
    """The same for all: of the case come only its references, and the facts that the incident does not state."""
    known: Request | None = None
    if link.decision_id is not None:
        known = unmasked(conn, log.read(conn, link.decision_id).request)
    plain = references(conn, [ref for ref in (link.case, link.customer, link.order) if ref])
    made = Request(
        reason=incident.reason,
        remedy=remedy.remedy,
        currency=remedy.currency,
        amount_minor=remedy.amount_minor,
        agent=agent,
        case=plain.get(link.case, link.case),
        customer=plain.get(link.customer, link.customer) if link.customer else None,
        channel=link.channel,
        order=plain.get(link.order, link.order) if link.order else None,
        incident=incident.id,
        facts=dict(remedy.facts),
        proactive=True,
    )
    if known is None or known.currency != remedy.currency:
        return made
    return replace(made, facts={**known.facts, **remedy.facts})
