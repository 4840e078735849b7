"""`policyservice backtest`: what a rulebook would have done to a history of requests."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from policyservice.cli.backtest_tables import show
from policyservice.cli.options import FOLDER
from policyservice.cli.terminal import progress
from policyservice.domain.errors import HistoryRefused
from policyservice.previews.backtest.as_of import anything_in_force, standing_on
from policyservice.previews.backtest.history import History, read_history
from policyservice.previews.backtest.html import page
from policyservice.previews.backtest.report import About, report
from policyservice.previews.backtest.run import Under, run
from policyservice.previews.backtest.tally import Tallies
from policyservice.rulebook.documents import read_documents
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook
from policyservice.rulebook.problems import Problems
from policyservice.rulebook.source import read_packs

_SHOWN = 20
"""Bad lines that are printed one by one; the JSON report has all."""


class Zone(click.ParamType[ZoneInfo]):
    """An IANA time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is not an IANA time zone such as Europe/London.", param, ctx)


@click.command("backtest")
@click.option("--rules", "folders", type=FOLDER, multiple=True, required=True, help="A pack's folder; repeatable.")
@click.option("--currency", help="Read every sum of the rulebook in this currency, such as GBP, in place of its own.")
@click.option("--json", "json_file", type=click.File("w", encoding="utf-8"), help="Write the report as JSON, too.")
@click.option(
    "--html", "html_file", type=click.File("w", encoding="utf-8"), help="Write it as an HTML page with charts."
)
@click.option(
    "--timezone",
    "zone",
    type=Zone(),
    default="Europe/Helsinki",
    envvar="POLICYSERVICE_TIMEZONE",
    show_default=True,
    help="Days and months of limits begin in it, and times without offset are read in it.",
)
@click.option("--trust-level", help="Of agents whose level the history does not state; the lowest when left out.")
@click.option(
    "--rules-as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Decide every request by the rules as they stand on this day. When left out, by those of its own day; or by "
    "today's, where no rule was in force yet when the history begins.",
)
@click.option(
    "--facts-verified", is_flag=True, help="Take the history's facts as verified by the company's own systems."
)
@click.argument("history", type=click.File("rb"))
def command(
    folders: tuple[Path, ...],
    currency: str | None,
    json_file: TextIO | None,
    html_file: TextIO | None,
    zone: ZoneInfo,
    trust_level: str | None,
    rules_as_of: datetime | None,
    facts_verified: bool,
    history: BinaryIO,
) -> None:
    """Run the requests of HISTORY (CSV or JSONL, gzipped or not; "-" is standard input) through rules, in time order.

    The decisions are those of the service: same rules, same opening limits, same ledger, with the clock of the history.
    A line that cannot be taken is reported with its number, the rest goes on, and the command ends with status 1.
    docs/reference/history-format.md describes the lines.
    """
    wish = _Wish(currency, zone, trust_level, rules_as_of.date() if rules_as_of else None, facts_verified)
    found, result = _tested(folders, history, wish)
    if json_file is not None:
        json.dump(result, json_file, ensure_ascii=False, indent=2)
        json_file.write("\n")
    if html_file is not None:
        html_file.write(page(result))
    show(result)
    if found.refused:
        _tell_refused(found)
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class _Wish:
    """The options as they were given."""

    currency: str | None
    zone: ZoneInfo
    trust_level: str | None
    rules_as_of: date | None
    facts_verified: bool


def _tested(folders: tuple[Path, ...], stream: BinaryIO, wish: _Wish) -> tuple[History, dict[str, Any]]:
    """The history and the report on it."""
    sources = read_packs(folders)
    book = load(sources, currency=wish.currency)
    stated = tuple(sorted({document.currency for document in read_documents(sources, None, Problems()).all}))
    trust_level = _trust_level(book, wish.trust_level)
    with progress("Lines read", None) as advance:
        history = read_history(stream, book, wish.zone, trust_level, advance)
    if not history.asked and not history.refused:
        raise HistoryRefused("The history holds no request.")
    day, before = _day_of_rules(book, history, wish)
    under = Under(standing_on(book, day) if day else book, book.opening_limits, wish.zone, wish.facts_verified)
    tallies = Tallies(wish.zone)
    with progress("Requests decided", len(history.asked)) as advance:
        for decided in run(history.asked, under, advance):
            tallies.add(decided)
    about = About(_name_of(stream), trust_level, stated, wish.currency, day, before)
    return history, report(history, under, tallies, about)


def _name_of(stream: BinaryIO) -> str:
    """A file's own name; standard input has none."""
    name = getattr(stream, "name", None)
    return Path(name).name if isinstance(name, str) and not name.startswith("<") else "standard input"


def _day_of_rules(book: Rulebook, history: History, wish: _Wish) -> tuple[date | None, bool]:
    """The one day whose rules decide, where it is one; whether that is so because the history is older than they."""
    if wish.rules_as_of is not None:
        return wish.rules_as_of, False
    if not history.asked or anything_in_force(book, history.asked[0].at.astimezone(wish.zone).date()):
        return None, False
    return datetime.now(wish.zone).date(), True


def _trust_level(book: Rulebook, given: str | None) -> str:
    levels = [level.name for level in sorted(book.trust_levels, key=lambda level: level.rank)]
    if given is None:
        return levels[0] if levels else ""
    if given not in levels:
        raise click.BadParameter(f"expected one of {', '.join(levels) or 'none'}.", param_hint="--trust-level")
    return given


def _tell_refused(history: History) -> None:
    for line in history.refused[:_SHOWN]:
        click.echo(f"line {line.number}: {'; '.join(line.faults)}", err=True)
    more = len(history.refused) - _SHOWN
    if more > 0:
        click.echo(f"and {more} more; the JSON report (--json FILE) names them all.", err=True)
    click.echo(
        f"{len(history.refused)} of {history.lines} line(s) could not be taken and are not in the figures.", err=True
    )
