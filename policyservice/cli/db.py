"""`policyservice db`: the schema of the database."""

from __future__ import annotations

import click

from policyservice.config import Settings
from policyservice.db import migrate
from policyservice.db.session import Database


@click.group("db")
def command() -> None:
    """Create or upgrade the database schema, and show which one it has."""


@command.command("upgrade")
def upgrade() -> None:
    """Bring the database of POLICYSERVICE_DATABASE_URL to the schema that this version needs."""
    settings = Settings.from_environment()
    before = _found(settings)
    migrate.upgrade(settings.database_url)
    click.echo(f"The database is at schema {migrate.head()} (before: {before or 'empty'}).")


@command.command("current")
def current() -> None:
    """Show the schema the database has and the one this version needs; status 1 where they differ."""
    found, needed = _found(Settings.from_environment()), migrate.head()
    click.echo(f"found: {found or 'empty'}\nneeded: {needed}")
    if found != needed:
        raise SystemExit(1)


def _found(settings: Settings) -> str | None:
    database = Database(settings.database_url)
    try:
        return migrate.current(database)
    finally:
        database.dispose()
