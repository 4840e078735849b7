"""How far the log is final: up to which numbers no row can still appear.

SQLite has one writer, so what is visible is final. On PostgreSQL a transaction takes its number before it commits,
and a later number may be visible before an earlier one. Whoever inserts locks the table (ROW EXCLUSIVE) before it
takes a number, and keeps that lock until after its rows are visible. So: read the highest numbers that are visible,
then who holds such a lock; once all of those have ended, every number up to the highest is visible or will never be.
Nobody is kept waiting. docs/explanation/sealing.md has the proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from policyservice.db.session import Database

_NEWEST = text(
    "SELECT (SELECT max(seq) FROM decision) AS decision, (SELECT max(seq) FROM entry) AS entry, "
    "(SELECT max(seq) FROM outcome) AS outcome"
)
_WRITERS = text(
    "SELECT DISTINCT virtualtransaction FROM pg_locks "
    "WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND relation IN ('decision'::regclass, 'entry'::regclass, 'outcome'::regclass) "
    "AND mode = 'RowExclusiveLock' AND granted"
)
_SERVER = text("SELECT extract(epoch FROM pg_postmaster_start_time())::text")
_PREPARED = "-1/"
"""How the holder of a lock is called whose transaction was prepared: then it no longer goes by its own name."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """Highest numbers, and who may still commit one at or below them; final once nobody is left."""

    decision: int
    entry: int
    outcome: int
    writers: frozenset[str]
    server: str

    @property
    def is_final(self) -> bool:
        """Whether no row at or below the numbers can still appear."""
        return not self.writers


def seen(db: Database) -> Horizon:
    """The horizon of now."""
    if db.is_sqlite:
        with db.reading() as conn:
            return Horizon(*_newest(conn), frozenset(), "")
    with db.transaction() as conn:  # not `reading`: each statement must see what was committed before it
        newest = _newest(conn)
        writers = frozenset(conn.execute(_WRITERS).scalars())  # after the numbers, never before
        return Horizon(*newest, writers, conn.execute(_SERVER).scalar_one())


def looked_at_again(db: Database, horizon: Horizon) -> Horizon | None:
    """The same horizon with those left who have not ended; None where the server is another one since."""
    with db.transaction() as conn:
        writers = frozenset(conn.execute(_WRITERS).scalars())
        if conn.execute(_SERVER).scalar_one() != horizon.server:
            return None
    left = {writer for writer in writers if writer in horizon.writers or writer.startswith(_PREPARED)}
    return replace(horizon, writers=frozenset(left))


def is_on(conn: Connection, horizon: Horizon) -> bool:
    """Whether a connection is to the server that the horizon was seen on: one that took over may know fewer rows, and
    give their numbers anew.
    """
    return conn.dialect.name == "sqlite" or conn.execute(_SERVER).scalar_one() == horizon.server


def _newest(conn: Connection) -> tuple[int, int, int]:
    found = conn.execute(_NEWEST).one()
    return found.decision or 0, found.entry or 0, found.outcome or 0
