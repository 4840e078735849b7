"""What the company's own systems say of orders and customers: verified facts, one record a subject, as it stands now.

Values are kept as they were sent, since the vocabulary that reads them may change. A decision logs what it used; so a
record can be replaced and erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, delete, select, text, type_coerce

from policyservice.db import tables
from policyservice.db.prepared import Prepared
from policyservice.db.types import CanonicalJson, UtcInstant

_table = tables.verified_facts
_record = type_coerce(_table.c.record, Text)
_PUT = Prepared(
    text(
        "INSERT INTO verified_facts (subject, record, changed_at) VALUES (:subject, :record, :now) "
        "ON CONFLICT (subject) DO UPDATE SET record = excluded.record, changed_at = excluded.changed_at"
    ).bindparams(bindparam("now", type_=UtcInstant()), bindparam("record", type_=CanonicalJson()))
)


def record_of(subject: str) -> Any:
    """A scalar subquery for the record, as text, of the subject under a bound name; null where that is null."""
    return select(_record).where(_table.c.subject == bindparam(subject)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class VerifiedFacts:
    """Facts by name as they are sent (money as decimal strings, in `currency`), from a system, since an instant."""

    source: str
    at: datetime
    currency: str | None
    facts: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "source": self.source,
            "at": self.at.isoformat(),
            "currency": self.currency,
            "facts": dict(self.facts),
        }


def read(record: str) -> VerifiedFacts:
    """A record from its text."""
    value = json.loads(record)
    return VerifiedFacts(value["source"], datetime.fromisoformat(value["at"]), value["currency"], value["facts"])


def put(conn: Connection, records: Iterable[tuple[str, VerifiedFacts]], now: datetime) -> None:
    """Keep what a system says of subjects (pseudonyms), instead of what it said before."""
    rows = [
        {"subject": subject, "record": verified.as_json(), "now": now}
        for subject, verified in sorted(records, key=lambda each: each[0])
    ]
    if rows:
        _PUT.run_many(conn, rows)


def of(conn: Connection, subjects: Sequence[str]) -> dict[str, VerifiedFacts]:
    """What is kept of subjects (pseudonyms)."""
    if not subjects:
        return {}
    query = select(_table.c.subject, _record).where(_table.c.subject.in_(subjects))
    return {subject: read(record) for subject, record in conn.execute(query)}


def remove(conn: Connection, subjects: Any) -> int:
    """Remove what is kept of subjects, a list or a selection of pseudonyms; how many there were."""
    return conn.execute(delete(_table).where(_table.c.subject.in_(subjects))).rowcount


def remove_old(conn: Connection, bound: datetime, *, most: int) -> int:
    """Remove up to `most` records that no system has renewed since `bound`; how many there were."""
    old = select(_table.c.subject).where(_table.c.changed_at <= bound).order_by(_table.c.changed_at).limit(most)
    found = conn.execute(old.with_for_update(skip_locked=True)).scalars().all()
    return remove(conn, found) if found else 0
