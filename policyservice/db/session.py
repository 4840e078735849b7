"""One database: its engine, and the ways to use it, `transaction` to write, `reading` and `looking` to look.

SQLite writes under BEGIN IMMEDIATE, so that writers queue before they read, and each in its turn (`db/turns`);
PostgreSQL under READ COMMITTED with row locks. A reading sees one snapshot on both.
"""

from __future__ import annotations

import select
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL

from policyservice.db import prepared, turns
from policyservice.domain.errors import InvalidSettings, LogUnavailable

_BEGIN = "policyservice_begin"
_BUSY_MILLISECONDS = 10_000
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",  # first: switching to WAL may have to wait, too
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an answered decision survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 200",
    "PRAGMA recursive_triggers = ON",  # so that REPLACE meets the triggers of append-only tables
)
_READING: dict[bool, dict[str, Any]] = {
    True: {_BEGIN: "BEGIN"},
    False: {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
_LOOKING: dict[bool, dict[str, Any]] = {True: {_BEGIN: ""}, False: {"isolation_level": "AUTOCOMMIT"}}
_SQLITE_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_PERM,
    }
)


class Database:
    """A SQLite file or a PostgreSQL database, given by a SQLAlchemy URL.

    Raises:
        InvalidSettings: the URL is neither.
    """

    def __init__(self, url: str | URL) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._reader = self.engine.execution_options(**_READING[self.is_sqlite])
        self._looker = self.engine.execution_options(**_LOOKING[self.is_sqlite])

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, rolled back on any exception.

        Raises:
            LogUnavailable: the database cannot be reached, is locked for too long, or cannot write.
        """
        with _reachable(), self._turn(), self.engine.begin() as connection:
            yield connection

    def _turn(self) -> AbstractContextManager[None]:
        return turns.taken(str(self.url.database)) if self.is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot to read from; it neither waits for writers nor keeps them waiting.

        Raises:
            LogUnavailable: as `transaction`.
        """
        with _reachable(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """For a single statement, which needs no transaction around it to see one snapshot; for what is asked often.

        Raises:
            LogUnavailable: as `transaction`.
        """
        with _reachable(), self._looker.connect() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every connection that is not in use; the next use opens new ones."""
        self.engine.dispose()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except exc.DBAPIError as error:
        if _is_unavailable(error):
            raise LogUnavailable() from error
        raise
    except exc.TimeoutError as error:  # no connection of the pool came free
        raise LogUnavailable() from error


def _is_unavailable(error: exc.DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # A mistake in a statement is an OperationalError here as well; that one is ours and stays itself.
        primary_code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return primary_code in _SQLITE_UNAVAILABLE
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)


def _checked(url: str | URL) -> URL:
    expected = "a SQLAlchemy URL of a SQLite file (sqlite:///var/policyservice.db) or of PostgreSQL"
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise InvalidSettings("POLICYSERVICE_DATABASE_URL", expected) from None
    backend = parsed.get_backend_name()
    if backend == "postgres":
        backend = "postgresql"
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise InvalidSettings("POLICYSERVICE_DATABASE_URL", expected)
    return parsed


def _sqlite_engine(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE")
        if how:
            prepared.run_text(connection, how)

    return engine


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(url, isolation_level="READ COMMITTED", hide_parameters=True)

    @event.listens_for(engine, "checkout")
    def refuse_the_lost(connection: psycopg.Connection[Any], record: object, proxy: object) -> None:
        """A server that went away has said so, and a connection that is not in use has nothing else to say.

        So a look at the socket does what asking the server would, without the way there and back.
        """
        if connection.closed:
            raise exc.DisconnectionError
        socket = select.poll()
        socket.register(connection.fileno(), select.POLLIN)
        if socket.poll(0):
            raise exc.DisconnectionError

    return engine
