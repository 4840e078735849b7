"""The wire between the service and its database, cut where a test says: under SQLAlchemy, in the driver's own classes.

So a process can die between any two statements, before a commit and right after it, whatever code sent them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event

from policyservice.db.patience import BoundedConnection
from policyservice.db.session import Database


class Crash(BaseException):
    """The process is gone: nothing may catch this, and nothing more reaches the database."""


class Wire:
    """Counts what goes to a database; armed, it does one mischief at the n-th time, and says whether it did."""

    def __init__(self, db: Database) -> None:
        self.count = 0
        self.fired = False
        self._is_dead = False
        self._crash_at = self._refuse_at = 0
        self._between: Callable[[], None] | None = None
        self._unavailable = _sqlite_is_busy if db.is_sqlite else _postgres_is_away
        if db.is_sqlite:
            event.listen(db.engine, "do_connect", _through_sqlite(self))
        else:
            event.listen(db.engine, "connect", _through_postgres(self))
        db.dispose()  # connections that were made before have no wire

    def arm(self, *, crash_at: int = 0, refuse_at: int = 0, between: Callable[[], None] | None = None) -> None:
        """Die at the n-th call, have it refused, or let another act after the first look; 0 is never."""
        self.count, self.fired = 0, False
        self._crash_at, self._refuse_at, self._between = crash_at, refuse_at, between

    def disarm(self) -> None:
        """Do no mischief from here on; a dead process is followed by a new one."""
        self._is_dead, self._crash_at, self._refuse_at, self._between = False, 0, 0, None

    def call(self, connection: Any, sql: str) -> None:
        """A statement, or a commit, is about to be sent."""
        self._count()
        if self.count == self._refuse_at:
            self.fired = True
            raise self._unavailable()

    def committed(self) -> None:
        """A commit is through, and nobody knows yet."""
        self._count()

    def _count(self) -> None:
        self.count += 1
        if self._is_dead or self.count == self._crash_at:
            self._is_dead = self.fired = True
            raise Crash

    def looked(self) -> None:
        """What was only looked at is read, in a transaction or without one; another caller may come now."""
        between, self._between = self._between, None
        if between is not None:
            self.fired = True
            between()


def _sqlite_is_busy() -> Exception:
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return busy


def _postgres_is_away() -> Exception:
    return psycopg.OperationalError("the connection is lost")


def _through_sqlite(wire: Wire) -> Callable[..., Any]:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *given: Any) -> Any:
            wire.call(self.connection, sql)
            if sql.startswith("BEGIN"):
                self.connection.is_reading = sql == "BEGIN"  # type: ignore[attr-defined]
            elif sql.startswith("SELECT") and not self.connection.in_transaction:
                self.connection.is_reading = True  # type: ignore[attr-defined]
            return super().execute(sql, *given)

        def executemany(self, sql: str, *given: Any) -> Any:
            wire.call(self.connection, sql)
            return super().executemany(sql, *given)

    class Connection(sqlite3.Connection):
        is_reading = False

        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            if not self.in_transaction:
                return  # ended already: nothing is sent
            wire.call(self, "COMMIT")
            super().commit()
            wire.committed()
            self._over()

        def rollback(self) -> None:
            super().rollback()
            self._over()

        def _over(self) -> None:
            if self.is_reading:
                self.is_reading = False
                wire.looked()

    def connect(dialect: Any, record: Any, given: Any, options: dict[str, Any]) -> None:
        options["factory"] = Connection

    return connect


def _through_postgres(wire: Wire) -> Callable[..., Any]:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, sql: Any, *given: Any, **options: Any) -> Any:
            wire.call(self.connection, str(sql))
            if sql.startswith("BEGIN"):
                self.connection.is_reading = sql.endswith("READ ONLY")  # type: ignore[attr-defined]
            elif self.connection.info.transaction_status is TransactionStatus.IDLE:
                self.connection.is_reading = True  # type: ignore[attr-defined]
            done = super().execute(sql, *given, **options)
            if sql == "COMMIT":  # with what was written, in one pipeline
                wire.committed()
            return done

        def executemany(self, sql: Any, *given: Any, **options: Any) -> Any:
            wire.call(self.connection, str(sql))
            return super().executemany(sql, *given, **options)

    class Connection(BoundedConnection):
        is_reading = False

        def commit(self) -> None:
            if self.info.transaction_status is TransactionStatus.IDLE and not self.pgconn.pipeline_status:
                return  # ended already: nothing is sent
            wire.call(self, "COMMIT")
            super().commit()
            wire.committed()
            self._over()

        def rollback(self) -> None:
            super().rollback()
            self._over()

        def _over(self) -> None:
            if self.is_reading:
                self.is_reading = False
                wire.looked()

    def connected(connection: BoundedConnection, record: Any) -> None:
        connection.__class__ = Connection  # the service's own, as it has made it, with a wire
        connection.cursor_factory = Cursor

    return connected
