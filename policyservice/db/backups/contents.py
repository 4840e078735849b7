"""What a database holds, in a few figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select, text

from policyservice.db import migrate, tables
from policyservice.domain.errors import BackupRefused

VERSION_TABLE = "alembic_version"


@dataclass(frozen=True, slots=True)
class Contents:
    """The schema, how many decisions, and when the last of them was logged."""

    schema: str
    decisions: int
    last_logged_at: datetime | None


def contents(connection: Connection) -> Contents:
    """The figures of a database of ours.

    Raises:
        BackupRefused: it has no schema, or one that this version does not know.
    """
    schema = MigrationContext.configure(connection).get_current_revision()
    if schema is None:
        raise BackupRefused("There is no schema in it: nothing was ever decided there.")
    if not migrate.is_known(schema):
        raise BackupRefused(f"Its schema {schema} is not known to this version; use the version that made it.")
    logged = tables.decision.c.logged_at
    count, last = connection.execute(select(func.count(), func.max(logged))).one()
    return Contents(schema, count, last)


def is_empty(connection: Connection) -> bool:
    """Whether there is no row in any table, but for the note of which schema it is."""
    names = [name for name in inspect(connection).get_table_names() if name != VERSION_TABLE]
    quoted = connection.dialect.identifier_preparer.quote
    return not any(
        connection.execute(text(f"SELECT EXISTS (SELECT 1 FROM {quoted(name)})")).scalar_one() for name in names
    )


def require_room(connection: Connection, *, replace: bool) -> None:
    """Refuse to overwrite a database that holds something, unless told to."""
    if not replace and not is_empty(connection):
        raise BackupRefused(
            "The database of POLICYSERVICE_DATABASE_URL holds something. Name an empty one, or repeat with --replace: "
            "what it holds is then gone."
        )
