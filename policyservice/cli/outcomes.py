"""`policyservice outcomes`: what was heard of cases afterwards, from exports of other systems."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

import click

from policyservice.cases import outcomes
from policyservice.cli.database import opened
from policyservice.cli.refused import Refused
from policyservice.cli.terminal import progress, table
from policyservice.domain.errors import InvalidRequest
from policyservice.resolutions.outcomes import Report, Taken, a_source, fault_in, record
from policyservice.resolutions.surveys.mapping import SurveyMapping, an_outcome, mapping, shipped
from policyservice.runtime import Runtime

_CHUNK = 200
_SHOWN = 20


@click.group("outcomes")
def command() -> None:
    """Import and count outcomes: satisfaction, repeat contacts, churn, public complaints."""


@command.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option("--source", required=True, help="Who tells: the same name as that of its webhook, if it has one.")
@click.option(
    "--mapping", "name", type=click.Choice(shipped()), default="generic", show_default=True, help="How it is read."
)
def import_file(file: TextIO, source: str, name: str) -> None:
    """Keep the outcomes of FILE ("-" is standard input): CSV with a header, commas or semicolons between.

    Where one line is at fault nothing is kept, and every such line is named. Importing a file again keeps nothing
    twice: copies are counted as duplicates.
    """
    a_source("--source", source)
    with opened() as runtime:
        reports = _read(runtime, file, source, mapping(name))
        taken: Counter[Taken] = Counter()
        with progress("keeping", len(reports)) as advance:
            for start in range(0, len(reports), _CHUNK):
                receipts = record(runtime, reports[start : start + _CHUNK])
                taken.update(receipt.taken for receipt in receipts)
                advance(len(receipts))
    click.echo(f"{len(reports)} outcome(s): " + ", ".join(f"{taken[each]} {each.value}" for each in Taken) + ".")


@command.command("status")
def status() -> None:
    """Count the outcomes that are kept: how many are tied to a decision, and how many contradict an earlier one."""
    with opened() as runtime, runtime.db.reading() as conn:
        found = outcomes.counts(conn)
    rows = [
        (kind.value, str(each.kept), str(each.tied), str(each.kept - each.tied), str(each.contradicting))
        for kind, each in found.items()
    ]
    columns = ("kind", "kept", "tied", "of nothing known", "contradicting")
    table("", columns, rows, right=columns[1:])


def _read(runtime: Runtime, file: TextIO, source: str, found: SurveyMapping) -> list[Report]:
    """Every line as a report.

    Raises:
        Refused: lines that cannot be taken, each with what is wrong.
    """
    reports, faults = [], []
    for number, line in _lines(file):
        try:
            report = Report(an_outcome(found, line, runtime.zone), source)
            refused = fault_in(runtime, report)
        except InvalidRequest as error:
            refused = error
        else:
            reports.append(report)
        if refused is not None:
            faults.append(f"line {number}: " + "; ".join(f"{each.field}: {each.message}" for each in refused.errors))
    if faults:
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise Refused("\n".join([*faults[:_SHOWN], *more, "Nothing was kept."]))
    return reports


def _lines(file: TextIO) -> Iterator[tuple[int, dict[str, object]]]:
    """The number and the fields of each line that has any; what is empty is left out."""
    try:
        header = file.readline()
        delimiter = ";" if header.count(";") > header.count(",") else ","
        columns = next(csv.reader([header], delimiter=delimiter), [])
        if not any(columns):
            raise Refused("The file is empty; its first line names the columns.")
        reader = csv.DictReader(file, fieldnames=columns, delimiter=delimiter, restkey="")
        for line in reader:
            if line.get(""):
                raise Refused(f"line {reader.line_num + 1}: has more fields than there are columns. Nothing was kept.")
            yield reader.line_num + 1, {name: value for name, value in line.items() if value not in (None, "")}
    except UnicodeDecodeError:
        raise Refused("The file is not UTF-8. Save it as UTF-8 and import it again.") from None
    except csv.Error as error:
        raise Refused(f"The file is not CSV: {error}. Nothing was kept.") from None
