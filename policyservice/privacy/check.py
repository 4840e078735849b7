"""Whether what is kept beside the log is still what was taken out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from policyservice.db.tables import personal_reference, personal_text
from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms

_ROWS = 1000


class Checked(NamedTuple):
    """How many references and texts were looked at, and the pseudonyms and seals of those that were changed."""

    references: int
    texts: int
    changed: tuple[str, ...]


def check(conn: Connection, pseudonyms: Pseudonyms) -> Checked:
    """Every reference and text that is kept, against its pseudonym or seal."""
    changed: list[str] = []
    references = texts = 0
    for pseudonym, kind, plain in _references(conn):
        references += 1
        if pseudonyms.of(PersonalKind(kind), plain) != pseudonym:
            changed.append(pseudonym)
    for seal, nonce, body in _texts(conn):
        texts += 1
        if pseudonyms.seal_of(nonce, body) != seal:
            changed.append(seal)
    return Checked(references, texts, tuple(changed))


def _references(conn: Connection) -> Iterator[tuple[str, str, str]]:
    columns = personal_reference.c
    after = ""
    while True:
        query = select(columns.pseudonym, columns.kind, columns.plain).where(columns.pseudonym > after)
        rows = conn.execute(query.order_by(columns.pseudonym).limit(_ROWS)).all()
        yield from ((row.pseudonym, row.kind, row.plain) for row in rows)
        if len(rows) < _ROWS:
            return
        after = rows[-1].pseudonym


def _texts(conn: Connection) -> Iterator[tuple[str, str, str]]:
    columns = personal_text.c
    after = ""
    while True:
        query = select(columns.seal, columns.nonce, columns.body).where(columns.seal > after)
        rows = conn.execute(query.order_by(columns.seal).limit(_ROWS)).all()
        yield from ((row.seal, row.nonce, row.body) for row in rows)
        if len(rows) < _ROWS:
            return
        after = rows[-1].seal
