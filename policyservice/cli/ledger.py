"""`policyservice ledger`: proves that what is kept for speed equals what the log says."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from policyservice.cli.database import opened
from policyservice.cli.refused import Refused
from policyservice.ledger import reconcile as ledger


@click.group("ledger")
def command() -> None:
    """Prove that the counters of the limits equal the log, and rebuild them."""


@command.command("reconcile")
@click.option("--rebuild", is_flag=True, help="Make counters and heads anew from the log; decisions wait meanwhile.")
def reconcile(rebuild: bool) -> None:
    """Compare every counter and every reservation with the entries of the log; status 1 where any differs.

    With --rebuild the differences are shown as they were before. A difference between a decision and its entries is
    never mended by a program: both are append-only, so a person has to look into it.
    """
    with opened() as runtime:
        zone = ZoneInfo(runtime.settings.timezone)
        if rebuild:
            with runtime.db.transaction() as conn:
                before = ledger.rebuild(conn, zone)
            for difference in before:
                click.echo(f"was: {difference}")
        with runtime.db.reading() as conn:
            found = ledger.reconcile(conn, zone)
    for difference in found:
        click.echo(str(difference))
    if found:
        raise Refused(f"{len(found)} difference(s)." + ("" if rebuild else " See --rebuild."))
    click.echo("Counters, reservations and the log agree.")
