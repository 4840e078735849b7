"""What a change of the limits would have done to the decisions of the last 30 days, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from policyservice.cli.terminal import table
from policyservice.domain.limits import LimitSet
from policyservice.domain.money import decimal_string
from policyservice.personal.shown import references
from policyservice.previews.limits import Preview, preview
from policyservice.runtime import Runtime

DAYS_BACK = 30


def tell_effect(runtime: Runtime, conn: Connection, draft: LimitSet) -> None:
    """Print what would have come out otherwise, had `draft` been in force: the same rules, the same requests."""
    now = runtime.clock.now()
    found = preview(
        conn,
        runtime.rulebooks,
        draft,
        since=now - timedelta(days=DAYS_BACK),
        until=now,
        zone=ZoneInfo(runtime.settings.timezone),
    )
    click.echo("\n".join(_sentences(found)))
    if found.examples:
        plain = references(conn, {change.agent for change in found.examples})
        rows = list(_examples(found, plain))
        table("The largest:", ("decision", "agent", "asked", "then", "with the change", "limit"), rows)


def _sentences(found: Preview) -> Iterator[str]:
    if not found.decisions:
        yield f"Nothing was decided in the last {DAYS_BACK} days, so there is no effect to show."
        return
    changed = sum(found.changes.values()) or "none"
    yield f"Of the {found.decisions} decisions of the last {DAYS_BACK} days {changed} would have come out otherwise."
    for (then, now), count in sorted(found.changes.items()):
        yield f"  {then.value} -> {now.value}: {count}"
    for currency, minor in sorted(found.goodwill_more.items()):
        yield f"  goodwill: {'+' if minor >= 0 else ''}{decimal_string(minor, currency)} {currency}"


def _examples(found: Preview, plain: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """The largest changes; `plain` has the agents' references by pseudonym."""
    for change in found.examples:
        amount = "" if change.amount_minor is None else f" {decimal_string(change.amount_minor, change.currency)}"
        asked = f"{change.remedy}{amount} {change.currency}, {change.reason}"
        agent = plain.get(change.agent, change.agent)
        yield change.decision, agent, asked, change.before.value, change.after.value, change.limit or ""
