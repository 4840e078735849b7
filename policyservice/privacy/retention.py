"""Removes what has been kept long enough, a small batch at a time; any number of processes may do so at once.

A text goes when it is as old as `keep_texts_days` say, a reference when its last decision, contact or promise is as old
as `keep_references_days` say, and so do verified facts that no system has renewed since. An agent who is registered is
in use. The log is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, bindparam, delete, func, select, update

from policyservice.cases import verified
from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.domain.pseudonyms import PersonalKind

BATCH = 500
_text = tables.personal_text
_reference = tables.personal_reference
_decision = tables.decision
_USED_IN = {
    PersonalKind.CUSTOMER: _decision.c.customer,
    PersonalKind.AGENT: _decision.c.agent,
    PersonalKind.CASE: _decision.c.case_ref,
    PersonalKind.ORDER: _decision.c.order_ref,
}
"""Where decisions have a kind; a payment is used once, when it is kept."""

_contact, _promise = tables.contact.c, tables.promise.c
_SAID_IN: dict[PersonalKind, tuple[tuple[Any, Any], ...]] = {
    PersonalKind.CUSTOMER: ((_contact.customer, _contact.logged_at), (_promise.customer, _promise.made_at)),
    PersonalKind.AGENT: ((_contact.agent, _contact.logged_at), (_promise.agent, _promise.made_at)),
    PersonalKind.CASE: ((_contact.case_ref, _contact.logged_at), (_promise.case_ref, _promise.made_at)),
    PersonalKind.ORDER: (),
}
"""Where contacts and promises have a kind, and when."""

_OLD_TEXTS = (
    select(_text.c.seal)
    .where(_text.c.kept_at <= bindparam("bound"))
    .order_by(_text.c.kept_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_OLD_REFERENCES = (
    select(_reference)
    .where(_reference.c.used_at <= bindparam("bound"))
    .order_by(_reference.c.used_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_STILL_USED = update(_reference).where(_reference.c.pseudonym == bindparam("of")).values(used_at=bindparam("last"))


class Keeping(Protocol):
    """How long each class is kept; `config.Settings` has it."""

    @property
    def keep_texts_days(self) -> int:
        """Days from when a text was written."""

    @property
    def keep_references_days(self) -> int:
        """Days from the last decision under a reference."""


class Removed(NamedTuple):
    """What one batch removed; `is_full` where more may be waiting."""

    texts: int
    references: int
    is_full: bool


def remove_batch(db: Database, keeping: Keeping, now: datetime, *, most: int = BATCH) -> Removed:
    """Remove up to `most` texts and look at up to `most` references, in a transaction each.

    A decision in the very moment in which the reference of somebody not seen for years goes may show the pseudonym; the
    one after brings the reference back.

    Raises:
        LogUnavailable: the database does not answer.
    """
    with db.transaction() as conn:
        texts = _remove_texts(conn, now - timedelta(days=keeping.keep_texts_days), most)
    with db.transaction() as conn:
        verified.remove_old(conn, now - timedelta(days=keeping.keep_references_days), most=most)
        looked_at, removed = _remove_references(conn, now - timedelta(days=keeping.keep_references_days), now, most)
    if texts or removed:
        db.clear_traces()
    return Removed(texts, removed, is_full=texts == most or looked_at == most)


def _remove_texts(conn: Connection, bound: datetime, most: int) -> int:
    seals = conn.execute(_OLD_TEXTS, {"bound": bound, "most": most}).scalars().all()
    if seals:
        conn.execute(delete(_text).where(_text.c.seal.in_(seals)))
    return len(seals)


def _remove_references(conn: Connection, bound: datetime, now: datetime, most: int) -> tuple[int, int]:
    """Those whose last use is at or before the bound; of the others the last use is written down."""
    rows = conn.execute(_OLD_REFERENCES, {"bound": bound, "most": most}).all()
    agents = {row.plain: row.pseudonym for row in rows if row.kind == PersonalKind.AGENT.value}
    last = {agents[ref]: now for ref in _registered(conn, list(agents))}
    for kind in _USED_IN:
        asked = [row.pseudonym for row in rows if row.kind == kind.value and row.pseudonym not in last]
        last |= _used_since(conn, kind, asked, bound)
    if last:
        conn.execute(_STILL_USED, [{"of": pseudonym, "last": at} for pseudonym, at in sorted(last.items())])
    gone = [row.pseudonym for row in rows if row.pseudonym not in last]
    if gone:
        conn.execute(delete(_reference).where(_reference.c.pseudonym.in_(gone)))
    return len(rows), len(gone)


def _used_since(
    conn: Connection, kind: PersonalKind, pseudonyms: Sequence[str], bound: datetime
) -> dict[str, datetime]:
    if not pseudonyms:
        return {}
    last: dict[str, datetime] = {}
    for column, at in ((_USED_IN[kind], _decision.c.at), *_SAID_IN[kind]):
        query = select(column, func.max(at)).where(column.in_(pseudonyms), at > bound).group_by(column)
        last |= {row[0]: max(row[1], last.get(row[0], row[1])) for row in conn.execute(query)}
    return last


def _registered(conn: Connection, refs: Sequence[str]) -> Sequence[str]:
    if not refs:
        return []
    return conn.execute(select(tables.agent.c.ref).where(tables.agent.c.ref.in_(refs))).scalars().all()
