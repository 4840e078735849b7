"""`policyservice incidents`: see them, do now what is done behind the requests, roll a remedy out."""

from __future__ import annotations

import json
from collections.abc import Callable

import click

from policyservice.access.keys import ApiKey, Role
from policyservice.api.present.incident import told
from policyservice.cases import incidents
from policyservice.cases.incidents import State
from policyservice.cli.database import opened
from policyservice.cli.terminal import progress, table
from policyservice.personal.shown import shown
from policyservice.resolutions.incidents.steps import listed, read
from policyservice.resolutions.linking import link_new
from policyservice.resolutions.messages import tell_of_changes, tell_of_late_actions
from policyservice.resolutions.rolling_out import MOST, roll_out

_MOST = 1000
_COLUMNS = ("id", "state", "opened", "title", "cases", "given", "left")
_OPERATOR = ApiKey("command-line", "command-line", Role.ADMIN)
"""Whoever can run commands on the database: bound to nobody."""
_CASES = 20


@click.group("incidents")
def command() -> None:
    """See incidents, link what belongs to them, and roll their remedies out."""


@command.command("list")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only those in this state.")
def list_incidents(state: str | None) -> None:
    """List incidents, the newest first, the first thousand."""
    with opened() as runtime, runtime.db.reading() as conn:
        found = incidents.listed(conn, State(state) if state else None, limit=_MOST)
        rows = [
            (
                one.id,
                one.status.value,
                f"{one.opened_at:%Y-%m-%d %H:%M}",
                one.title,
                str(counts.cases),
                str(counts.given),
                str(counts.left),
            )
            for one, counts in listed(conn, found)
        ]
    table("", _COLUMNS, rows, right=_COLUMNS[4:])


@command.command("show")
@click.argument("incident_id", metavar="ID")
def show(incident_id: str) -> None:
    """Print one incident as JSON, with how many cases it is behind and what happened to it."""
    with opened() as runtime, runtime.db.reading() as conn:
        document = shown(conn, told(read(conn, incident_id), runtime.clock.now()))
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@command.command("update")
def update() -> None:
    """Link every case that belongs to an incident, and tell every reporter what there is to tell.

    The service does so by itself while it runs. Doing it again changes nothing.
    """
    with opened() as runtime:
        looked_at = _until_none_is_left(lambda: link_new(runtime))
        changes = tell_of_changes(runtime)
        tell_of_late_actions(runtime)
    click.echo(f"{looked_at} decision(s) looked at, {changes} change(s) told.")


@command.command("roll-out")
@click.argument("incident_id", metavar="ID")
@click.option("--agent", required=True, help="Who decides: a registered agent, within its cap per decision.")
def roll_out_remedy(incident_id: str, agent: str) -> None:
    """Give the remedy to every case of the incident ID that has not got it: one decision for each, never two.

    A run that is broken off is taken up again by running it again, and several may run side by side. What could not be
    given is tried once in each run.
    """
    with opened() as runtime:
        started = runtime.clock.now()
        with runtime.db.reading() as conn:
            total = read(conn, incident_id).counts.left
        given = had = not_given = 0
        with progress("Cases", total) as advance:
            while True:
                one = roll_out(runtime, incident_id, agent, _OPERATOR, most=min(_CASES, MOST), started=started)
                given, had, not_given = given + one.given, had + one.had, not_given + one.not_given
                done = one.given + one.had + one.not_given
                advance(done)
                if not done:
                    break
    click.echo(f"{given} given, {had} had it already, {not_given} could not be given; {one.counts.left} left.")


def _until_none_is_left(step: Callable[[], int]) -> int:
    total = 0
    while done := step():
        total += done
    return total
