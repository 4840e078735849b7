"""Which rulebooks are in force, and which are published for later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from policyservice.db import tables
from policyservice.decisions.policy import rulebook_in_force
from policyservice.decisions.rulebooks import stored


@dataclass(frozen=True, slots=True)
class Publication:
    """One published rulebook; `rules` counts them, table rows each as one."""

    in_force: bool
    effective_from: datetime
    digest: str
    packs: tuple[str, ...]
    rules: int
    author: str
    because: str


def anything_published(conn: Connection) -> bool:
    """Whether a rulebook was ever published, for now or for later."""
    return conn.execute(select(tables.publication.c.seq).limit(1)).first() is not None


def in_force_and_to_come(conn: Connection, now: datetime) -> list[Publication]:
    """The publication in force, then those that are to come, the next one first.

    Raises:
        NoRulebookInForce: nothing is in force, and nothing is to come.
    """
    table = tables.publication
    began = (
        select(table).where(table.c.effective_from <= now).order_by(table.c.effective_from.desc(), table.c.seq.desc())
    )
    to_come = select(table).where(table.c.effective_from > now).order_by(table.c.effective_from, table.c.seq)
    rows = [*((row, True) for row in conn.execute(began.limit(1))), *((row, False) for row in conn.execute(to_come))]
    if not rows:
        rulebook_in_force(conn, now)  # raises, with what to do
    found = []
    for row, is_in_force in rows:
        book = stored(conn, row.digest)
        packs = tuple(pack.name for pack in book.packs)
        found.append(
            Publication(is_in_force, row.effective_from, row.digest, packs, len(book.rules), row.author, row.because)
        )
    return found
