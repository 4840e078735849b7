"""Cases are linked to incidents: by hand, since a decision names the incident, or by its rule.

Decisions are looked at behind the requests, in the order of the log, by any process; nothing is asked of a request
itself. Each link takes the case's escalations out of the queue, as the incident decides for all alike, and tells the
reporter. All of it may be done twice and is there once. A case that a person took out again is linked by hand alone.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import sleep

from sqlalchemy import Connection, and_, func, select

from policyservice.access.keys import ApiKey
from policyservice.cases import incident_cases, incidents
from policyservice.cases.incident_cases import How, Link
from policyservice.cases.incidents import ENDED, Incident
from policyservice.db import tables
from policyservice.decisions import acting, log
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.seal import horizon
from policyservice.decisions.services import Services
from policyservice.decisions.sight import own
from policyservice.decisions.stored import StoredDecision
from policyservice.decisions.transactions import in_transaction
from policyservice.domain.errors import InvalidRequest, WrongState
from policyservice.domain.pseudonyms import PersonalKind, Reference
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions import incident_queue, messages
from policyservice.resolutions.authority import rulebook_now
from policyservice.resolutions.checking import Checking
from policyservice.resolutions.incident_rules import IncidentRule
from policyservice.resolutions.keyed import once_per_key

BATCH = 200
_LOOKS, _PAUSE_SECONDS = 25, 0.02
"""How often, and after which pause, it is looked again whether those have ended who were writing."""
_logger = logging.getLogger("policyservice.resolutions")
_decision = tables.decision


def last_before(conn: Connection, began: datetime) -> int:
    """The number up to which no decision was made from an instant on."""
    first = conn.execute(select(func.min(_decision.c.seq)).where(_decision.c.at >= began)).scalar_one()
    if first is not None:
        return int(first) - 1
    return int(conn.execute(select(func.coalesce(func.max(_decision.c.seq), 0))).scalar_one())


def link_new(services: Services, *, most: int = BATCH) -> int:
    """Look at up to `most` decisions for each incident that goes on; how many were looked at.

    Raises:
        NoRulebookInForce, LogUnavailable: nothing can be read now; what was linked stays linked.
    """
    with services.db.looking() as conn:
        going_on = incidents.going_on(conn)
        newest = conn.execute(select(func.max(_decision.c.seq))).scalar_one() or 0
    behind = [incident for incident in going_on if incident.linked_through < newest]
    if not behind:
        return 0
    final = _final(services)
    looked_at = 0
    for incident in behind:
        try:
            looked_at += _link_new(services, incident, final, most)
        except InvalidRequest as unreadable:  # the rulebook in force no longer has what the rule names
            _logger.warning("rule of incident %s not read: %s", incident.id, unreadable.message)
    return looked_at


def _final(services: Services) -> int:
    """Up to which number no decision can still appear; 0 while others are writing, whose numbers nobody knows."""
    seen: horizon.Horizon | None = horizon.seen(services.db)
    for _ in range(_LOOKS):
        if seen is None or seen.is_final:
            break
        sleep(_PAUSE_SECONDS)
        seen = horizon.looked_at_again(services.db, seen)
    return seen.decision if seen is not None and seen.is_final else 0


def _link_new(services: Services, incident: Incident, final: int, most: int) -> int:
    seq = _decision.c.seq
    with services.db.reading() as conn:
        newer = select(seq).where(seq > incident.linked_through).order_by(seq).limit(most)
        seqs = list(conn.execute(newer).scalars())
        if not seqs:
            return 0
        wanted = and_(seq > incident.linked_through, seq <= seqs[-1])
        if incident.rule is None:
            wanted = and_(wanted, _decision.c.incident == incident.id)
        found = _belonging(conn, services, incident, list(log.where(conn, wanted)))
    for stored, how in found:
        in_transaction(services.db, partial(_link, services, incident.id, stored, how))
    through: int = min(seqs[-1], final)
    if through > incident.linked_through:
        with services.db.transaction() as conn:
            incidents.linked_through(conn, incident.id, through)
    return max(0, through - incident.linked_through)


def _belonging(
    conn: Connection, services: Services, incident: Incident, decisions: list[StoredDecision]
) -> list[tuple[StoredDecision, How]]:
    """The decisions that name the incident, or that its rule holds for, in their order."""
    decisions = [stored for stored in decisions if not stored.request.proactive]
    named = {stored.id for stored in decisions if stored.request.incident == incident.id}
    by_rule: set[str] = set()
    if incident.rule is not None:
        rule = IncidentRule.read(incident.rule, rulebook_now(conn, services))
        in_time = [stored for stored in decisions if _in_time(incident, stored)]
        by_rule = {stored.id for stored in rule.matching(conn, in_time)}
    return [
        (stored, How.REFERENCE if stored.id in named else How.RULE)
        for stored in decisions
        if stored.id in named or stored.id in by_rule
    ]


def _in_time(incident: Incident, stored: StoredDecision) -> bool:
    at = stored.context.now
    return incident.began_at <= at and (incident.rule_until is None or at < incident.rule_until)


def _link(services: Services, incident_id: str, stored: StoredDecision, how: How, conn: Connection) -> None:
    incident = incidents.get(conn, incident_id, lock=True)
    if incident.status in ENDED:
        return
    request, now = stored.request, services.clock.now()
    link = Link(
        incident.id,
        str(request.case),
        request.customer,
        request.order,
        str(request.channel),
        stored.id,
        how,
        now,
    )
    if incident_cases.add(conn, link):
        messages.tell(conn, incident, link, now)
    incident_queue.take_out(conn, incident, link.case, now)


@dataclass(frozen=True, slots=True)
class Reporter:
    """A case as whoever links it names it; raw values."""

    agent: object
    case: object
    channel: object
    customer: object = None
    order: object = None


def link_by_hand(
    services: Services, incident_id: str, reporter: Reporter, actor: ApiKey, idempotency: Idempotency, body: str
) -> Reply:
    """Link a case: a report alone, without asking for anything. Linking one that is linked changes nothing; one that
    was taken out is linked anew.

    For a key that is bound, what others decided in the case stays unseen and as it is.

    Raises:
        NotFound: there is no such incident.
        InvalidRequest, NotAllowed, UnknownAgent, IdempotencyKeyReused, LogUnavailable: as a decision.
        WrongState: the incident has ended.
    """
    check = Checking()
    ref = check.reference("agent", reporter.agent) or ""
    plain = {
        PersonalKind.CASE: check.reference("case", reporter.case),
        PersonalKind.CUSTOMER: None if reporter.customer is None else check.reference("customer", reporter.customer),
        PersonalKind.ORDER: None if reporter.order is None else check.reference("order", reporter.order),
    }
    channel = check.reference("channel", reporter.channel) or ""
    check.done()
    now = services.clock.now()
    named: dict[PersonalKind, Reference] = {
        kind: services.pseudonyms.reference(kind, value) for kind, value in plain.items() if value is not None
    }
    by = services.pseudonyms.reference(PersonalKind.AGENT, ref)

    def work(conn: Connection) -> Reply:
        acting.registered(conn, ref, actor, services.settings.unknown_agents)
        incident = incidents.get(conn, incident_id, lock=True)
        if incident.status in ENDED:
            raise WrongState(incident_id, incident.status.value, incident.changed_at, "It has ended; open a new one.")
        case = named[PersonalKind.CASE].pseudonym
        customer, order = named.get(PersonalKind.CUSTOMER), named.get(PersonalKind.ORDER)
        link = Link(
            incident_id,
            case,
            customer.pseudonym if customer else _customer_of(conn, case, actor),
            order.pseudonym if order else None,
            channel,
            _decision_of(conn, case, incident, actor),
            How.HAND,
            now,
            by.pseudonym,
        )
        if incident_cases.add(conn, link):
            messages.tell(conn, incident, link, now)
        incident_queue.take_out(conn, incident, case, now, actor)
        kept.keep_now(conn, Personal((by, *named.values())), now=now)
        return Reply(200, body)

    return once_per_key(services, actor, idempotency, work)


def _customer_of(conn: Connection, case: str, actor: ApiKey) -> str | None:
    query = select(_decision.c.customer).where(_decision.c.case_ref == case, _decision.c.customer.is_not(None))
    query = query.where(own(actor))
    return conn.execute(query.order_by(_decision.c.seq.desc()).limit(1)).scalar_one_or_none()


def _decision_of(conn: Connection, case: str, incident: Incident, actor: ApiKey) -> str | None:
    """The latest decision of the case over the incident's reason: its facts are those of the roll-out."""
    query = select(_decision.c.id).where(_decision.c.case_ref == case, _decision.c.reason == incident.reason)
    query = query.where(own(actor))
    return conn.execute(query.order_by(_decision.c.seq.desc()).limit(1)).scalar_one_or_none()
