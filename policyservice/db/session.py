"""One database: its engine, and the ways to use it, `transaction` to write, `reading` and `looking` to look.

SQLite writes under BEGIN IMMEDIATE, so that writers queue before they read, and each in its turn (`db/turns`);
PostgreSQL under READ COMMITTED with row locks. A reading sees one snapshot on both.
"""

from __future__ import annotations

import select
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL

from policyservice.db import prepared
from policyservice.db.confirming import confirmed
from policyservice.db.patience import Patience, bound, session_options
from policyservice.db.together import Together
from policyservice.db.turns import Turns
from policyservice.domain.errors import InvalidSettings, LogUnavailable

_BEGIN = "policyservice_begin"
_PATIENCE = Patience()
_CONNECTIONS = 5
_MOST_TOGETHER = 50
"""Decisions that share a transaction: enough to share its price, few enough that others do not wait for long."""
_WARMEST_FIRST = True
"""Whoever needs a connection gets the one used last: what that, and its server, has in memory is of use again."""
_KEPT_ALIVE_SECONDS = 60
"""A connection that is not used says so little that what lies between forgets it; those used last are used first, so
the others may be idle for hours.
"""
_TRACES_SECONDS = 0.5
"""How long the write-ahead log is waited for."""
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an answered decision survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 200",
    "PRAGMA recursive_triggers = ON",  # so that REPLACE meets the triggers of append-only tables
    "PRAGMA secure_delete = ON",  # what is erased leaves no trace in pages that are free again
)
_WRITING_BEGINS = {True: "BEGIN IMMEDIATE", False: "BEGIN ISOLATION LEVEL READ COMMITTED"}
_READING_BEGINS = {True: "BEGIN", False: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
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

    `connections` is how many are kept open for the callers that come at once. Decisions of callers that do come at once
    are made `together`.

    Raises:
        InvalidSettings: the URL is neither.
    """

    def __init__(self, url: str | URL, patience: Patience = _PATIENCE, *, connections: int = _CONNECTIONS) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        make_engine = _sqlite_engine if self.is_sqlite else _postgres_engine
        self.engine = make_engine(self.url, patience, connections)
        _begun_by_us(self.engine, _WRITING_BEGINS[self.is_sqlite])
        self._reader = self.engine.execution_options(**{_BEGIN: _READING_BEGINS[self.is_sqlite]})
        self._looker = self.engine.execution_options(**{_BEGIN: ""})
        self._turns = Turns(str(self.url.database), longest_wait=patience.lock) if self.is_sqlite else None
        self.together = Together(_MOST_TOGETHER, 1 if self.is_sqlite else connections, turn=self._turn)
        self._refused_at: float | None = None
        self._wrote_at: float | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, rolled back on any exception.

        Raises:
            LogUnavailable: the database cannot be reached, is locked for too long, or cannot write; nothing was done.
            Unconfirmed: it went away while it committed; all of it was done, or nothing.
        """
        with (
            self._turn(),
            _reachable(),
            _writable(),
            self.engine.connect() as connection,
            connection.begin() as work,
        ):
            yield connection
            with confirmed(connection):
                work.commit()
        self._wrote_at = monotonic()

    def wrote_within(self, seconds: float) -> bool:
        """Whether a transaction of this process was committed, not longer ago than this."""
        return self._wrote_at is not None and monotonic() - self._wrote_at < seconds

    def refused_within(self, seconds: float) -> bool:
        """Whether a transaction of this process failed for the database, not longer ago than this."""
        return self._refused_at is not None and monotonic() - self._refused_at < seconds

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """A writer's turn, where they take turns; that it was refused, or what was done in it, is noted."""
        try:
            with self._turns.taken() if self._turns else nullcontext():
                yield
        except LogUnavailable:
            self._refused_at = monotonic()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot to read from; it neither waits for writers nor keeps them waiting.

        Raises:
            LogUnavailable: as `transaction`.
        """
        with _reachable(), self._reader.begin() as connection:
            yield connection

    def clear_traces(self) -> bool:
        """Empty SQLite's write-ahead log, which still holds pages from before a deletion; False where somebody reads.

        PostgreSQL gives the space of deleted rows to new ones by itself (autovacuum); there is nothing to do.
        """
        if not self.is_sqlite:
            return True
        with closing(sqlite3.connect(str(self.url.database), timeout=_TRACES_SECONDS)) as connection:
            blocked, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not blocked

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


@contextmanager
def _writable() -> Iterator[None]:
    try:
        yield
    except exc.DBAPIError as error:
        if isinstance(error.orig, ReadOnlySqlTransaction):  # of a reading it is a mistake of ours, and stays itself
            raise LogUnavailable() from error
        raise


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


def _sqlite_engine(url: URL, patience: Patience, connections: int) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, pool_size=connections, pool_use_lifo=_WARMEST_FIRST, pool_timeout=patience.lock
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        # First: switching to WAL may have to wait, too.
        connection.execute(f"PRAGMA busy_timeout = {1000 * patience.lock}")
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    return engine


def _begun_by_us(engine: Engine, writing: str) -> None:
    """Begin transactions in words of ours, as the driver does not: to write, unless the connection is to look."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get(_BEGIN, writing)
        if how:
            prepared.run_text(connection, how)


def _postgres_engine(url: URL, patience: Patience, connections: int) -> Engine:
    theirs = url.query.get("options", "")
    begun_with = {
        "options": f"{session_options(patience)} {theirs}".strip(),  # what the URL says comes last, and stands
        "connect_timeout": url.query.get("connect_timeout", patience.connect),
        "keepalives_idle": url.query.get("keepalives_idle", _KEPT_ALIVE_SECONDS),
        "autocommit": True,  # the driver begins nothing by itself
    }
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        pool_use_lifo=_WARMEST_FIRST,
        pool_timeout=patience.lock,
        connect_args=begun_with,
    )
    bound(engine, patience)

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
