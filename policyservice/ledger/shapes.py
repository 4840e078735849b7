"""Which counters are kept: those of every version of the limits that is, or will yet be, in force.

Kept are the version that was in force when the last one was published, and every later one. That depends on the
table alone, not on the clock, so every process keeps the same. `limits.versions.publish` empties the counters
whenever it changes what is kept; a counter that is not there is summed from the entries when it is next needed.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Text, func, select, type_coerce

from policyservice.db import tables
from policyservice.db.limit_sets import from_text
from policyservice.db.once import Once
from policyservice.db.prepared import Prepared
from policyservice.domain.limits import LimitSet, Shape
from policyservice.ledger.meeting import Counting, shapes_of

_versions = tables.limit_version
_last_made_at = select(_versions.c.made_at).order_by(_versions.c.version.desc()).limit(1).scalar_subquery()
_in_force_then = (
    select(func.max(_versions.c.effective_from)).where(_versions.c.effective_from <= _last_made_at).scalar_subquery()
)
_KEPT = (
    select(_versions.c.version, type_coerce(_versions.c.body, Text).label("body"))
    .where(_in_force_then.is_(None) | (_versions.c.effective_from >= _in_force_then))
    .order_by(_versions.c.version)
)


def kept(connection: Connection) -> tuple[Shape, ...]:
    """The shapes that every entry is counted in."""
    rows = connection.execute(_KEPT)
    return shapes_of(LimitSet(row.version, from_text(row.body)) for row in rows)


LATEST = select(func.coalesce(func.max(_versions.c.version), 0))
"""The number of the version published last, 0 before the first: what is kept follows from it."""
_LATEST = Prepared(LATEST)
_kept_since: Once[tuple[int, ZoneInfo], Counting] = Once(lambda connection, key: Counting(kept(connection), key[1]))


def counting(connection: Connection, zone: ZoneInfo, latest: int | None = None) -> Counting:
    """The shapes that are kept, ready to say where a decision counts; `latest` is known where `LATEST` was read."""
    if latest is None:
        ((latest,),) = _LATEST.rows(connection, {})
    return _kept_since(connection, (latest, zone))
