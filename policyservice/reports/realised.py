"""What escalations that were answered really took: recorded minutes and contacts, waiting, and the result.

The one place that knows where these are recorded. Work is read from `escalation_event` where there is such a table; an
escalation of which nothing was recorded is counted, and tells no minutes. Waiting is what was recorded, else the time
from opening to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Float, case, column, func, inspect, select, table, type_coerce

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.decisions.sight import own
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.rows import decision

_escalation = tables.escalation
_events = table(
    "escalation_event",
    *(column(name) for name in ("escalation_id", "tier", "worked_seconds", "contacts", "waited_seconds")),
)
_GIVEN = ("granted", "partial", "other")
_WITHDRAWN = "withdrawn"


@dataclass(slots=True)
class Realised:
    """Sums over answered escalations. `recorded` is of how many the work was recorded; seconds of work at the second
    tier and above it; `labour` in whole currency units at the wages of the decisions' own parameters.
    """

    answered: int = 0
    given: int = 0
    refused: int = 0
    withdrawn: int = 0
    recorded: int = 0
    second_tier_seconds: int = 0
    above_seconds: int = 0
    contacts: int = 0
    waited_seconds: int = 0
    labour: Fraction = Fraction(0)

    def add(self, other: Realised) -> None:
        """Add the sums of others."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class Of:
    """What realised sums are of, as in `reports.figures.Key`; `starts` is a day, a month, or empty for all."""

    starts: str
    reason: str
    channel: str
    team: str
    trust_level: str
    currency: str
    costs_version: int


def realised(
    conn: Connection, zone: ZoneInfo, wanted: Wanted, seen_by: ApiKey | None = None
) -> Iterator[tuple[Of, Realised]]:
    """What was answered of the escalations that decisions of the period opened."""
    effort = _effort(conn)
    columns: list[Any] = [
        decision.c.reason,
        decision.c.channel,
        func.coalesce(decision.c.team, "").label("team"),
        func.coalesce(decision.c.trust_level, "").label("trust_level"),
        decision.c.currency,
        decision.c.costs_version,
    ]
    grouped = list(columns)
    if By.DAY in wanted.by:
        columns.append(decision.c.at)
        grouped.append(decision.c.at)
    elif By.MONTH in wanted.by:
        columns.append(_month(wanted.period, zone).label("starts"))
        grouped.append(column("starts"))
    joined = _escalation.join(decision, decision.c.id == _escalation.c.decision_id)
    waited: ColumnElement[Any] = _between(conn, _escalation.c.opened_at, _escalation.c.resolved_at)
    worked: list[ColumnElement[Any]] = []
    if effort is not None:
        joined = joined.outerjoin(effort, effort.c.escalation_id == _escalation.c.id)
        waited = func.coalesce(effort.c.waited, waited)
        worked = [func.sum(func.coalesce(effort.c[name], 0)) for name in ("recorded", "second", "above", "contacts")]
    query = (
        select(
            *columns,
            func.count().label("answered"),
            _how_many(_escalation.c.result.in_(_GIVEN)).label("given"),
            _how_many(_escalation.c.result == _WITHDRAWN).label("withdrawn"),
            func.sum(waited).label("waited"),
            *(each.label(f"work_{place}") for place, each in enumerate(worked)),
        )
        .select_from(joined)
        .where(_escalation.c.status == "resolved", *wanted.on_log(zone), own(seen_by))
        .group_by(*grouped)
    )
    for row in conn.execute(query):
        found = row._mapping
        starts = row.at.astimezone(zone).date().isoformat() if "at" in found else found.get("starts", "")
        recorded, second, above, contacts = [int(found[f"work_{n}"]) for n in range(len(worked))] or (0, 0, 0, 0)
        given, withdrawn = int(row.given), int(row.withdrawn)
        yield (
            Of(starts, row.reason, row.channel, row.team, row.trust_level, row.currency, row.costs_version),
            Realised(
                answered=row.answered,
                given=given,
                refused=row.answered - given - withdrawn,
                withdrawn=withdrawn,
                recorded=recorded,
                second_tier_seconds=second,
                above_seconds=above,
                contacts=contacts,
                waited_seconds=round(float(row.waited or 0)),
            ),
        )


def _month(period: Period, zone: ZoneInfo) -> ColumnElement[Any]:
    """The month of a decision: a day is not known to the database, since it begins in the organisation's time zone."""
    months, first = [], period.since.replace(day=1)
    while first < period.before:
        following = (first + timedelta(days=32)).replace(day=1)
        _, end = Period(first, following).instants(zone)
        months.append((decision.c.at < end, first.isoformat()[:7]))
        first = following
    return case(*months)


def _effort(conn: Connection) -> Any:
    """The recorded work of each escalation; None where nothing records any."""
    if not inspect(conn).has_table(_events.name):
        return None
    of = _events.c
    worked = of.worked_seconds
    return (
        select(
            of.escalation_id,
            case((func.sum(func.abs(worked) + func.abs(of.contacts)) > 0, 1), else_=0).label("recorded"),
            func.sum(case((of.tier <= 2, worked), else_=0)).label("second"),
            func.sum(case((of.tier > 2, worked), else_=0)).label("above"),
            func.sum(of.contacts).label("contacts"),
            func.nullif(func.sum(of.waited_seconds), 0).label("waited"),
        )
        .group_by(of.escalation_id)
        .subquery()
    )


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _between(conn: Connection, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
    """Seconds from one instant to another."""
    if conn.dialect.name == "sqlite":
        return (func.julianday(end) - func.julianday(start)) * 86_400.0
    return type_coerce(func.extract("epoch", end - start), Float)
