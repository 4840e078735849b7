"""How a case stands at a point of the log: what it is of, how soon it had the remedy, whether that was enough.

A case is all that was decided under one reference. It is of the day, reason, channel, team and trust level of its first
decision, which is when the service first heard of it. It was settled in the first contact where nothing of it was
escalated, something was given, and nobody came back about it within the days that outcomes count. Who came back is
tied by what was said: a case, else a decision, else every case of the customer. Of what another record took the place
of nothing is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from policyservice.access.keys import ApiKey
from policyservice.cases.outcomes import OutcomeKind
from policyservice.db import tables
from policyservice.decisions.sight import own
from policyservice.domain.decision import Outcome

NOT_GIVEN = -1
"""In place of minutes: nothing of the case was given yet."""

_decision, _entry, _outcome = tables.decision, tables.entry, tables.outcome
_AT_ONCE = 500


class Point(NamedTuple):
    """A point of the log: every decision, entry and outcome up to these numbers, and none beyond."""

    decision: int
    entry: int
    outcome: int


EVERYTHING = Point(*[2**62] * 3)


class CaseKey(NamedTuple):
    """How a case stands. `day` is its first decision's, in the organisation's time zone; an empty text is none.

    `minutes` are whole ones, rounded up, from the first decision until something was given, or `NOT_GIVEN`. `settled`:
    as far as was heard, the first contact was enough.
    """

    day: date
    reason: str
    channel: str
    team: str
    trust_level: str
    currency: str
    minutes: int
    settled: bool


@dataclass(frozen=True, slots=True)
class Counting:
    """How cases are counted: the time zone that days begin in, and for how many days after it a contact counts."""

    zone: ZoneInfo
    outcome_days: int


def standing(
    conn: Connection, counting: Counting, cases: Iterable[str], points: Sequence[Point], seen_by: ApiKey | None = None
) -> Iterator[tuple[CaseKey | None, ...]]:
    """For each case how it stood at each of some points; None where it did not exist yet, or its first decision is
    not one of the key's own.
    """
    for some in _parts(set(cases)):
        rows = _Rows(conn, some, points[-1], seen_by)
        for case in some:
            yield tuple(_at(rows, case, counting, point) for point in points)


def touched(conn: Connection, after: Point, upto: Point) -> set[str]:
    """The cases that may stand otherwise at one point than at another before it."""
    decided = select(_decision.c.case_ref).where(_between(_decision.c.seq, after.decision, upto.decision))
    given = select(_entry.c.case_ref).where(
        _between(_entry.c.seq, after.entry, upto.entry), _entry.c.kind == "commit", _entry.c.case_ref.is_not(None)
    )
    found = set(conn.execute(decided.distinct()).scalars()) | set(conn.execute(given.distinct()).scalars())
    heard = conn.execute(select(*_HEARD).where(_between(_outcome.c.seq, after.outcome, upto.outcome))).all()
    return found | _named(conn, [*heard, *_of_same_reference(conn, heard, upto)])


_HEARD = (
    _outcome.c.seq,
    _outcome.c.kind,
    _outcome.c.at,
    _outcome.c.case_ref,
    _outcome.c.decision_id,
    _outcome.c.customer,
    _outcome.c.source,
    _outcome.c.ref_digest,
)


def _between(column: ColumnElement[int], after: int, upto: int) -> ColumnElement[bool]:
    return (column > after) & (column <= upto)


def _of_same_reference(conn: Connection, heard: Sequence[Any], upto: Point) -> list[Any]:
    """What was heard under the same references of its sources: of these the last one stands."""
    pairs = {(row.source, row.ref_digest) for row in heard if row.ref_digest is not None}
    found: list[Any] = []
    for some in _parts(pairs):
        same = tuple_(_outcome.c.source, _outcome.c.ref_digest).in_(some)
        found += conn.execute(select(*_HEARD).where(same, _outcome.c.seq <= upto.outcome)).all()
    return found


def _named(conn: Connection, heard: Iterable[Any]) -> set[str]:
    """The cases that records of who came back are tied to."""
    again = [row for row in heard if row.kind == OutcomeKind.REPEAT_CONTACT.value]
    found = {row.case_ref for row in again if row.case_ref is not None}
    decisions = {row.decision_id for row in again if row.case_ref is None and row.decision_id is not None}
    customers = {row.customer for row in again if row.case_ref is None and row.decision_id is None}
    for column, values in ((_decision.c.id, decisions), (_decision.c.customer, customers)):
        for some in _parts(values):
            found |= set(conn.execute(select(_decision.c.case_ref).where(column.in_(some)).distinct()).scalars())
    return found


class _Rows:
    """What was read of some cases, up to a point."""

    def __init__(self, conn: Connection, cases: Sequence[str], upto: Point, seen_by: ApiKey | None) -> None:
        self.decisions = _by(_decided(conn, cases, upto, seen_by), "case_ref")
        self.given = _by(_given(conn, cases, upto), "case_ref")
        self.heard = _heard(conn, cases, self.decisions, upto)


def _at(rows: _Rows, case: str, counting: Counting, point: Point) -> CaseKey | None:
    decisions = [row for row in rows.decisions.get(case, ()) if row.seq <= point.decision]
    if not decisions or not decisions[0].mine:
        return None
    first = decisions[0]
    given = min((row.at for row in rows.given.get(case, ()) if row.seq <= point.entry), default=None)
    is_escalated = any(row.outcome == Outcome.ESCALATE.value for row in decisions)
    settled = given is not None and not is_escalated and not _came_back(rows, case, decisions, counting, point)
    return CaseKey(
        first.at.astimezone(counting.zone).date(),
        first.reason,
        first.channel,
        first.team,
        first.trust_level,
        first.currency,
        NOT_GIVEN if given is None else _minutes(first.at, given),
        settled,
    )


def _came_back(rows: _Rows, case: str, decisions: Sequence[Any], counting: Counting, point: Point) -> bool:
    first, ids = decisions[0], {row.id for row in decisions}
    until = first.at + timedelta(days=counting.outcome_days)
    heard = {
        row.seq: row
        for name in (("case", case), ("customer", first.customer), *(("decision", each) for each in ids))
        for row in rows.heard.get(name, ())
        if row.seq <= point.outcome and first.at <= row.at <= until
    }
    return any(_stands(rows, row, point) for row in heard.values())


def _stands(rows: _Rows, row: Any, point: Point) -> bool:
    """Whether no later record of the same source's reference takes its place."""
    same = rows.heard.get(("reference", row.source, row.ref_digest), ()) if row.ref_digest is not None else ()
    return not any((other.at, other.seq) > (row.at, row.seq) and other.seq <= point.outcome for other in same)


def _decided(conn: Connection, cases: Sequence[str], upto: Point, seen_by: ApiKey | None) -> Iterable[Any]:
    columns = _decision.c
    query = select(
        columns.seq,
        columns.id,
        columns.at,
        columns.case_ref,
        columns.customer,
        columns.outcome,
        columns.reason,
        columns.channel,
        func.coalesce(columns.team, "").label("team"),
        func.coalesce(columns.trust_level, "").label("trust_level"),
        columns.currency,
        own(seen_by).label("mine"),
    )
    mine = query.where(columns.case_ref.in_(cases), columns.seq <= upto.decision)
    return conn.execute(mine.order_by(columns.at, columns.seq))


def _given(conn: Connection, cases: Sequence[str], upto: Point) -> Iterable[Any]:
    query = select(_entry.c.seq, _entry.c.at, _entry.c.case_ref)
    return conn.execute(
        query.where(_entry.c.case_ref.in_(cases), _entry.c.kind == "commit", _entry.c.seq <= upto.entry)
    )


def _heard(
    conn: Connection, cases: Sequence[str], decisions: Mapping[Any, Sequence[Any]], upto: Point
) -> dict[tuple[Any, ...], list[Any]]:
    """Who came back, by what the record is tied to; and every record of the same references, by these."""
    every = [row for several in decisions.values() for row in several]
    again, no_case = _outcome.c.kind == OutcomeKind.REPEAT_CONTACT.value, _outcome.c.case_ref.is_(None)
    tied = (
        (_outcome.c.case_ref, set(cases), again),
        (_outcome.c.decision_id, {row.id for row in every}, again & no_case),
        (
            _outcome.c.customer,
            {row.customer for row in every} - {None},
            again & no_case & _outcome.c.decision_id.is_(None),
        ),
    )
    rows = [
        row
        for column, values, is_one in tied
        for some in _parts(values)
        for row in conn.execute(select(*_HEARD).where(column.in_(some), is_one, _outcome.c.seq <= upto.outcome))
    ]
    found: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        found.setdefault(_tied_to(row), []).append(row)
    for row in _of_same_reference(conn, rows, upto):
        found.setdefault(("reference", row.source, row.ref_digest), []).append(row)
    return found


def _tied_to(row: Any) -> tuple[str, str]:
    if row.case_ref is not None:
        return "case", row.case_ref
    return ("customer", row.customer) if row.decision_id is None else ("decision", row.decision_id)


def _by(rows: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(row._mapping[name], []).append(row)
    return found


def _parts(values: Collection[Any]) -> Iterator[list[Any]]:
    """Values in order, as many at once as a query takes."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def _minutes(since: datetime, until: datetime) -> int:
    return max(0, ceil((until - since).total_seconds() / 60))
