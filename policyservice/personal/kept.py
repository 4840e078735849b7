"""Keeps plain references and free text beside the log, in tables that can be erased."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, text

from policyservice.db.prepared import Prepared, Writes
from policyservice.db.tables import personal_text
from policyservice.db.types import UtcInstant
from policyservice.domain.pseudonyms import Reference, SealedText, is_pseudonym

_KEEP_REFERENCE = Prepared(
    text(
        "INSERT INTO personal_reference (pseudonym, kind, plain, used_at) VALUES (:pseudonym, :kind, :plain, :now) "
        "ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("now", type_=UtcInstant()))
)
"""One that is kept already stays as it is. Both databases read this."""

_KEEP_TEXT = Prepared(insert(personal_text))


class Personal(NamedTuple):
    """What was taken out of a request or a step before it was logged."""

    references: tuple[Reference, ...] = ()
    texts: tuple[SealedText, ...] = ()


def keep(writes: Writes, personal: Personal, *, now: datetime, decision_id: str | None = None) -> None:
    """Have references kept that are not kept yet, and texts."""
    for pseudonym, kind, plain in personal.references:
        if is_pseudonym(kind, plain):
            continue
        row = {"pseudonym": pseudonym, "kind": kind.value, "plain": plain, "now": now}
        writes.add(_KEEP_REFERENCE, row, key=pseudonym)
    for sealed in personal.texts:
        writes.add(_KEEP_TEXT, _text_row(sealed, now, decision_id))


def keep_now(conn: Connection, personal: Personal, *, now: datetime, decision_id: str | None = None) -> None:
    """As `keep`, at once."""
    writes = Writes()
    keep(writes, personal, now=now, decision_id=decision_id)
    writes.run(conn)


def _text_row(sealed: SealedText, now: datetime, decision_id: str | None) -> dict[str, object]:
    return {
        "seal": sealed.seal,
        "nonce": sealed.nonce,
        "body": sealed.body,
        "decision_id": decision_id,
        "kept_at": now,
    }
