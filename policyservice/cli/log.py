"""`policyservice log`: replays the decision log, and shows one decision; its seals are in `seals`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import click
from sqlalchemy import Connection, func, select

from policyservice.cli import seals
from policyservice.cli.database import opened
from policyservice.cli.options import INSTANT
from policyservice.cli.refused import Refused
from policyservice.cli.terminal import progress, table
from policyservice.db import tables
from policyservice.decisions import log, record
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.masking import unmasked
from policyservice.decisions.replay import Replayed
from policyservice.decisions.replay import replay as replay_log
from policyservice.domain.case import Request
from policyservice.domain.money import Money


@click.group("log")
def command() -> None:
    """Replay the decision log, show one decision of it, seal it and prove what it says."""


for _command in (seals.seal, seals.verify, seals.checkpoint, seals.prove, seals.check_proof):
    command.add_command(_command)


@command.command("replay")
@click.option("--from", "since", type=INSTANT, help="What was logged at or after this date or instant; default: all.")
@click.option("--until", type=INSTANT, help="What was logged before this date or instant; default: all.")
def replay(since: datetime | None, until: datetime | None) -> None:
    """Re-compute every logged decision from its own record, and report those that differ; status 1 where any does.

    Nothing is used but the record, the rulebook of its digest and its version of the cost parameters.
    """
    count = differing = 0
    with opened() as runtime, runtime.db.reading() as conn:
        after, last, total = _range(conn, since, until)
        with progress("Decisions", total) as advance:
            for replayed in _until(replay_log(conn, runtime.rulebooks, after_seq=after), last):
                count += 1
                differing += bool(replayed.differences)
                for difference in replayed.differences:
                    click.echo(
                        f"{replayed.id}: {difference.field}: logged {difference.logged}, "
                        f"re-computed {difference.recomputed}"
                    )
                advance(1)
    if differing:
        raise Refused(f"{differing} of {count} decision(s) differ from what was logged.")
    click.echo(f"{count} decision(s) re-computed, every one as it was logged.")


@command.command("show")
@click.argument("decision_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="The whole record as JSON: all that a replay uses.")
def show(decision_id: str, as_json: bool) -> None:
    """Show one decision: what was asked, what was answered and why, and what became of it.

    References are shown for as long as they are kept, and as their pseudonyms after that; the JSON is as it was logged.
    """
    with opened() as runtime, runtime.db.reading() as conn:
        stored = log.read(conn, decision_id)
        request = unmasked(conn, stored.request)
    if as_json:
        whole = record.as_json(stored.request, stored.context, stored.decision)
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True))
        return
    table("", ("", ""), list(_rows(stored, request)))


def _range(conn: Connection, since: datetime | None, until: datetime | None) -> tuple[int, int, int]:
    """The serial number before the first wanted decision, that of the last, and how many there are."""
    seq, logged_at = tables.decision.c.seq, tables.decision.c.logged_at
    query = select(func.min(seq), func.max(seq), func.count())
    if since is not None:
        query = query.where(logged_at >= since)
    if until is not None:
        query = query.where(logged_at < until)
    first, last, count = conn.execute(query).one()
    return (first or 1) - 1, last or 0, count


def _until(replayed: Iterator[Replayed], last: int) -> Iterator[Replayed]:
    for one in replayed:
        if one.seq > last:
            return
        yield one


def _rows(stored: StoredDecision, request: Request) -> Iterator[tuple[str, str]]:
    context, decision = stored.context, stored.decision
    sums = {"asked": request.amount_minor, "answered": decision.amount_minor, "available": decision.available_minor}
    yield "decision", f"{stored.id}, {context.now:%Y-%m-%d %H:%M:%S} UTC"
    yield "outcome", f"{decision.outcome.value}, now {stored.status.value}"
    yield "agent", f"{request.agent} ({context.agent.trust_level if context.agent else 'unknown'}), {request.channel}"
    yield "case", ", ".join(ref for ref in (request.case, request.customer, request.order) if ref)
    yield "asked", f"{request.remedy} for {request.reason}"
    yield from ((name, str(Money(minor, decision.currency))) for name, minor in sums.items() if minor is not None)
    yield from (("because", because.text.en) for because in decision.because)
    yield from ((f"fact {name}", str(value)) for name, value in sorted({**decision.facts, **request.facts}.items()))
    if stored.escalation is not None:
        yield "escalated", f"to {stored.escalation.to}, due {stored.escalation.due_at:%Y-%m-%d %H:%M} UTC"
    for entry in stored.entries:
        standing = Money(entry.amount_minor, decision.currency)
        yield entry.kind, f"{entry.at:%Y-%m-%d %H:%M:%S} UTC, standing {standing}{', late' if entry.late else ''}"
    yield "policy", f"rules {stored.policy.rules}, limits {stored.policy.limits}, costs {stored.policy.costs}"
