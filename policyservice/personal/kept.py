"""Keeps plain references and free text beside the log, in tables that can be erased."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, insert, text

from policyservice.db.tables import personal_text
from policyservice.db.types import UtcInstant
from policyservice.domain.pseudonyms import Reference, SealedText, is_pseudonym

_KEEP_TEXT = insert(personal_text)


class Personal(NamedTuple):
    """What was taken out of a request or a step before it was logged."""

    references: tuple[Reference, ...] = ()
    texts: tuple[SealedText, ...] = ()


def keep(conn: Connection, personal: Personal, *, now: datetime, decision_id: str | None = None) -> None:
    """Keep references that are not kept yet (one statement) and texts (one more, where there are any).

    References go in the order of their pseudonyms, so that transactions with the same new ones cannot lock each other
    out.
    """
    new = sorted({each for each in personal.references if not is_pseudonym(each.kind, each.plain)})
    if new:
        values: dict[str, object] = {"now": now}
        for n, (pseudonym, kind, plain) in enumerate(new):
            values |= {f"pseudonym_{n}": pseudonym, f"kind_{n}": kind.value, f"plain_{n}": plain}
        conn.execute(_keep_references(len(new)), values)
    if personal.texts:
        conn.execute(_KEEP_TEXT, [_text_row(each, now, decision_id) for each in personal.texts])


@lru_cache(maxsize=16)
def _keep_references(count: int) -> TextClause:
    """`count` references at once; one that is kept already stays as it is. Both databases read this."""
    rows = ", ".join(f"(:pseudonym_{n}, :kind_{n}, :plain_{n}, :now)" for n in range(count))
    return text(
        f"INSERT INTO personal_reference (pseudonym, kind, plain, used_at) VALUES {rows} ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("now", type_=UtcInstant()))


def _text_row(sealed: SealedText, now: datetime, decision_id: str | None) -> dict[str, object]:
    return {
        "seal": sealed.seal,
        "nonce": sealed.nonce,
        "body": sealed.body,
        "decision_id": decision_id,
        "kept_at": now,
    }
