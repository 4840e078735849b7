"""What a report is asked for: days of the organisation, half-open, filters, and what it is grouped by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func

from policyservice.domain.errors import FieldProblem
from policyservice.reports.figures import Key
from policyservice.reports.rows import decision
from policyservice.reports.speed.cases import CaseKey

USUAL_DAYS = 30
LONGEST_DAYS = 3_660
_FIRST, _LAST = date(1971, 1, 1), date(9990, 1, 1)


class By(StrEnum):
    """What the rows of a comparison can be told apart by."""

    DAY = "day"
    MONTH = "month"
    REASON = "reason"
    CHANNEL = "channel"
    TEAM = "team"
    TRUST_LEVEL = "trust_level"


FILTERS = ("reason", "channel", "team", "trust_level", "currency")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` on and before `before`."""

    since: date
    before: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.before - self.since).days

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When its first day begins, and when the first day after it does."""
        since, before = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (self.since, self.before))
        return since, before

    def earlier(self) -> Period:
        """The period of the same length before it."""
        return Period(self.since - timedelta(days=self.days), self.since)

    def parts(self) -> tuple[tuple[str, str] | None, tuple[tuple[str, str], ...]]:
        """The whole months in it, as a half-open range of months, and the days beside them, as ranges of days."""
        first = _next_month(self.since) if self.since.day > 1 else self.since
        last = self.before.replace(day=1)
        if first >= last:
            return None, ((self.since.isoformat(), self.before.isoformat()),)
        edges = ((self.since, first), (last, self.before))
        days = tuple((a.isoformat(), b.isoformat()) for a, b in edges if a < b)
        return (first.isoformat()[:7], last.isoformat()[:7]), days


def period(since: date | None, before: date | None, today: date) -> Period:
    """The period asked for: up to and including today, and 30 days long, where nothing is said.

    Raises:
        FieldProblem: it is empty, too long, or outside of the calendar.
    """
    end = before or today + timedelta(days=1)
    if not _FIRST <= end <= _LAST or (since is not None and not _FIRST <= since <= _LAST):
        raise FieldProblem("since", f"lies outside of {_FIRST} to {_LAST}.")
    start = since or max(end - timedelta(days=USUAL_DAYS), _FIRST)
    if start >= end:
        raise FieldProblem("since", "is not before `before`: the period is empty.")
    if (end - start).days > LONGEST_DAYS:
        raise FieldProblem("since", f"is more than {LONGEST_DAYS} days before `before`; ask for less at once.")
    return Period(start, end)


class Cell(NamedTuple):
    """What a figure is of; None is all. An empty text is none."""

    period: str | None
    reason: str | None
    channel: str | None
    team: str | None
    trust_level: str | None
    currency: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period, values that rows must have (an empty text is none; None is any), and what they are told apart by."""

    period: Period
    by: tuple[By, ...] = (By.REASON,)
    filters: tuple[tuple[str, str], ...] = ()

    def is_about(self, key: Key | CaseKey) -> bool:
        """Whether a sum belongs to it."""
        return self.period.since <= key.day < self.period.before and all(
            getattr(key, name) == value for name, value in self.filters
        )

    def on_log(self, zone: ZoneInfo) -> list[ColumnElement[bool]]:
        """The same as conditions on the table of decisions."""
        since, before = self.period.instants(zone)
        found: list[ColumnElement[bool]] = [decision.c.at >= since, decision.c.at < before]
        for name, value in self.filters:
            column = decision.c[name]
            found.append(func.coalesce(column, "") == value if name in ("team", "trust_level") else column == value)
        return found

    def cell(self, key: Any, starts: str) -> Cell:
        """What a sum is shown under; `starts` is its day, or its month."""
        by = self.by
        return Cell(
            starts if By.DAY in by else starts[:7] if By.MONTH in by else None,
            key.reason if By.REASON in by else None,
            key.channel if By.CHANNEL in by else None,
            key.team if By.TEAM in by else None,
            key.trust_level if By.TRUST_LEVEL in by else None,
            key.currency,
        )


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
