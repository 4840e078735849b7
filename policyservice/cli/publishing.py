"""`policyservice rules publish` and `rules show`: packs put in force, and which are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from policyservice.cli.database import opened
from policyservice.cli.options import INSTANT, author_option
from policyservice.cli.publications import in_force_and_to_come
from policyservice.cli.rule_folders import FOLDERS, problems_from_here
from policyservice.cli.terminal import table
from policyservice.decisions import publishing
from policyservice.rulebook.source import read_packs


@click.command("publish")
@FOLDERS
@click.option("--from", "effective_from", type=INSTANT, help="In force from: a date or an instant; now when left out.")
@click.option("--because", default="", help="Why, for the history.")
@author_option()
def publish(folders: tuple[Path, ...], effective_from: datetime | None, because: str, author: str) -> None:
    """Check and test the packs and put them in force together, in place of those in force until then.

    A pack with a problem, or a policy test that fails, changes nothing. Bounds of limits that were turned stay turned.
    """
    with opened() as runtime, problems_from_here(folders, " Nothing was changed."), runtime.db.transaction() as conn:
        published = publishing.publish(
            conn,
            read_packs(folders),
            author=author,
            because=because,
            now=runtime.clock.now(),
            effective_from=effective_from,
        )
    click.echo(f"In force from {published.effective_from:%Y-%m-%d %H:%M} UTC: {published.digest}")
    click.echo(f"Limits: version {published.limits}{' (new)' if published.limits_changed else ''}.")
    click.echo(f"Cost parameters: version {published.costs}{' (new)' if published.costs_changed else ''}.")


@click.command("show")
def show() -> None:
    """Show which rules are in force, since when, and which are to come."""
    with opened() as runtime, runtime.db.reading() as conn:
        found = in_force_and_to_come(conn, runtime.clock.now())
    rows = [
        (
            "in force" if row.in_force else "to come",
            f"{row.effective_from:%Y-%m-%d %H:%M} UTC",
            ", ".join(row.packs),
            str(row.rules),
            row.author,
            row.because,
            row.digest,
        )
        for row in found
    ]
    table("", ("", "from", "packs", "rules", "author", "because", "digest"), rows, right=("rules",))
