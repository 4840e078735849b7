"""A log with something of everything, sealed; and what somebody does who has the database in their hands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, CursorResult, text

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.seal import checkpoint, rows, store
from policyservice.decisions.seal.chain import End, sealed
from policyservice.decisions.seal.checkpoint import Checkpoint
from policyservice.decisions.seal.sealer import Sealer
from policyservice.decisions.seal.verify import Tally, verify
from policyservice.runtime import Runtime
from tests.decisions.factories import decide, render
from tests.fakes import NOON


def some_decisions(shop: Runtime, key: ApiKey, *, times: int = 1) -> list[str]:
    """Decisions allowed, escalated, denied, committed, voided and reversed; their ids in the order they were made."""
    made = []
    for _ in range(times):
        turn = len(made)
        changes: tuple[dict[str, object], ...] = (
            {"incident": "I-1"},
            {"amount": "20.01"},
            {"reason": "courtesy.other", "order": None},
            {"remedy": "gift", "amount": "1.00", "customer": None},
        )
        for number, change in enumerate(changes):
            subject = {"customer": f"C-{turn}", "agent": "liisa", "case": f"T-{turn}"}
            reply = decide(shop, key, f"{turn}-{number}", **{**subject, **change})
            made.append(str(reply.decision_id))
            shop.clock.advance(seconds=1)  # type: ignore[attr-defined]
        settle.commit(shop, made[turn], key, Idempotency("p", f"c{turn}", "f"), render)
        settle.reverse(shop, made[turn], key, Idempotency("p", f"r{turn}", "f"), render, reason="back")
        settle.void(shop, made[turn + 3], key, Idempotency("p", f"v{turn}", "f"), render, reason="not handed over")
    return made


def seal_all(db: Database, *, most: int = 3, now: datetime = NOON) -> int:
    """Seal what is committed, nobody writing; how many rows."""
    sealer = Sealer(db, most=most)
    count = sealer.step(now)
    assert not sealer.is_waiting
    return count


def differences(conn: Connection, kept: Checkpoint | None = None) -> list[str]:
    """What `verify` finds."""
    with rows.as_stored(conn):
        return [str(difference) for difference in verify(conn, Tally(), kept)]


def differences_of(db: Database, kept: Checkpoint | None = None) -> list[str]:
    """What `verify` finds in a database as it stands."""
    with db.reading() as conn:
        return differences(conn, kept)


def a_checkpoint(db: Database) -> Checkpoint:
    """A checkpoint of now."""
    with db.reading() as conn:
        made = checkpoint.of_now(conn, NOON)
    assert made is not None
    return made


@contextmanager
def attacker(db: Database) -> Iterator[Connection]:
    """A connection for which no guard, key or check stands in the way; what it does is undone at the end."""
    with db.engine.connect() as conn:
        if db.is_sqlite:
            _unguard_sqlite(conn)
        else:
            _unguard_postgresql(conn)
        try:
            yield conn
        finally:
            conn.rollback()
            if db.is_sqlite:
                conn.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def run(conn: Connection, statement: str, **values: object) -> CursorResult[tuple[object, ...]]:
    """One statement."""
    return conn.execute(text(statement), values)


def move(conn: Connection, table: str, seq: int, to: int) -> None:
    """Give a row another number; who had that number gets this one's."""
    for old, new in ((seq, -seq), (to, seq), (-seq, to)):
        run(conn, f"UPDATE {table} SET seq = :new WHERE seq = :old", old=old, new=new)


def reseal(conn: Connection) -> None:
    """Put one new seal in place of all there are, over the log as it is now."""
    run(conn, "DELETE FROM seal")
    with rows.as_stored(conn):
        leaves = [[row.leaf(table) for row in rows.read(conn, table)] for table in ("decision", "entry")]
        assert store.append(conn, sealed(End(), *leaves, now=NOON))


def _unguard_sqlite(conn: Connection) -> None:
    driver = conn.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    conn.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    conn.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for table in ("decision", "entry", "seal"):
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        for (name,) in run(conn, triggers, table=table).all():
            run(conn, f"DROP TRIGGER {name}")


def _unguard_postgresql(conn: Connection) -> None:
    run(conn, "SET LOCAL session_replication_role = replica")
    for table in ("decision", "entry", "seal"):
        for constraint in tables.metadata.tables[table].constraints:
            if type(constraint).__name__ == "CheckConstraint":
                run(conn, f"ALTER TABLE {table} DROP CONSTRAINT {constraint.name}")
