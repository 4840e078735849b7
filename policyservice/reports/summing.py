"""The sums a report is asked for: those that are kept, and the rows behind them added up at once.

Both are read in one snapshot, so that every row counts once and a report is never behind the log.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, FromClause, and_, false, func, or_, select, true

from policyservice.access.authority import is_bound
from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.decisions.sight import own
from policyservice.reports import rows, store
from policyservice.reports.asked import By, Cell, Wanted
from policyservice.reports.figures import Key, Path, Vector, add, nothing
from policyservice.reports.store import Head

_sum = tables.report_sum
_NAMES = ("reason", "channel", "currency", "costs_version", "path")


class Fine(NamedTuple):
    """A cell as finely as its estimates can be explained: by whose parameters they were made."""

    cell: Cell
    reason: str
    channel: str
    costs_version: int
    path: Path


def sums(conn: Connection, zone: ZoneInfo, wanted: Wanted, seen_by: ApiKey | None = None) -> dict[Fine, Vector]:
    """The sums of what a key may see; a key bound to agents has the rows added up, since sums know no agents."""
    found: dict[Fine, Vector] = {}
    head = usable(conn, zone, seen_by)
    decisions, entries = [*wanted.on_log(zone), own(seen_by)], [*wanted.on_log(zone), own(seen_by)]
    if head is not None:
        _add_kept(conn, wanted, of_teams(seen_by, _sum), found)
        # by number alone: a database that goes by the period instead would look at the whole of it
        decisions = [rows.decision.c.seq > head.decision, own(seen_by)]
        entries = [rows.entry.c.seq > head.entry, own(seen_by)]
    for read, conditions in ((rows.of_decisions, decisions), (rows.of_entries, entries)):
        for added in read(conn, zone, conditions):
            if wanted.is_about(added.key):
                _add(found, wanted, added.key, added.sums)
    return found


def usable(conn: Connection, zone: ZoneInfo, key: ApiKey | None) -> Head | None:
    """How far what is kept reaches; None where it is of no use: of another time zone, or for a key bound to agents."""
    head = store.head(conn)
    names_agents = key is not None and bool(key.agents)
    return None if head is None or head.zone != zone.key or names_agents else head


def of_teams(key: ApiKey | None, kept: FromClause) -> ColumnElement[bool]:
    """Which of the kept rows a key may see."""
    if key is None or not is_bound(key):
        return true()
    return kept.c.team.in_(key.teams) if key.teams else false()


def _add(found: dict[Fine, Vector], wanted: Wanted, key: Key, vector: Vector) -> None:
    cell = wanted.cell(key, key.day.isoformat())
    fine = Fine(cell, key.reason, key.channel, key.costs_version, key.path)
    add(found.setdefault(fine, nothing()), vector)


def _add_kept(conn: Connection, wanted: Wanted, seen: ColumnElement[bool], found: dict[Fine, Vector]) -> None:
    names = [*_NAMES, *(by.value for by in (By.TEAM, By.TRUST_LEVEL) if by in wanted.by)]
    groups: list[Any] = [_sum.c[name] for name in names]
    starts: Any = func.min(_sum.c.starts)
    if By.DAY in wanted.by or By.MONTH in wanted.by:
        starts = _sum.c.starts if By.DAY in wanted.by else func.substr(_sum.c.starts, 1, 7)
        groups.append(starts)
    query = (
        select(
            *(_sum.c[name] for name in names),
            starts.label("starts"),
            *(func.sum(_sum.c[name]).label(name) for name in tables.SUMMED),
        )
        .where(or_(*span_of(wanted, _sum)), seen, *(_sum.c[name] == value for name, value in wanted.filters))
        .group_by(*groups)
    )
    for row in conn.execute(query):
        fine = Fine(wanted.cell(row, row.starts), row.reason, row.channel, row.costs_version, Path(row.path))
        add(found.setdefault(fine, nothing()), [int(row._mapping[name]) for name in tables.SUMMED])


def span_of(wanted: Wanted, kept: FromClause) -> list[ColumnElement[bool]]:
    """Which of the kept rows make up a period, one or the other: whole months, and the days beside them."""
    months, days = wanted.period.parts()
    if By.DAY in wanted.by or months is None:
        whole = wanted.period
        return [_span(kept, store.DAY, whole.since.isoformat(), whole.before.isoformat())]
    return [_span(kept, store.MONTH, *months), *(_span(kept, store.DAY, *edge) for edge in days)]


def _span(kept: FromClause, span: str, since: str, before: str) -> ColumnElement[bool]:
    return and_(kept.c.span == span, kept.c.starts >= since, kept.c.starts < before)
