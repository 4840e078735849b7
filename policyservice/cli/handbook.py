"""`policyservice rules handbook`: what staff may do, as one page for people who never saw a rule's text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import click

from policyservice.assurance.handbook.page import Stamp, page
from policyservice.cli.database import opened
from policyservice.cli.options import DAY, FOLDER, today
from policyservice.cli.rule_folders import loaded
from policyservice.decisions.policy import rulebook_in_force
from policyservice.decisions.rulebooks import stored
from policyservice.domain.vocabulary import LANGUAGES
from policyservice.limits import versions


@click.command("handbook")
@click.argument("folders", metavar="DIR...", type=FOLDER, nargs=-1)
@click.option("--in-force", is_flag=True, help="The rules and limits in force in the database, in place of folders.")
@click.option("-o", "--output", required=True, type=click.File("w", encoding="utf-8"), help="The page's file.")
@click.option("--as-of", type=DAY, help="The rules as they stand on this day; today when left out.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="The language it opens in."
)
def handbook(folders: tuple[Path, ...], in_force: bool, output: TextIO, as_of: datetime | None, language: str) -> None:
    """Write what staff may do as one HTML page, in Finnish and English, from packs or from the rules in force.

    The page needs nothing else: it opens from a disk, an e-mail or an intranet, has a search box, and prints on A4.
    """
    if in_force == bool(folders):
        raise click.UsageError("Name the packs' folders, or give --in-force: one of the two.")
    day = as_of.date() if as_of is not None else None
    written = _of_database(day, language) if in_force else _of_folders(folders, day or today(), language)
    output.write(written)


def _of_folders(folders: tuple[Path, ...], day: date, language: str) -> str:
    rulebook = loaded(folders)
    return page(rulebook, rulebook.opening_limits, day, Stamp(), language)


def _of_database(day: date | None, language: str) -> str:
    """The rules and limits in force now, or as the day begins in the organisation's time zone."""
    with opened() as runtime, runtime.db.reading() as conn:
        zone, now = ZoneInfo(runtime.settings.timezone), runtime.clock.now()
        at = now if day is None else datetime.combine(day, time(), zone).astimezone(UTC)
        rulebook, limits = stored(conn, rulebook_in_force(conn, at)), versions.in_force(conn, at)
    return page(rulebook, limits, at.astimezone(zone).date(), Stamp(limits.version, now), language)
