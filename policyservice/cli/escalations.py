"""`policyservice escalations`: the queue, one of it with its history, and those that nobody answered in time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import click

from policyservice.api.present.escalation import worked
from policyservice.cases import escalation_events, escalations
from policyservice.cases.escalations import EscalationFilters, EscalationStatus
from policyservice.cli.database import opened
from policyservice.cli.terminal import table
from policyservice.decisions import log
from policyservice.personal.shown import shown
from policyservice.resolutions.rising import rise_overdue
from policyservice.resolutions.tidying import withdraw_answered
from policyservice.resolutions.working import Worked

_MOST = 1000
_COLUMNS = ("id", "to", "due", "level", "holder", "result")


@click.group("escalations")
def command() -> None:
    """See what waits for somebody with more authority, and have the overdue rise."""


@command.command("list")
@click.option("--overdue", is_flag=True, help="Only those whose customer was promised an answer by now.")
@click.option("--resolved", is_flag=True, help="Those that are answered, in place of those that wait.")
@click.option("--to", help="Only those for this trust level or name of the rulebook.")
def list_queue(overdue: bool, resolved: bool, to: str | None) -> None:
    """List the queue, those due first at the front, the first thousand."""
    with opened() as runtime, runtime.db.reading() as conn:
        now = runtime.clock.now()
        status = EscalationStatus.RESOLVED if resolved else EscalationStatus.OPEN
        filters = EscalationFilters(status=status, to=to, overdue_at=now if overdue else None)
        found = escalations.listed(conn, filters, limit=_MOST)
        named = shown(conn, [{"holder": one.holder} for one in found])
    rows = [
        (one.id, one.to, _due(one.due_at, now), str(one.level), name["holder"] or "", one.result or "")
        for one, name in zip(found, named, strict=True)
    ]
    table("", _COLUMNS, rows, right=("level",))


@command.command("show")
@click.argument("escalation_id", metavar="ID")
def show(escalation_id: str) -> None:
    """Print one escalation as JSON: what is asked, what happened to it, and what that took."""
    with opened() as runtime, runtime.db.reading() as conn:
        escalation = escalations.get(conn, escalation_id)
        events = escalation_events.of_escalations(conn, [escalation_id]).get(escalation_id, ())
        one = Worked(escalation, log.read(conn, escalation.decision_id), events)
        document = shown(conn, worked(one, runtime.clock.now()))
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@command.command("rise")
def rise() -> None:
    """Have every escalation rise that nobody answered in time, and withdraw those that answered themselves.

    The service does so by itself while it runs. Doing it again changes nothing.
    """
    with opened() as runtime:
        withdrawn = _until_none_is_left(lambda: withdraw_answered(runtime))
        risen = _until_none_is_left(lambda: rise_overdue(runtime))
    click.echo(f"{risen} overdue, risen or with nobody above them; {withdrawn} withdrawn.")


def _until_none_is_left(step: Callable[[], int]) -> int:
    total = 0
    while done := step():
        total += done
    return total


def _due(due_at: datetime, now: datetime) -> str:
    return f"{due_at:%Y-%m-%d %H:%M}{' overdue' if due_at <= now else ''}"
