"""What escalations that were answered really took: recorded minutes and contacts, waiting, and the result.

The one place that knows where these are recorded. An escalation of which no work was recorded is counted, and tells no
minutes. Waiting is what was recorded, else the time from opening to answer. One that an incident decides with all its
like is not answered by itself, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    case,
    func,
    literal,
    select,
    text,
    type_coerce,
)

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.decisions.sight import own
from policyservice.reports.asked import By, Wanted
from policyservice.reports.rows import decision
from policyservice.reports.summing import of_teams, usable

_escalation, _escalated = tables.escalation, tables.report_escalation
_events = tables.escalation_event
_GIVEN = ("granted", "partial", "other")
_WITHDRAWN, _BY_INCIDENT = "withdrawn", "incident"
_NAMES = ("reason", "channel", "team", "trust_level", "currency", "costs_version")
_WORK = ("recorded", "spoken", "second", "above", "contacts")


@dataclass(slots=True)
class Realised:
    """Sums over answered escalations. `recorded` is of how many the work was recorded; seconds of speaking with
    customers, of work at the second tier and above it; `labour` in whole currency units at the wages of the decisions'
    own parameters.
    """

    answered: int = 0
    given: int = 0
    refused: int = 0
    withdrawn: int = 0
    recorded: int = 0
    spoken_seconds: int = 0
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
    effort = _effort()
    head = usable(conn, zone, seen_by)
    behind = [*wanted.on_log(zone), own(seen_by)]
    if head is not None:
        behind.append(decision.c.seq > head.decision)
        yield from _kept(conn, wanted, seen_by, effort)
    query = _sums(conn, decision, [*_described(), decision.c.at], effort)
    for row in conn.execute(query.where(decision.c.outcome == "escalate", *behind)):
        yield _of(row, row.at.astimezone(zone).date().isoformat()), _realised(row)


def _kept(conn: Connection, wanted: Wanted, seen_by: ApiKey | None, effort: Any) -> Iterator[tuple[Of, Realised]]:
    """Of escalated decisions that are summed up: without their rows, which lie among all others."""
    period, columns = wanted.period, [_escalated.c[name] for name in _NAMES]
    starts: ColumnElement[Any] = literal("")
    if By.DAY in wanted.by or By.MONTH in wanted.by:
        starts = _escalated.c.starts if By.DAY in wanted.by else func.substr(_escalated.c.starts, 1, 7)
    query = _sums(conn, _escalated, [*columns, starts.label("began")], effort)
    found = query.where(
        _escalated.c.starts >= period.since.isoformat(),
        _escalated.c.starts < period.before.isoformat(),
        of_teams(seen_by, _escalated),
        *(_escalated.c[name] == value for name, value in wanted.filters),
    )
    for row in conn.execute(found):
        yield _of(row, row.began), _realised(row)


def _described() -> list[ColumnElement[Any]]:
    empty = ("team", "trust_level")
    return [func.coalesce(decision.c[n], "").label(n) if n in empty else decision.c[n] for n in _NAMES]


def _sums(conn: Connection, of: FromClause, columns: list[Any], effort: Any) -> Select[Any]:
    """The sums over answered escalations by what their decisions are of."""
    of_id = of.c.id if of is decision else of.c.decision_id
    joined: Any = _escalation.join(of, of_id == _escalation.c.decision_id)
    waited: ColumnElement[Any] = _between(conn, _escalation.c.opened_at, _escalation.c.resolved_at)
    joined = joined.outerjoin(effort, effort.c.escalation_id == _escalation.c.id)
    waited = func.coalesce(effort.c.waited, waited)
    worked = [func.coalesce(effort.c[name], 0) for name in _WORK]
    return (
        select(
            *columns,
            func.count().label("answered"),
            _how_many(_escalation.c.result.in_(_GIVEN)).label("given"),
            _how_many(_escalation.c.result == _WITHDRAWN).label("withdrawn"),
            func.sum(waited).label("waited"),
            *(func.sum(each).label(name) for name, each in zip(_WORK, worked, strict=True)),
        )
        .select_from(joined)
        .where(_escalation.c.status == "resolved", _escalation.c.result != _BY_INCIDENT)
        .group_by(*(text(str(place)) for place in range(1, len(columns) + 1)))
    )


def _of(row: Any, starts: str) -> Of:
    return Of(starts, row.reason, row.channel, row.team, row.trust_level, row.currency, row.costs_version)


def _realised(row: Any) -> Realised:
    given, withdrawn = int(row.given), int(row.withdrawn)
    return Realised(
        answered=row.answered,
        given=given,
        refused=row.answered - given - withdrawn,
        withdrawn=withdrawn,
        recorded=int(row.recorded),
        spoken_seconds=int(row.spoken),
        second_tier_seconds=int(row.second),
        above_seconds=int(row.above),
        contacts=int(row.contacts),
        waited_seconds=round(float(row.waited or 0)),
    )


def _effort() -> Any:
    """The recorded work of each escalation."""
    of = _events.c
    worked, spoken = of.worked_seconds, of.spoken_seconds
    return (
        select(
            of.escalation_id,
            case((func.sum(func.abs(worked) + func.abs(spoken) + func.abs(of.contacts)) > 0, 1), else_=0).label(
                "recorded"
            ),
            func.sum(spoken).label("spoken"),
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
