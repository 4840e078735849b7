"""Finds what the log has of a plain reference, without the key: by the references that are kept beside it.

A pseudonym is found as itself. Of a reference that was erased nothing is found by its plain form any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select

from policyservice.db.tables import personal_reference
from policyservice.domain.pseudonyms import PersonalKind


def is_of(column: ColumnElement[str], kind: PersonalKind, reference: str) -> ColumnElement[bool]:
    """Whether a column of the log holds the pseudonym of a reference."""
    kept = pseudonyms_of(kind, [reference]).scalar_subquery()
    return column.in_([kept, reference])


def pseudonyms_of(kind: PersonalKind, plain: Sequence[str]) -> Select[tuple[str]]:
    """The pseudonyms of plain references."""
    columns = personal_reference.c
    return select(columns.pseudonym).where(columns.kind == kind.value, columns.plain.in_(plain))
