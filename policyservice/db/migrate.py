"""Brings a database to the schema this version needs; the steps are packaged in `db/migrations`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from policyservice.db.session import Database
from policyservice.domain.errors import SchemaOutOfDate

_TOUCH = text("UPDATE alembic_version SET version_num = version_num")
_LOCK = text("SELECT pg_advisory_xact_lock(7265002)")


def upgrade(url: str | URL, revision: str = "head") -> None:
    """Create or upgrade the schema, all steps in one transaction; processes that do so at once queue.

    Raises:
        InvalidSettings: the URL is of no database we know.
        LogUnavailable: the database cannot be reached.
    """
    _run(url, command.upgrade, revision)


def downgrade(url: str | URL, revision: str) -> None:
    """Take steps back, down to and excluding those after `revision` ("base": all, with everything that was logged)."""
    _run(url, command.downgrade, revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """`upgrade` in a transaction that is under way."""
    _step(connection, command.upgrade, revision)


def downgrade_within(connection: Connection, revision: str) -> None:
    """`downgrade` in a transaction that is under way."""
    _step(connection, command.downgrade, revision)


def current(db: Database) -> str | None:
    """The schema a database has; None for an empty one.

    Raises:
        LogUnavailable: the database cannot be reached.
    """
    with db.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def head() -> str:
    """The schema this version needs."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


@cache
def steps() -> tuple[str, ...]:
    """Every schema there was, this version's last."""
    return tuple(step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions())[::-1]


def is_known(revision: str) -> bool:
    """Whether a schema is this version's or one of those before it."""
    return revision in steps()


def require_current(db: Database) -> None:
    """Refuse a database of another schema.

    Raises:
        SchemaOutOfDate: it is not the one this version needs.
        LogUnavailable: the database cannot be reached.
    """
    found = current(db)
    if found != head():
        raise SchemaOutOfDate(found or "empty", head())


def touch(db: Database) -> None:
    """Write the row that names the schema as it is: proves that the database takes a durable write.

    Raises:
        LogUnavailable: it does not.
    """
    with db.transaction() as connection:
        connection.execute(_TOUCH)


def _run(url: str | URL, step: Callable[[Config, str], None], revision: str) -> None:
    db = Database(url)
    try:
        with db.transaction() as connection:
            _step(connection, step, revision)
    finally:
        db.dispose()


def _step(connection: Connection, step: Callable[[Config, str], None], revision: str) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK)
    step(_config(connection), revision)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "policyservice.db:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
