"""How much of each limit is used now, by whoever has used most of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from policyservice.domain.limits import Counts, Limit, LimitSet, Measure, Shape, Usage
from policyservice.ledger import counters
from policyservice.ledger.keys import read_key
from policyservice.ledger.windows import window_key


class Most(NamedTuple):
    """The subject that used most of a limit in the window of now; `amount_minor` in the limit's own measure."""

    subject: str
    amount_minor: int
    times: int


def most_used(conn: Connection, limits: LimitSet, now: datetime, zone: ZoneInfo) -> dict[str, Most]:
    """Limit -> who used most of it; limits that nobody used, and those of one decision, are left out."""
    used: dict[tuple[Shape, str], list[tuple[str, Usage]]] = {}
    for row in counters.read_all(conn):
        spec = read_key(row.key)
        if spec is not None and row.holds_at(now):
            used.setdefault((spec.shape, spec.window_key), []).append((spec.subject, row.usage))
    found: dict[str, Most] = {}
    for limit in limits.limits:
        of_limit = used.get((limit.shape, window_key(limit.window, now, zone)), [])
        ranked = sorted(
            (_most(limit, subject, usage) for subject, usage in of_limit), key=lambda most: -most.amount_minor
        )
        if ranked and (ranked[0].amount_minor or ranked[0].times):
            found[limit.id] = ranked[0]
    return found


def _most(limit: Limit, subject: str, usage: Usage) -> Most:
    at_cost = limit.measure is Measure.COST
    amount = usage.goodwill_cost if at_cost else usage.goodwill_face
    count = usage.goodwill_count
    if limit.counts is Counts.ALL:
        amount += usage.entitled_cost if at_cost else usage.entitled_face
        count += usage.entitled_count
    return Most(subject, amount, count)
