"""`policyservice db`: the schema of the database, and copies of the whole of it."""

from __future__ import annotations

from pathlib import Path

import click

from policyservice.cli.database import opened
from policyservice.cli.refused import Refused
from policyservice.cli.terminal import sure
from policyservice.config import Settings
from policyservice.db import backups, migrate
from policyservice.db.backups import Contents, Erasure
from policyservice.db.session import Database
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.ledger import reconcile as ledger
from policyservice.privacy.erase import erase

_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("db")
def command() -> None:
    """Create, upgrade or take back the database schema; back the database up and restore it."""


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


@command.command("downgrade")
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Take the steps of the schema after REVISION back, with everything that only they keep.

    For going back to an earlier version of the service: end the service and make a backup first. "base" takes back all
    there is, the log too.
    """
    settings = Settings.from_environment()
    before = _found(settings)
    if revision != "base" and not migrate.is_known(revision):
        raise Refused(f"There is no schema {revision}; the steps are {', '.join(migrate.steps())}.")
    sure(f"Take the database back from schema {before or 'empty'} to {revision}?", yes=yes)
    migrate.downgrade(settings.database_url, revision)
    click.echo(f"The database is at schema {_found(settings) or 'empty'} (before: {before or 'empty'}).")


@command.command("backup")
@click.argument("file", type=_FILE)
def backup(file: Path) -> None:
    """Copy the whole database, as it stands now, into a new FILE; decisions go on meanwhile.

    FILE holds everything there is about customers and agents: keep it as you keep the database. It is readable by you
    alone.
    """
    held = backups.back_up(Settings.from_environment().database_url, file)
    click.echo(f"{file}: {_told(held)}.")


@command.command("restore")
@click.argument("file", type=_THERE)
@click.option("--replace", is_flag=True, help="Even where the database holds something: that is then gone.")
def restore(file: Path, replace: bool) -> None:
    """Make the database what it was when FILE was written, all of it or nothing; then compare it with the log.

    Persons whose data was erased from what is replaced, after FILE was written, are erased again. End the service
    first. Status 1 where the file cannot be restored, or counters and log do not agree afterwards.
    """
    settings = Settings.from_environment()
    held, to_repeat = backups.restore(settings.database_url, file, replace=replace)
    now_at = "" if held.schema == migrate.head() else f", brought to {migrate.head()}"
    click.echo(f"Restored: {_told(held)}{now_at}.")
    _erase_again(to_repeat)
    with opened() as runtime, runtime.db.reading() as conn:
        differences = ledger.reconcile(conn, runtime.zone)
    for difference in differences:
        click.echo(str(difference))
    if differences:
        raise Refused(f"{len(differences)} difference(s). See `policyservice ledger reconcile --rebuild`.")
    click.echo("Counters, reservations and the log agree.")
    click.echo(
        "What was decided, and which keys were revoked, after that is not in it: see docs/how-to/back-up.md.", err=True
    )


def _erase_again(erasures: tuple[Erasure, ...]) -> None:
    """Repeat erasures that a restore took back; all are told before the first, in case something stops them."""
    if not erasures:
        return
    for each in erasures:
        click.echo(f"Erased on {each.at:%Y-%m-%d}, after the backup: {each.kind} {each.pseudonym}.")
    with opened() as runtime:
        for each in erasures:
            because = f"Repeated after a restore; first erased on {each.at:%Y-%m-%d}."
            erase(runtime, PersonalKind(each.kind), each.pseudonym, because)
    click.echo(f"{len(erasures)} erasure(s) repeated.")


def _told(held: Contents) -> str:
    last = "" if held.last_logged_at is None else f", the last logged at {held.last_logged_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{held.decisions} decision(s){last}; schema {held.schema}"


def _found(settings: Settings) -> str | None:
    database = Database(settings.database_url)
    try:
        return migrate.current(database)
    finally:
        database.dispose()
