"""`policyservice report`: what was given beside what escalating costs, root causes and evenness."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from policyservice.api.present.reports import presented
from policyservice.cli.database import opened
from policyservice.cli.options import DAY
from policyservice.cli.refused import Refused
from policyservice.cli.report_tables import cause_rows, comparison_rows, evenness_rows, flat
from policyservice.cli.terminal import progress, table
from policyservice.domain.vocabulary import LANGUAGES
from policyservice.reports import documents, folding, measures
from policyservice.reports.asked import FILTERS, By, Wanted, period
from policyservice.reports.causes import causes
from policyservice.reports.comparison import comparison
from policyservice.reports.evenness import evenness
from policyservice.reports.speed.summing import counting_of
from policyservice.reports.words import HEADINGS
from policyservice.runtime import Runtime

Command = TypeVar("Command", bound=Callable[..., Any])
_FAST = 5_000


def _asked(command: Command) -> Command:
    """The options of every report."""
    options = (
        click.option("--since", type=DAY, help="The first day; 30 days before --before when left out."),
        click.option("--before", type=DAY, help="The first day that is not in it; tomorrow when left out."),
        click.option("--reason", help="Of this reason alone."),
        click.option("--channel", help="Of this channel alone."),
        click.option("--team", help='Of this team alone; "" for those without one.'),
        click.option("--trust-level", help='Of agents on this trust level alone; "" for those without one.'),
        click.option("--currency", help="In this currency alone."),
        click.option("--csv", "form", flag_value="csv", help="Write CSV, every figure in a column of its own."),
        click.option("--json", "form", flag_value="json", help="Write JSON, as the API answers."),
        click.option("--language", type=click.Choice(sorted(LANGUAGES)), help="Of headings and notes."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group("report")
def command() -> None:
    """Compare what was given with what escalating costs; find causes and unevenness; sum the log up."""


@command.command("comparison")
@click.option(
    "--by", "by", multiple=True, type=click.Choice([by.value for by in By]), help="Told apart by; reason if left out."
)
@_asked
def compare(by: tuple[str, ...], form: str | None, language: str | None, **asked: Any) -> None:
    """Show what was given, what escalating is estimated to have cost, and what escalations really took."""

    def make(runtime: Runtime, conn: Connection, spoken: str) -> dict[str, Any]:
        wanted = _wanted(runtime, asked, documents.grouped(by) or (By.REASON,))
        return documents.comparison(comparison(conn, runtime, wanted), runtime.zone, spoken)

    _tell(make, form, language, comparison_rows)


@command.command("root-causes")
@_asked
def root_causes(form: str | None, language: str | None, **asked: Any) -> None:
    """Rank reasons by what they cost, with trend, owner, and whether measures against them helped."""

    def make(runtime: Runtime, conn: Connection, spoken: str) -> dict[str, Any]:
        wanted = _wanted(runtime, asked, (By.REASON,))
        found = causes(conn, runtime, wanted, _today(runtime))
        return presented(conn, documents.causes(found, wanted, runtime.zone, spoken))

    _tell(make, form, language, cause_rows)


@command.command("evenness")
@_asked
def even(form: str | None, language: str | None, **asked: Any) -> None:
    """Show the ten groups of like cases that agents or teams answered most unevenly."""

    def make(runtime: Runtime, conn: Connection, spoken: str) -> dict[str, Any]:
        wanted = _wanted(runtime, asked, (By.REASON,))
        return presented(conn, documents.evenness(evenness(conn, runtime, wanted), wanted, runtime.zone, spoken))

    _tell(make, form, language, evenness_rows)


@command.command("measure")
@click.argument("reason")
@click.option("--taken-on", type=DAY, required=True, help="The day from which it acts.")
@click.option("--owner", required=True, help="Who answers for it: a reference of an agent.")
@click.option("--agent", required=True, help="Who records it: a reference of an agent.")
@click.option("--note", required=True, help="What was done, in a sentence.")
def measure(reason: str, taken_on: datetime, owner: str, agent: str, note: str) -> None:
    """Keep what was done against REASON, so that `root-causes` shows whether it helped."""
    if not note.strip():
        raise click.UsageError("--note is empty: say what was done.")
    with opened() as runtime:
        told = measures.Told(reason, taken_on.date(), owner, agent, note)
        found = measures.record(runtime, told, _today(runtime), None)
    click.echo(f"{found.measure.id} {'kept' if found.is_new else 'was kept before'}.")


@command.command("rebuild")
def rebuild() -> None:
    """Sum the log up anew, from its first row to its last.

    Needed after a change of the time zone, or of the days within which outcomes count. Reports are right meanwhile,
    only slower: what is not summed up is added from the rows.
    """
    with opened() as runtime:
        counting = counting_of(runtime)
        folding.rebuild(runtime.db, counting)
        folder = folding.Folder(runtime.db, counting, most=_FAST)
        count = folder.step()
        with progress("waiting for who is writing", None):
            while folder.is_waiting:
                count += folder.step()
    click.echo(f"{count} row number(s) summed up.")


@command.command("check")
def check() -> None:
    """Prove that the sums of reports equal the rows of the log, and name those that do not."""
    with opened() as runtime:
        proof = folding.prove(runtime.db)
        counting = counting_of(runtime)
    if proof.head is None:
        click.echo("Nothing was summed up yet; reports add up the rows.")
        return
    for found in proof.differences[:20]:
        click.echo(" ".join(part for part in map(str, found.kept) if part))
    for decision in proof.escalated[:20]:
        click.echo(decision)
    for cases in proof.cases[:20]:
        click.echo(" ".join(part for part in (*cases.of, str(cases.minutes)) if part))
    if not proof.holds:
        wrong = len(proof.differences) + len(proof.escalated) + len(proof.cases)
        raise Refused(f"{wrong} sum(s) are not what the rows give. Make them anew: report rebuild")
    if proof.head.counting != counting:
        raise Refused(
            f"The sums are of days in {proof.head.zone}, with {proof.head.outcome_days} days for outcomes; reports do "
            "not use them. Make them anew: report rebuild"
        )
    click.echo(
        f"{proof.sums} sum(s) equal the rows, up to decision {proof.head.decision} and entry {proof.head.entry}."
    )


Rows = Callable[[Mapping[str, Any], str], Iterable[tuple[str, Sequence[str], Sequence[Sequence[str]]]]]
"""A report and a language to its tables: title, columns, rows."""


def _tell(
    make: Callable[[Runtime, Connection, str], dict[str, Any]], form: str | None, language: str | None, rows: Rows
) -> None:
    with opened() as runtime:
        spoken = language or runtime.settings.language
        with runtime.db.reading() as conn:
            document = make(runtime, conn, spoken)
    if form == "json":
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif form == "csv":
        click.echo(_as_csv(document["items"]), nl=False)
    else:
        _show(document, spoken, rows)


def _show(document: Mapping[str, Any], spoken: str, rows: Rows) -> None:
    click.echo(f"{document['since']} – {document['before']}, {document['time_zone']}")
    left = {
        HEADINGS[name].get(spoken) for name in ("period", "reason", "channel", "team", "trust_level", "by", "owner")
    }
    for title, columns, lines in rows(document, spoken):
        if lines:
            click.echo("")
            table(title, columns, lines, right=[name for name in columns if name not in left])
    click.echo("")
    for note in document["notes"].values():
        click.echo(note)


def _as_csv(items: Sequence[Mapping[str, Any]]) -> str:
    """One line for each item, its figures in columns named by their place in the JSON document."""
    lines = [flat(item) for item in items]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in line.items()} for line in lines)
    return text.getvalue()


def _harmless(value: str) -> str:
    """A text that a spreadsheet takes for no formula."""
    return (
        f"'{value}"
        if value[:1] in ("=", "+", "@", "\t", "\r") or (value[:1] == "-" and not _is_number(value))
        else value
    )


def _is_number(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdigit()


def _wanted(runtime: Runtime, asked: Mapping[str, Any], by: tuple[By, ...]) -> Wanted:
    since, before = (None if asked[name] is None else asked[name].date() for name in ("since", "before"))
    filters = tuple((name, asked[name]) for name in FILTERS if asked[name] is not None)
    return Wanted(period(since, before, _today(runtime)), by, filters)


def _today(runtime: Runtime) -> date:
    return runtime.clock.now().astimezone(runtime.zone).date()
