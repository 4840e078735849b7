"""`policyservice history`: files of a company's own make turned into a history that `backtest` reads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from policyservice.cli.online_retail import convert
from policyservice.cli.terminal import progress


@click.group("history")
def command() -> None:
    """Turn a file of past business into a history of requests for `policyservice backtest`."""


@command.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="Where to write; default -.")
def online_retail(file: Path, output: TextIO) -> None:
    """Turn the UCI Online Retail data set (CSV, gzipped or not) into a history of refund requests.

    Each cancellation invoice (InvoiceNo begins with C) becomes one request. What was paid and how long ago comes from
    the customer's purchases before it. docs/tutorial/a-year-of-refunds.md states every rule and what is assumed.
    """
    with progress("Lines read", None) as advance:
        done = convert(file, output, advance)
    click.echo(
        f"{done.lines} invoice lines read, {done.cancellation_lines} of them on {done.requests} cancellation invoices: "
        f"as many requests, {done.of_guests} of them by guests. Of {done.matched} every piece was matched to "
        "a purchase before it.",
        err=True,
    )
    if output is sys.stdout:
        output.flush()
