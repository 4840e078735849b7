"""The end of holds: on time even when nobody calls, from as many processes as like to."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from policyservice.db import due
from policyservice.db.prepared import Prepared
from policyservice.db.session import Database
from policyservice.db.tables import reservation
from policyservice.domain.decision import Status
from policyservice.ledger.settle import Settled, end
from policyservice.ledger.sql import SqlLedger

IS_ANY_DUE = due.is_any(reservation.c.expires_at, reservation.c.status == Status.RESERVED.value)
"""Whether any hold is due at an instant, `now`."""
_DUE = Prepared(select(IS_ANY_DUE))


def has_due_holds(connection: Connection, now: datetime) -> bool:
    """Whether any hold is due."""
    ((is_any_due,),) = _DUE.rows(connection, {"now": now})
    return bool(is_any_due)


def end_due_holds(db: Database, zone: ZoneInfo, now: datetime, *, limit: int = 500) -> list[Settled]:
    """End up to `limit` holds that are due at `now`, longest due first, each in a small transaction of its own.

    A hold that another process is ending at this moment is left to it.

    Raises:
        LogUnavailable: the database cannot be reached; what was ended before stays ended.
    """
    with db.looking() as connection:
        if not has_due_holds(connection, now):
            return []
    ended: list[Settled] = []
    while len(ended) < limit:
        with db.transaction() as connection:
            ledger = SqlLedger(connection, zone)
            due = ledger.next_due(now)
            if due is None:
                break
            ended.append(end(ledger, *due, now=now))
    return ended
