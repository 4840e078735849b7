"""`policyservice limits`: shows how far trust goes, and changes it as a new dated version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from policyservice.cli.database import opened
from policyservice.cli.limit_effect import tell_effect
from policyservice.cli.limit_use import Most, most_used
from policyservice.cli.options import INSTANT, author_option
from policyservice.cli.terminal import sure, table, times
from policyservice.decisions.policy import rulebook_in_force
from policyservice.decisions.publishing import merged
from policyservice.decisions.rulebooks import stored
from policyservice.domain.errors import FieldProblem, NotFound
from policyservice.domain.limits import Bound, GuardRails, Limit, LimitSet
from policyservice.domain.money import decimal_string
from policyservice.limits import change, versions
from policyservice.personal.shown import references
from policyservice.runtime import Runtime

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_FROM = click.option("--from", "start", type=INSTANT, help="In force from: a date or an instant; now when left out.")


@click.group("limits")
def command() -> None:
    """Show and change the limits: how much goodwill may be given, by whom, for whom, in which time."""


@command.command("show")
def show() -> None:
    """Show the limits in force: bounds by trust level, the guard rails they may be moved in, and who used most.

    A bound is included: a sum at it is allowed. `lowest..highest` are the guard rails, both ends included.
    """
    with opened() as runtime, runtime.db.reading() as conn:
        now, zone = runtime.clock.now(), ZoneInfo(runtime.settings.timezone)
        limits = versions.in_force(conn, now)
        used = most_used(conn, limits, now, zone)
        plain = references(conn, {most.subject for most in used.values()})
        used = {limit: most._replace(subject=plain.get(most.subject, most.subject)) for limit, most in used.items()}
        levels = ["", *(level.name for level in stored(conn, rulebook_in_force(conn, now)).trust_levels)]
    click.echo(f"Version {limits.version}, in force since {_minute(limits.effective_from)}, {_by(limits)}")
    rows = [_row(limit, levels, used.get(limit.id)) for limit in limits.limits]
    table("", ("limit", "for", "window", "bound", "guard rails", "counts", "most used now"), rows)


@command.command("set")
@click.argument("target", metavar="ID")
@click.argument("value")
@click.option("--because", required=True, help="Why, for the history.")
@_FROM
@_YES
@author_option()
def set_limit(target: str, value: str, because: str, start: datetime | None, yes: bool, author: str) -> None:
    """Move one bound to VALUE, inside its guard rails, as a new version of the limits.

    ID is LIMIT or LIMIT.LEVEL (agent-day.new), with .count for a bound on how often (agent-day.new.count). VALUE is a
    sum in the limit's currency (80.00), or a whole number of times. The effect on the decisions of the last 30 days is
    shown first.
    """
    _change(lambda conn, limits: change.with_bound(limits, target, value), because, start, yes, author)


@command.command("undo")
@click.option("--because", default="", help="Why, for the history.")
@_YES
@author_option()
def undo(because: str, yes: bool, author: str) -> None:
    """Take back the last change that came into force: its predecessor's bounds become a new version."""
    _change(_before, because or "The change before is taken back.", None, yes, author)


@command.command("history")
def history() -> None:
    """Show every version: from when it is in force, who made it, why, and which bounds it moved."""
    with opened() as runtime, runtime.db.reading() as conn:
        found = versions.history(conn)
    rows = []
    for limits, before in zip(found, [*found[1:], None], strict=True):
        moved = "the first" if before is None else "; ".join(_moved(before, limits)) or "nothing moved"
        rows.append((str(limits.version), _minute(limits.effective_from), limits.author, limits.because, moved))
    table("", ("version", "from", "author", "because", "moved"), rows, right=("version",))


_Draft = Callable[[Connection, LimitSet], LimitSet]


def _change(draft: _Draft, because: str, start: datetime | None, yes: bool, author: str) -> None:
    """Show what a change would have done, ask, and publish it."""
    with opened() as runtime:
        _refuse_past(runtime, start)
        with runtime.db.reading() as conn:
            before = versions.in_force(conn, start or runtime.clock.now())
            after = draft(conn, before)
            moved = _moved(before, after)
            if not moved:
                click.echo("That is the bound already; nothing was changed.")
                return
            click.echo("\n".join(moved))
            tell_effect(runtime, conn, after)
        sure("Change it?", yes=yes)
        with runtime.db.transaction() as conn:
            now = runtime.clock.now()
            # Drafted again: others may have moved other bounds while somebody thought about this one.
            limits = draft(conn, versions.in_force(conn, start or now))
            version = versions.publish(
                conn, limits, effective_from=start or now, author=author, because=because, now=now
            )
    click.echo(f"Version {version}, in force from {_minute(start or now)}.")


def _refuse_past(runtime: Runtime, start: datetime | None) -> None:
    if start is not None and start < runtime.clock.now():
        raise FieldProblem("--from", "has passed; what was in force then cannot be changed any more.")


def _before(conn: Connection, limits: LimitSet) -> LimitSet:
    """The bounds of the version that was in force before, on the limits as the rules have them now."""
    order = sorted(versions.history(conn), key=lambda each: (each.effective_from or _NEVER, each.version))
    at = next(index for index, each in enumerate(order) if each.version == limits.version)
    if at == 0:
        raise NotFound("change to take back before version", str(limits.version))
    rulebook = stored(conn, rulebook_in_force(conn, limits.effective_from or _NEVER))
    return replace(limits, limits=merged(rulebook, order[at - 1]))


def _moved(before: LimitSet, after: LimitSet) -> list[str]:
    """Every bound that differs, as "agent-day.new: 60.00 EUR -> 80.00 EUR"."""
    old, new = change.targets(before), change.targets(after)
    lines = []
    for name in sorted({*old, *new}):
        values = [_value(found) if (found := each.get(name)) is not None else "none" for each in (old, new)]
        if values[0] != values[1]:
            lines.append(f"{name}: {values[0]} -> {values[1]}")
    return lines


def _value(target: change.Target) -> str:
    return times(int(target.value)) if target.is_count else f"{target.value} {target.limit.currency}"


def _row(limit: Limit, levels: list[str], most: Most | None) -> tuple[str, ...]:
    """A limit as a row; its bounds in the order of `levels`, the lowest trust level first."""
    bounds = sorted(limit.bounds.items(), key=lambda item: levels.index(item[0]) if item[0] in levels else len(levels))
    filters = [*limit.reasons, *limit.remedies]
    return (
        limit.id,
        limit.scope.value + (f" ({', '.join(filters)})" if filters else ""),
        str(limit.window) if limit.scope.value != "decision" else "",
        "\n".join(_bound(limit, level, bound) for level, bound in bounds),
        _rails(limit),
        f"{limit.counts.value}, {limit.measure.value}",
        ""
        if most is None
        else f"{most.subject}: {decimal_string(most.amount_minor, limit.currency)}, {times(most.times)}",
    )


def _bound(limit: Limit, level: str, bound: Bound) -> str:
    parts = []
    if bound.amount_minor is not None:
        parts.append(f"{decimal_string(bound.amount_minor, limit.currency)} {limit.currency}")
    if bound.count is not None:
        parts.append(times(bound.count))
    return f"{level + ' ' if level else ''}{', '.join(parts)}"


def _rails(limit: Limit) -> str:
    bounds = limit.bounds.values()
    lines = []
    if any(bound.amount_minor is not None for bound in bounds):
        lines.append(_range(limit.amount_rails, lambda minor: decimal_string(minor, limit.currency)))
    if any(bound.count is not None for bound in bounds):
        lines.append(f"{_range(limit.count_rails, str)} times")
    return "\n".join(lines)


def _range(rails: GuardRails, written: Callable[[int], str]) -> str:
    return f"{written(rails.lowest)}..{'' if rails.highest is None else written(rails.highest)}"


def _by(limits: LimitSet) -> str:
    return f"by {limits.author}: {limits.because}" if limits.because else f"by {limits.author}"


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
