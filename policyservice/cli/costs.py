"""`policyservice costs`: what estimates are reckoned from, measured on what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

import click

from policyservice.cli.database import opened
from policyservice.cli.options import DAY, INSTANT, author_option
from policyservice.cli.refused import Refused
from policyservice.cli.report_tables import speed_rows
from policyservice.cli.terminal import sure, table
from policyservice.costs.calibration.beside import Beside, beside
from policyservice.costs.calibration.measure import Measured, measure, proposed
from policyservice.costs.calibration.observed import Observed
from policyservice.costs.calibration.observed import Path as HandledBy
from policyservice.costs.parameters import for_case
from policyservice.costs.provenance import provenance
from policyservice.costs.trusting import Comparison, Handled, compared
from policyservice.decisions import calibrating, cost_versions
from policyservice.decisions.calibrating import Proposal
from policyservice.reports import documents
from policyservice.reports.asked import Wanted, period
from policyservice.reports.comparison import speeds
from policyservice.reports.words import NOTES
from policyservice.resolutions.observing import observed
from policyservice.rulebook.model import CostValue
from policyservice.runtime import Runtime

_USUAL_DAYS = 365
_MEASURED = ("reason", "symbol", "before", "measured", "low", "high", "cases")
_BESIDE = ("reason", "cases", "labour: estimate", "5 to 95 %", "really", "recorded", "granted: estimate", "really ")
_SINCE = click.option("--since", type=INSTANT, help="From: a date or an instant; a year ago when left out.")
_BEFORE = click.option("--before", type=INSTANT, help="Until, excluded; now when left out.")
_OUTCOMES: dict[str, Callable[[Observed], float | None]] = {
    "churn": lambda case: None if case.left is None else float(case.left),
    "satisfaction": lambda case: case.satisfaction,
    "complaints": lambda case: None if case.complained is None else float(case.complained),
}


@click.group("costs")
def command() -> None:
    """Show and measure what estimates are reckoned from; compare and time what happened."""


@command.command("show")
@click.argument("reason", default="")
@click.option("--channel", help="Of cases in this channel.")
@click.option("--queue", help="Of cases that this queue decides when escalated.")
def show(reason: str, channel: str | None, queue: str | None) -> None:
    """Show the parameters in force for REASON (every case when left out), with range and source of each."""
    with opened() as runtime, runtime.db.reading() as conn:
        version = cost_versions.in_force(conn, runtime.clock.now())
        parameters = for_case(cost_versions.read(conn, version), reason, channel, queue)
    click.echo(f"Version {version}")
    rows = [
        (symbol, *_range(found), provenance(found).origin.value, found.source) for symbol, found in parameters.items()
    ]
    table("", ("symbol", "value", "low", "high", "is", "source"), rows, right=("value", "low", "high"))


@command.command("calibrate")
@_SINCE
@_BEFORE
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the proposal to this file.")
def calibrate(since: datetime | None, before: datetime | None, out: Path | None) -> None:
    """Measure the parameters on the cases of a period, and propose them; nothing is changed.

    Shows each parameter before and as measured, and for each reason the estimate beside what escalated cases really
    took. A person puts the proposal in force with `costs accept`.
    """
    with opened() as runtime, runtime.db.reading() as conn:
        start, end = _period(runtime, since, before)
        version = cost_versions.in_force(conn, runtime.clock.now())
        sets = cost_versions.read(conn, version)
        cases = list(observed(conn, runtime, start, end))
        now = runtime.clock.now()
    measured = measure(cases, sets)
    click.echo(f"{len(cases)} case(s) from {_minute(start)} until {_minute(end)}, against version {version}")
    if not measured:
        click.echo("They tell nothing about any parameter; nothing is proposed.")
        return
    table("", _MEASURED, [_measured_row(one) for one in measured], right=_MEASURED[2:])
    click.echo("Each escalated case: the estimate, and what really happened. Never add the two up.")
    table("", _BESIDE, [_beside_row(one) for one in beside(cases, sets)], right=_BESIDE[1:])
    if out is not None:
        proposal = Proposal(now, start, end, len(cases), version, proposed(measured, sets))
        out.write_text(calibrating.as_text(proposal), "utf-8")
        click.echo(
            f"The proposal is in {out}. Nothing was changed; `policyservice costs accept {out}` puts it in force."
        )


@command.command("accept")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--because", required=True, help="Why, for the history.")
@click.option("--from", "start", type=INSTANT, help="In force from: a date or an instant; now when left out.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@author_option()
def accept(file: TextIO, because: str, start: datetime | None, yes: bool, author: str) -> None:
    """Put the proposal in FILE in force as the next version of the parameters.

    Refused where others came into force since it was made. What was decided before keeps its own version.
    """
    try:
        proposal = calibrating.from_text(file.read())
    except UnicodeDecodeError:
        raise Refused("The file is not UTF-8.") from None
    with opened() as runtime:
        measured = [found for found in proposal.sets if found.measured]
        rows = [
            (", ".join(found.reasons) or "every", symbol, *_range(value), value.source)
            for found in measured
            for symbol, value in found.values.items()
        ]
        table("", ("reason", "symbol", "value", "low", "high", "source"), rows, right=("value", "low", "high"))
        sure("Put this in force?", yes=yes)
        with runtime.db.transaction() as conn:
            now = runtime.clock.now()
            version = calibrating.accept(conn, proposal, author=author, because=because, now=now, start=start)
    click.echo(f"Version {version} of the cost parameters, in force from {_minute(start or now)}.")


@command.command("trusting")
@click.option(
    "--outcome", type=click.Choice(sorted(_OUTCOMES)), default="churn", show_default=True, help="What came of it."
)
@_SINCE
@_BEFORE
def trusting(outcome: str, since: datetime | None, before: datetime | None) -> None:
    """Compare what came of cases decided at once with like escalated ones, and say how much that can bear."""
    with opened() as runtime, runtime.db.reading() as conn:
        cases = list(observed(conn, runtime, *_period(runtime, since, before)))
    _tell(compared(_handled(cases, _OUTCOMES[outcome])), outcome)


@command.command("speed")
@click.option("--since", type=DAY, help="The first day; a year before --before when left out.")
@click.option("--before", type=DAY, help="The first day that is not in it; tomorrow when left out.")
def speed(since: datetime | None, before: datetime | None) -> None:
    """Show how soon customers had the remedy, and how often the first contact was enough, beside the targets."""
    with opened() as runtime, runtime.db.reading() as conn:
        spoken, today = runtime.settings.language, runtime.clock.now().astimezone(runtime.zone).date()
        end = before.date() if before else today + timedelta(days=1)
        start = since.date() if since else end - timedelta(days=_USUAL_DAYS)
        found = speeds(conn, runtime, Wanted(period(start, end, today)))
    lines = [
        {"reason": cell.reason, "currency": cell.currency, "speed": documents.speed(one)} for cell, one in found.items()
    ]
    title, columns, rows = speed_rows(lines, spoken)
    table(title, columns, rows, right=columns[2:])
    click.echo(NOTES["speed"].get(spoken))


def _period(runtime: Runtime, since: datetime | None, before: datetime | None) -> tuple[datetime, datetime]:
    end = before or runtime.clock.now()
    start = since or end - timedelta(days=_USUAL_DAYS)
    if start >= end:
        raise click.UsageError("The period is empty: --since is not before --before.")
    return start, end


def _handled(cases: Sequence[Observed], outcome: Callable[[Observed], float | None]) -> list[Handled]:
    return [
        Handled(case.path is HandledBy.AT_ONCE, case.reason, case.loss, case.tier, case.channel, value, case.before)
        for case in cases
        if case.path is not HandledBy.GAVE_UP and (value := outcome(case)) is not None
    ]


def _tell(found: Comparison, outcome: str) -> None:
    click.echo(
        f"Grade {found.grade}: {found.compared[0]} of {found.cases[0]} case(s) decided at once are comparable with "
        f"{found.compared[1]} of {found.cases[1]} escalated."
    )
    if found.difference is not None and found.low is not None and found.high is not None:
        click.echo(
            f"{outcome}, decided at once less escalated: {found.difference:+.3f} "
            f"({found.low:+.3f} to {found.high:+.3f}, 95 %)"
        )
    if found.explained_by:
        click.echo(f"An unseen difference of {found.explained_by:.3f} between the two kinds would explain it.")
    click.echo(found.weakness.en)


def _range(found: CostValue) -> tuple[str, str, str]:
    return f"{float(found.value):.4g}", f"{float(found.low):.4g}", f"{float(found.high):.4g}"


def _measured_row(one: Measured) -> tuple[str, ...]:
    value, low, high = _range(one.value)
    return one.reason or "every", one.symbol, _range(one.before)[0], value, low, high, str(one.estimate.cases)


def _beside_row(one: Beside) -> tuple[str, ...]:
    return (
        one.reason,
        str(one.cases),
        f"{one.labour_expected:.2f}",
        f"{one.labour_low:.2f} to {one.labour_high:.2f}",
        "" if one.labour_realised is None else f"{one.labour_realised:.2f}",
        f"{one.recorded:.0%}",
        f"{one.granted_expected:.0%}",
        "" if one.granted_realised is None else f"{one.granted_realised:.0%}",
    )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
