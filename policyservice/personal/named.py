"""Finds what the log has of a plain reference, without the key: by the references that are kept beside it.

A pseudonym is found as itself. Of a reference that was erased nothing is found by its plain form any more.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, bindparam, select

from policyservice.db.prepared import Prepared
from policyservice.db.tables import personal_reference
from policyservice.domain.pseudonyms import PersonalKind

_kept = personal_reference.c
_PSEUDONYM = Prepared(
    select(_kept.pseudonym).where(_kept.kind == bindparam("of_kind"), _kept.plain == bindparam("of_plain"))
)


def is_of(column: ColumnElement[str], kind: PersonalKind, reference: str) -> ColumnElement[bool]:
    """Whether a column of the log holds the pseudonym of a reference."""
    kept = select(_kept.pseudonym).where(_kept.kind == kind.value, _kept.plain == reference).scalar_subquery()
    return column.in_([kept, reference])


def pseudonym(conn: Connection, kind: PersonalKind, reference: str) -> str:
    """The pseudonym of a reference that is kept, plain or itself; the reference where nothing is kept of it."""
    kept = _PSEUDONYM.one(conn, {"of_kind": kind.value, "of_plain": reference})
    return reference if kept is None else str(kept[0])
