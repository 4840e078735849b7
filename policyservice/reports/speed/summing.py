"""How soon the cases of a report had their remedy: those that are kept summed up, and the rows behind them.

Both are read in one snapshot, as the sums of money are. Whether the first contact was enough is known of the cases of a
day once the days that outcomes count are over for all of it, and only where anybody tells of repeat contacts: silence
before, or from everybody, says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import ColumnElement, Connection, or_, select

from policyservice.access.keys import ApiKey
from policyservice.cases.outcomes import OutcomeKind
from policyservice.costs.speed import Tally
from policyservice.db import tables
from policyservice.decisions.services import Services
from policyservice.decisions.sight import own
from policyservice.reports.asked import Cell, Period, Wanted
from policyservice.reports.speed.cases import EVERYTHING, NOT_GIVEN, CaseKey, Counting, Point, standing, touched
from policyservice.reports.summing import of_teams, span_of, usable

_kept, _decision, _outcome = tables.report_speed, tables.decision, tables.outcome

Tallies = dict[Cell, dict[str, Tally]]
"""What is shown under each cell, by the reason of the cases."""


def counting_of(services: Services) -> Counting:
    """How the service counts cases."""
    return Counting(services.zone, services.settings.outcome_days)


def changed(
    conn: Connection, counting: Counting, after: Point, upto: Point, seen_by: ApiKey | None = None
) -> dict[CaseKey, int]:
    """By how many cases each standing gained or lost from one point of the log to another; without zeros."""
    found: dict[CaseKey, int] = {}
    for was, now in standing(conn, counting, touched(conn, after, upto), (after, upto), seen_by):
        for key, sign in ((was, -1), (now, 1)):
            if key is not None:
                found[key] = found.get(key, 0) + sign
    return {key: cases for key, cases in found.items() if cases}


def tallies(conn: Connection, services: Services, wanted: Wanted, seen_by: ApiKey | None = None) -> Tallies:
    """The cases whose first decision is what is wanted, and the key's own."""
    counting = counting_of(services)
    judged = _Judged(conn, wanted.period, services.clock.now(), counting)
    found: Tallies = {}
    head = usable(conn, services.zone, seen_by)
    if head is None or head.counting != counting:
        _add(found, wanted, judged, _from_rows(conn, counting, wanted, seen_by))
        return found
    for part, known in judged.parts:
        _add_kept(conn, replace(wanted, period=part), known, of_teams(seen_by, _kept), found)
    _add(found, wanted, judged, changed(conn, counting, head.point, EVERYTHING, seen_by))
    return found


class _Judged:
    """Of which days of a period it is known whether the first contact was enough."""

    def __init__(self, conn: Connection, period: Period, now: datetime, counting: Counting) -> None:
        ended = (now - timedelta(days=counting.outcome_days)).astimezone(counting.zone).date()
        is_told = _tells_who_came_back(conn, period, counting)
        self._before = min(max(ended, period.since), period.before) if is_told else period.since
        parts = ((Period(period.since, self._before), True), (Period(self._before, period.before), False))
        self.parts = tuple((part, known) for part, known in parts if part.days > 0)

    def is_known(self, day: date) -> bool:
        """Whether it is of a day."""
        return day < self._before


def _tells_who_came_back(conn: Connection, period: Period, counting: Counting) -> bool:
    since, before = period.instants(counting.zone)
    until = before + timedelta(days=counting.outcome_days)
    again = _outcome.c.kind == OutcomeKind.REPEAT_CONTACT.value
    query = select(_outcome.c.seq).where(_outcome.c.at >= since, _outcome.c.at < until, again).limit(1)
    return conn.execute(query).first() is not None


def _from_rows(conn: Connection, counting: Counting, wanted: Wanted, seen_by: ApiKey | None) -> dict[CaseKey, int]:
    """All cases with a decision of the period; a case is of its first decision, which may be of another."""
    since, before = wanted.period.instants(counting.zone)
    query = select(_decision.c.case_ref).where(_decision.c.at >= since, _decision.c.at < before, own(seen_by))
    cases = conn.execute(query.distinct()).scalars().all()
    found: dict[CaseKey, int] = {}
    for (key,) in standing(conn, counting, cases, (EVERYTHING,), seen_by):
        if key is not None:
            found[key] = found.get(key, 0) + 1
    return found


def _add(found: Tallies, wanted: Wanted, judged: _Judged, changes: Mapping[CaseKey, int]) -> None:
    for key, cases in changes.items():
        if wanted.is_about(key):
            cell = wanted.cell(key, key.day.isoformat())
            _tally(found, cell, key.reason).count(cases, *_told(key.minutes, key.settled, judged.is_known(key.day)))


def _add_kept(conn: Connection, wanted: Wanted, known: bool, seen: ColumnElement[bool], found: Tallies) -> None:
    """Those that are kept: hundreds of thousands of times, so their columns are put together as a whole."""
    names = ["starts", "reason", "channel", "team", "trust_level", "currency", "settled", "others"]
    query = select(*(_kept.c[name] for name in names)).where(
        or_(*span_of(wanted, _kept)), seen, *(_kept.c[name] == value for name, value in wanted.filters)
    )
    columns: dict[tuple[Cell, str], tuple[list[int], list[int]]] = {}
    for row in conn.execute(query):
        settled, others = columns.setdefault((wanted.cell(row, row.starts), row.reason), ([], []))
        settled += row.settled
        others += row.others
    for (cell, reason), (settled, others) in columns.items():
        _tally(found, cell, reason).add(_tally_of(settled, others, known))


def _tally_of(settled: list[int], others: list[int], known: bool) -> Tally:
    """A tally of columns of times as they are kept, the same time any number of times over."""
    minutes, counts = np.array([*settled, *others], dtype=np.int64).reshape(-1, 2).T
    every, place = np.unique(minutes, return_inverse=True)
    sums = np.zeros(len(every), dtype=np.int64)
    np.add.at(sums, place, counts)
    times = Counter(dict(zip(every.tolist(), sums.tolist(), strict=True)))
    cases = times.total()
    times.pop(NOT_GIVEN, None)
    return Tally(cases, times, cases if known else 0, sum(settled[1::2]) if known else 0)


def _told(minutes: int, settled: bool, known: bool) -> tuple[int | None, bool | None]:
    return None if minutes == NOT_GIVEN else minutes, settled if known else None


def _tally(found: Tallies, cell: Cell, reason: str) -> Tally:
    return found.setdefault(cell, {}).setdefault(reason, Tally())
