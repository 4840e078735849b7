"""What a database holds, in a few figures; and what was erased from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select, text

from policyservice.db import migrate, tables
from policyservice.domain.errors import BackupRefused

VERSION_TABLE = "alembic_version"
MADE_WITH_THE_SCHEMA = frozenset({tables.pseudonym_key.name})
"""Tables whose rows the steps of the schema write: of a database in which nothing stands yet, too."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The schema, how many decisions, and when the last of them was logged."""

    schema: str
    decisions: int
    last_logged_at: datetime | None


class Erasure(NamedTuple):
    """That a person's data was erased: when, what kind of person, and whose by pseudonym."""

    at: datetime
    kind: str
    pseudonym: str


class Restored(NamedTuple):
    """What a database holds after a restore, and the erasures that it held before and does not hold any more."""

    held: Contents
    to_repeat: tuple[Erasure, ...] = ()


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


def erasures(connection: Connection) -> frozenset[Erasure]:
    """What was erased from a database, whatever its schema."""
    if not inspect(connection).has_table(tables.erasure.name):
        return frozenset()
    columns = tables.erasure.c
    return frozenset(
        Erasure(*row) for row in connection.execute(select(columns.at, columns.kind, columns.pseudonym)).all()
    )


def lost(before: frozenset[Erasure], after: frozenset[Erasure]) -> tuple[Erasure, ...]:
    """The erasures that a restore took back, in the order they were made."""
    return tuple(sorted(before - after))


def is_empty(connection: Connection) -> bool:
    """Whether there is no row in any table, but for those that the schema itself was made with."""
    own = MADE_WITH_THE_SCHEMA | {VERSION_TABLE}
    names = [name for name in inspect(connection).get_table_names() if name not in own]
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
