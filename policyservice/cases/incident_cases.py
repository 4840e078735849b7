"""Which cases an incident is behind, each once, and what its roll-out did for each.

A case that a person took out again counts no longer; its row stays and says who did so, when and why. Of the rows of a
case the last one counts, and only its last one can be one that belongs. Whoever adds a row or takes one out has the
incident locked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, or_, select, update

from policyservice.db import tables

_table = tables.incident_case
_belongs = _table.c.unlinked_at.is_(None)


class How(StrEnum):
    """How a case came to be linked."""

    HAND = "hand"
    REFERENCE = "reference"  # a decision named the incident
    RULE = "rule"


class Outcome(StrEnum):
    """What the roll-out did for a case."""

    GIVEN = "given"
    HAD = "had"  # it, or its customer, had the remedy already


@dataclass(frozen=True, slots=True)
class Link:
    """One case of an incident; references are pseudonyms, `note` is the seal of why a person took it out.

    `number` counts the times it was linked.
    """

    incident_id: str
    case: str
    customer: str | None
    order: str | None
    channel: str
    decision_id: str | None
    how: How
    linked_at: datetime
    linked_by: str | None = None
    outcome: Outcome | None = None
    outcome_decision_id: str | None = None
    why: str | None = None
    number: int = 1
    unlinked_at: datetime | None = None
    unlinked_by: str | None = None
    note: str | None = None

    @property
    def belongs(self) -> bool:
        """Whether the case counts among those of the incident."""
        return self.unlinked_at is None


class Counts(NamedTuple):
    """How many cases, to how many the remedy was given, how many had it, how many are left."""

    cases: int = 0
    given: int = 0
    had: int = 0

    @property
    def left(self) -> int:
        """Cases that the roll-out has yet to come to, or could not give it to."""
        return self.cases - self.given - self.had


def add(conn: Connection, link: Link) -> bool:
    """Link a case; False where it is linked, or where a person took it out and this is not by hand."""
    last = _last(conn, link.incident_id, link.case)
    if last is not None and (last.belongs or link.how is not How.HAND):
        return False
    row = {
        "incident_id": link.incident_id,
        "case_ref": link.case,
        "number": 1 if last is None else last.number + 1,
        "customer": link.customer,
        "order_ref": link.order,
        "channel": link.channel,
        "decision_id": link.decision_id,
        "how": link.how.value,
        "linked_at": link.linked_at,
        "linked_by": link.linked_by,
    }
    conn.execute(insert(_table).values(row))
    return True


def last(conn: Connection, incident_id: str, case: str, seen: ColumnElement[bool]) -> Link | None:
    """The last link of a case, locked; None where there is none, or `seen`, a condition on the table, does not hold for
    it.
    """
    query = select(_table).where(_table.c.incident_id == incident_id, _table.c.case_ref == case, _is_the_last(), seen)
    row = conn.execute(query.with_for_update(of=_table)).one_or_none()
    return None if row is None else _link(row)


def take_out(conn: Connection, link: Link, *, at: datetime, by: str, note: str) -> None:
    """Take a case out whose link is locked; `by` is a pseudonym, `note` the seal of why."""
    conn.execute(update(_table).where(*_is(link)).values(unlinked_at=at, unlinked_by=by, note=note))


def counts(conn: Connection, incident_ids: Iterable[str]) -> dict[str, Counts]:
    """The counts of incidents, by id; of those without a case nothing."""
    query = (
        select(_table.c.incident_id, _table.c.outcome, func.count())
        .where(_table.c.incident_id.in_(list(incident_ids)), _belongs)
        .group_by(_table.c.incident_id, _table.c.outcome)
    )
    found: dict[str, Counts] = {}
    for incident_id, outcome, count in conn.execute(query):
        before = found.get(incident_id, Counts())
        found[incident_id] = Counts(
            before.cases + count,
            before.given + (count if outcome == Outcome.GIVEN else 0),
            before.had + (count if outcome == Outcome.HAD else 0),
        )
    return found


def page(
    conn: Connection,
    incident_id: str,
    *,
    after: str = "",
    limit: int = 500,
    until: datetime | None = None,
    seen: ColumnElement[bool] | None = None,
    belonging: bool = True,
) -> list[Link]:
    """Links in the order of their cases, from behind `after` on; with `until` those made at an instant or before.

    Those that belong; otherwise of each case that was taken out, and not linked again, the last one. `seen` is a
    condition on the table; None is all.
    """
    query = select(_table).where(_table.c.incident_id == incident_id, _table.c.case_ref > after)
    query = query.where(_belongs if belonging else and_(~_belongs, _is_the_last()))
    if until is not None:
        query = query.where(_table.c.linked_at <= until)
    if seen is not None:
        query = query.where(seen)
    return [_link(row) for row in conn.execute(query.order_by(_table.c.case_ref).limit(limit))]


def next_to_give(conn: Connection, incident_id: str, tried_before: datetime) -> Link | None:
    """A case that the roll-out has yet to come to, locked; one that could not be given is tried once per roll-out.

    One that another has locked is left to it.
    """
    query = (
        select(_table)
        .where(
            _table.c.incident_id == incident_id,
            _belongs,
            _table.c.outcome.is_(None),
            or_(_table.c.tried_at.is_(None), _table.c.tried_at < tried_before),
        )
        .order_by(_table.c.linked_at, _table.c.case_ref)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _link(row)


def done(conn: Connection, link: Link, outcome: Outcome, decision_id: str | None, at: datetime) -> bool:
    """Write down what the roll-out did for a case; False where it was taken out meanwhile, and nothing is written."""
    values = {"outcome": outcome.value, "outcome_decision_id": decision_id, "tried_at": at, "why": None}
    return conn.execute(update(_table).where(*_is(link), _belongs).values(values)).rowcount == 1


def is_waiting(conn: Connection, incident_id: str, case: str) -> bool:
    """Whether a case belongs, and the roll-out has not come to it."""
    link = _last(conn, incident_id, case)
    return link is not None and link.belongs and link.outcome is None


def not_given(conn: Connection, link: Link, why: str, at: datetime) -> bool:
    """Write down what kept a case from being given; False as `done`."""
    waits = (_belongs, _table.c.outcome.is_(None))
    return conn.execute(update(_table).where(*_is(link), *waits).values(tried_at=at, why=why)).rowcount == 1


def where(conn: Connection, condition: ColumnElement[bool]) -> list[Link]:
    """The links that a condition on the table holds for, the oldest first."""
    columns = _table.c
    query = select(_table).where(condition)
    query = query.order_by(columns.linked_at, columns.incident_id, columns.case_ref, columns.number)
    return [_link(row) for row in conn.execute(query)]


def _last(conn: Connection, incident_id: str, case: str) -> Link | None:
    query = select(_table).where(_table.c.incident_id == incident_id, _table.c.case_ref == case)
    row = conn.execute(query.order_by(_table.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _link(row)


def _is_the_last() -> ColumnElement[bool]:
    later = _table.alias("later")
    same = and_(later.c.incident_id == _table.c.incident_id, later.c.case_ref == _table.c.case_ref)
    return ~exists().where(same, later.c.number > _table.c.number)


def _is(link: Link) -> tuple[ColumnElement[bool], ...]:
    columns = _table.c
    return columns.incident_id == link.incident_id, columns.case_ref == link.case, columns.number == link.number


def _link(row: Row[Any]) -> Link:
    return Link(
        row.incident_id,
        row.case_ref,
        row.customer,
        row.order_ref,
        row.channel,
        row.decision_id,
        How(row.how),
        row.linked_at,
        row.linked_by,
        None if row.outcome is None else Outcome(row.outcome),
        row.outcome_decision_id,
        row.why,
        row.number,
        row.unlinked_at,
        row.unlinked_by,
        row.note,
    )
