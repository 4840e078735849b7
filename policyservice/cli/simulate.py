"""`policyservice simulate`: what becomes of a history's cases, made up by a generator whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo

import click

from policyservice.cli.backtest import Zone
from policyservice.cli.options import DAY, FOLDER, today
from policyservice.cli.publications import anything_published
from policyservice.cli.refused import Refused
from policyservice.cli.terminal import progress, table
from policyservice.config import Settings
from policyservice.costs.calibration.measure import EVERY
from policyservice.costs.compare import CostModel
from policyservice.db import migrate
from policyservice.db.session import Database
from policyservice.decisions import publishing
from policyservice.domain.errors import HistoryRefused
from policyservice.domain.money import exponent
from policyservice.engine.compiled import CompiledRulebook
from policyservice.previews.aftermath.covering import Covered, covered
from policyservice.previews.aftermath.generate import Wish
from policyservice.previews.aftermath.moving import HistoryClock, moved
from policyservice.previews.aftermath.settled import settled
from policyservice.previews.aftermath.truth import truth_of
from policyservice.previews.aftermath.writing import write
from policyservice.previews.aftermath.written import Written
from policyservice.previews.backtest.as_of import standing_on
from policyservice.previews.backtest.history import Asked, History, read_history
from policyservice.previews.backtest.run import Under, run
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook
from policyservice.rulebook.source import read_packs
from policyservice.runtime import Runtime, TimeIds, make_database_folder

AUTHOR = "policyservice simulate"
_COVERED = ("reason", "symbol", "truth", "times measured", "times held", "fewest cases")
_WEEK = 7
_SHOWN = 20
_LEEWAY_DAYS = 14
"""By when the last escalation is answered."""

_Callable = TypeVar("_Callable", bound=Callable[..., object])


def _common(function: _Callable) -> _Callable:
    """What both commands take: a history, the rules it is decided by, and how the rest is drawn."""
    options = (
        click.argument("history", type=click.File("rb")),
        click.option(
            "--rules", "folders", type=FOLDER, multiple=True, required=True, help="A pack's folder; repeatable."
        ),
        click.option("--currency", help="Read every sum of the history in this currency, as the same number."),
        click.option(
            "--timezone",
            "zone",
            type=Zone(),
            default="Europe/Helsinki",
            envvar="POLICYSERVICE_TIMEZONE",
            show_default=True,
            help="Days and months of limits begin in it, and times without offset are read in it.",
        ),
        click.option(
            "--selection",
            type=click.FloatRange(0, 1, max_open=True),
            default=0.0,
            show_default=True,
            help="How much likelier harder cases are escalated: 0 not at all.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group("simulate")
def command() -> None:
    """Make up what becomes of a history's cases, by a generator whose truth is known.

    Everything that these commands make up is simulated. docs/reference/simulation.md states the truth and every rule.
    """


@command.command("check")
@_common
@click.option("--seeds", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How often to draw.")
@click.option("--rules-as-of", type=DAY, help="Decide by the rules as they stand on this day; today when left out.")
@click.option("--hardness-known", is_flag=True, help="Let the comparison know how hard each case was.")
def check(
    history: BinaryIO,
    folders: tuple[Path, ...],
    currency: str | None,
    zone: ZoneInfo,
    selection: float,
    seeds: int,
    rules_as_of: datetime | None,
    hardness_known: bool,
) -> None:
    """Say how often calibration's 95 % intervals hold the truth that HISTORY's aftermath was made from.

    Ends with status 1 where a parameter over all cases was held less often than nine times in ten. Of a reason's own
    parameters, many together, one or another may be by chance.
    """
    found = _read(history, folders, zone, currency)
    day = rules_as_of.date() if rules_as_of else today()
    book = standing_on(found.book, day)
    asked, under = moved(found.history.asked, timedelta(0), book, currency), Under(book, book.opening_limits, zone)
    with progress("Requests decided", len(found.history.asked)) as advance:
        decided = list(run(asked, under, advance))
    cases = settled(decided, CompiledRulebook(book, CostModel(book.costs, 0)))
    wishes = [Wish(seed, selection, hardness_known) for seed in range(1, seeds + 1)]
    with progress("Seeds", seeds) as advance:
        told = covered(cases, truth_of, book.costs, wishes, advance)
    at_once = sum(case.at_once for case in cases)
    click.echo(
        f"{len(cases)} cases: {at_once} decided at once, {len(cases) - at_once} blocked. "
        "What became of them is simulated."
    )
    table("", _COVERED, [_row(one) for one in told], right=_COVERED[2:])
    missed = [one for one in told if one.reason == EVERY and 10 * one.held < 9 * one.measured]
    if missed:
        raise Refused(f"{len(missed)} parameter(s) held less often than nine times in ten.")


@command.command("write")
@_common
@click.option("--begin", type=DAY, required=True, help="Move it by whole weeks, to begin in the 7 days from here.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Another draws another aftermath.")
def write_(
    history: BinaryIO,
    folders: tuple[Path, ...],
    currency: str | None,
    zone: ZoneInfo,
    selection: float,
    begin: datetime,
    seed: int,
) -> None:
    """Write HISTORY and a simulated aftermath into an empty database, as if the service had decided it.

    For trying the reports and `costs calibrate`. The database of the settings must be empty; the rules are published in
    it as of the history's beginning. What was decided is in the log like any decision: use a database of its own.
    """
    found = _read(history, folders, zone, currency)
    settings = Settings.from_environment()
    asked = moved(found.history.asked, _shift(found.history, begin.date(), zone), found.book, currency)
    _require_past(asked, settings)
    clock = HistoryClock(asked[0].at - timedelta(minutes=1))
    runtime = _empty(settings, clock)
    try:
        with runtime.db.transaction() as conn:
            because = "A simulated year begins."
            publishing.publish(conn, found.sources, author=AUTHOR, because=because, now=clock.now())
        book = CompiledRulebook(found.book, CostModel(found.book.costs, 0))
        with progress("Requests written", len(asked)) as advance:
            written = write(runtime, clock, asked, book, Wish(seed, selection), advance)
    finally:
        runtime.close()
    _tell(written, asked)


@dataclass(frozen=True, slots=True)
class _Found:
    """A history that was read, and the rules it is decided by."""

    sources: dict[str, Mapping[str, str]]
    book: Rulebook
    history: History


def _read(stream: BinaryIO, folders: tuple[Path, ...], zone: ZoneInfo, currency: str | None) -> _Found:
    sources = read_packs(folders)
    book = load(sources)
    levels = sorted(book.trust_levels, key=lambda level: level.rank)
    if not levels:
        raise Refused("These rules know no trust levels; add a pack that does.")
    with progress("Lines read", None) as advance:
        history = read_history(stream, book, zone, levels[0].name, advance)
    for line in history.refused[:_SHOWN]:
        click.echo(f"line {line.number}: {'; '.join(line.faults)}", err=True)
    if history.refused:
        raise Refused(f"{len(history.refused)} line(s) cannot be taken; `policyservice backtest` tells of each.")
    if not history.asked:
        raise HistoryRefused("The history holds no request.")
    if currency is not None and any(exponent(one.request.currency) != exponent(currency) for one in history.asked):
        raise Refused(f"Sums with other decimals than those of {currency} cannot be read as the same number.")
    return _Found(sources, book, history)


def _shift(history: History, begin: date, zone: ZoneInfo) -> timedelta:
    """Whole weeks, so that weekdays stay: to the first time that is not before the day `begin`."""
    first = history.asked[0].at.astimezone(zone).date()
    return timedelta(days=-((first - begin).days // _WEEK) * _WEEK)


def _require_past(asked: Sequence[Asked], settings: Settings) -> None:
    over = asked[-1].at + timedelta(days=settings.outcome_days + _LEEWAY_DAYS)
    if over > datetime.now(UTC):
        raise Refused("The history and the days in which outcomes count would not be over yet. Begin earlier.")


def _empty(settings: Settings, clock: HistoryClock) -> Runtime:
    """The services on a database that nothing was ever published in."""
    make_database_folder(settings.database_url)
    db = Database(settings.database_url)
    if migrate.current(db) is None:
        migrate.upgrade(settings.database_url)
    migrate.require_current(db)
    runtime = Runtime(settings, clock, TimeIds(clock), db)
    with db.reading() as conn:
        in_use = anything_published(conn)
    if in_use:
        runtime.close()
        raise Refused("This database is in use. A simulated history is written into an empty one of its own.")
    return runtime


def _row(one: Covered) -> tuple[str, ...]:
    reason = "every" if one.reason == EVERY else one.reason
    return reason, one.symbol, f"{one.truth:.4g}", str(one.measured), str(one.held), str(one.cases)


def _tell(written: Written, asked: Sequence[Asked]) -> None:
    click.echo(
        f"{written.requests} requests from {asked[0].at:%Y-%m-%d} to {asked[-1].at:%Y-%m-%d}: {written.allowed} "
        f"decided at once, {written.answered + written.gave_up} escalated, {written.denied} denied."
    )
    click.echo(
        f"Simulated: {written.answered} escalations answered, {written.risen} of them at the third tier "
        f"({written.granted} granted: {written.found_out} by facts found out since, {written.lessened} less than was "
        f"asked), {written.gave_up} withdrawn as the customer gave up; {written.outcomes} outcomes."
    )
    if written.unable:
        click.echo(
            f"{written.unable} escalation(s) that the draw would have granted were refused: the rules allow nobody to."
        )
