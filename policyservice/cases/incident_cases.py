"""Which cases an incident is behind, each once, and what its roll-out did for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select, text, update

from policyservice.db import tables
from policyservice.db.types import UtcInstant

_table = tables.incident_case
_LINK = text(
    "INSERT INTO incident_case "
    "(incident_id, case_ref, customer, order_ref, channel, decision_id, how, linked_at, linked_by) VALUES "
    "(:incident_id, :case_ref, :customer, :order_ref, :channel, :decision_id, :how, :linked_at, :linked_by) "
    "ON CONFLICT DO NOTHING"
).bindparams(bindparam("linked_at", type_=UtcInstant()))
"""A case that is linked already stays as it is. Both databases read this."""


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
    """One case of an incident; references are pseudonyms."""

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
    """Link a case; False where it was linked before."""
    row = {
        "incident_id": link.incident_id,
        "case_ref": link.case,
        "customer": link.customer,
        "order_ref": link.order,
        "channel": link.channel,
        "decision_id": link.decision_id,
        "how": link.how.value,
        "linked_at": link.linked_at,
        "linked_by": link.linked_by,
    }
    return bool(conn.execute(_LINK, row).rowcount)


def counts(conn: Connection, incident_ids: Iterable[str]) -> dict[str, Counts]:
    """The counts of incidents, by id; of those without a case nothing."""
    query = (
        select(_table.c.incident_id, _table.c.outcome, func.count())
        .where(_table.c.incident_id.in_(list(incident_ids)))
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
    among: Select[tuple[str]] | None = None,
) -> list[Link]:
    """Links in the order of their cases, from behind `after` on; with `until` those made at an instant or before.

    `among` selects the ids of the decisions through which they may have been found; None is all.
    """
    query = select(_table).where(_table.c.incident_id == incident_id, _table.c.case_ref > after)
    if until is not None:
        query = query.where(_table.c.linked_at <= until)
    if among is not None:
        query = query.where(_table.c.decision_id.in_(among))
    return [_link(row) for row in conn.execute(query.order_by(_table.c.case_ref).limit(limit))]


def next_to_give(conn: Connection, incident_id: str, tried_before: datetime) -> Link | None:
    """A case that the roll-out has yet to come to, locked; one that could not be given is tried once per roll-out.

    One that another has locked is left to it.
    """
    query = (
        select(_table)
        .where(
            _table.c.incident_id == incident_id,
            _table.c.outcome.is_(None),
            or_(_table.c.tried_at.is_(None), _table.c.tried_at < tried_before),
        )
        .order_by(_table.c.linked_at, _table.c.case_ref)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _link(row)


def done(conn: Connection, link: Link, outcome: Outcome, decision_id: str | None, at: datetime) -> None:
    """Write down what the roll-out did for a case that is locked."""
    values = {"outcome": outcome.value, "outcome_decision_id": decision_id, "tried_at": at, "why": None}
    conn.execute(update(_table).where(*_is(link)).values(values))


def is_done(conn: Connection, incident_id: str, case: str) -> bool:
    """Whether the roll-out has come to a case."""
    query = select(_table.c.outcome).where(_table.c.incident_id == incident_id, _table.c.case_ref == case)
    return conn.execute(query).scalar_one_or_none() is not None


def not_given(conn: Connection, link: Link, why: str, at: datetime) -> None:
    """Write down what kept a case from being given."""
    conn.execute(update(_table).where(*_is(link), _table.c.outcome.is_(None)).values(tried_at=at, why=why))


def of_person(conn: Connection, *, case: str | None = None, customer: str | None = None) -> list[Link]:
    """The links of a case or of a customer, by pseudonym."""
    mine = _table.c.case_ref == case if customer is None else _table.c.customer == customer
    query = select(_table).where(mine).order_by(_table.c.linked_at, _table.c.incident_id, _table.c.case_ref)
    return [_link(row) for row in conn.execute(query)]


def _is(link: Link) -> tuple[Any, Any]:
    return _table.c.incident_id == link.incident_id, _table.c.case_ref == link.case


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
    )
