"""Escalations that nobody answered in time rise to the next level by themselves.

Above a trust level stands the next one, above the highest whoever decides beyond every level (`beyond` of the pack),
and above a team that a rule names the same. Each level has as long as the first one had. The instant that the customer
was promised does not move. Any number of processes may do this at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from policyservice.cases import escalation_events, escalations
from policyservice.cases.escalation_events import Event, EventKind
from policyservice.cases.escalations import Escalation
from policyservice.decisions import log
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.services import Services
from policyservice.decisions.transactions import in_transaction
from policyservice.resolutions import announcing
from policyservice.resolutions.authority import rulebook_now
from policyservice.resolutions.effort import work_of
from policyservice.rulebook.model import Rulebook

SHORTEST = timedelta(minutes=1)


def rise_overdue(services: Services, *, most: int = 100) -> int:
    """Have up to `most` escalations rise that were due by now, the longest due first; how many were looked at.

    One that has nobody above it stays where it is, and is announced as overdue, once.

    Raises:
        NoRulebookInForce: nothing says who stands above whom.
        LogUnavailable: the database does not answer; those that rose before have risen.
    """
    with services.db.looking() as conn:
        if not escalations.is_any_to_rise(conn, services.clock.now()):
            return 0
    for done in range(most):
        if not in_transaction(services.db, lambda conn: _rise_next(conn, services)):
            return done
    return most


def _rise_next(conn: Connection, services: Services) -> bool:
    now = services.clock.now()
    escalation = escalations.next_to_rise(conn, now)
    if escalation is None:
        return False
    asked = log.read(conn, escalation.decision_id)
    above = next_above(rulebook_now(conn, services), asked, escalation.to)
    if above is None:
        escalations.direct(conn, escalation.id, escalation.to, level=escalation.level, rises_at=None)
        announcing.overdue(conn, asked, escalation, now)
        return True
    _rise(conn, escalation, asked, above, now)
    return True


def _rise(conn: Connection, escalation: Escalation, asked: StoredDecision, above: str, now: datetime) -> None:
    """Out of the hands it is in: what was done so far is the work of the level it leaves."""
    done = work_of(escalation, escalation.holder or "", now)
    event = Event(EventKind.RISE, now, escalation.tier, was=escalation.to, to=above, work=done)
    again = now + max(SHORTEST, escalation.due_at - escalation.opened_at)
    escalations.direct(conn, escalation.id, above, level=escalation.level + 1, rises_at=again)
    escalations.take(conn, escalation.id, None, None)
    escalation_events.append(conn, escalation.id, event, None)
    announcing.risen(conn, asked, escalations.get(conn, escalation.id), escalation.to, now)


def next_above(rulebook: Rulebook, asked: StoredDecision, to: str) -> str | None:
    """Who stands above `to`; None above whoever decides beyond every level."""
    beyond = _beyond(rulebook, asked.request.reason)
    rank = rulebook.rank_of(to)
    higher = sorted((level for level in rulebook.trust_levels if level.rank > rank), key=lambda level: level.rank)
    if rank >= 0 and higher:
        return higher[0].name
    return None if to == beyond else beyond


def stands_above(rulebook: Rulebook, asked: StoredDecision, to: str, other: str) -> bool:
    """Whether a level stands above another; whoever decides beyond every level stands above all but themselves."""
    beyond = _beyond(rulebook, asked.request.reason)
    if beyond in (to, other):
        return to == beyond != other
    return rulebook.rank_of(to) > rulebook.rank_of(other) >= 0


def _beyond(rulebook: Rulebook, reason: str) -> str:
    """Of the reason's pack; where the rulebook in force no longer has the reason, of its first pack."""
    known = rulebook.reasons.get(reason)
    return rulebook.pack(known.pack).beyond if known is not None else rulebook.packs[0].beyond
