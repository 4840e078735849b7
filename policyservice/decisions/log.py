"""The decision log: append one row per decision, read it back with what became of it, search it.

The database refuses to change or delete a row. The columns are for searching; `record` alone says what was
decided. Rows hold pseudonyms and seals (`masking`), and so do the values that are read from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation
from policyservice.db import tables
from policyservice.db.prepared import Prepared, Writes
from policyservice.decisions import record
from policyservice.decisions.policy import PolicyRef
from policyservice.decisions.sight import own
from policyservice.decisions.stored import EntryView, StoredDecision
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision, Outcome, Status
from policyservice.domain.errors import FieldProblem, NotFound
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.domain.vocabulary import RemedyKind
from policyservice.ledger.values import EntryKind
from policyservice.personal.named import is_of

__all__ = [
    "EntryView",
    "LogFilters",
    "Page",
    "StoredDecision",
    "append",
    "columns",
    "in_order",
    "policy_of",
    "read",
    "search",
    "seq_of",
    "status_of",
    "where",
]

_decision = tables.decision
_reservation = tables.reservation
_APPEND = Prepared(insert(_decision))


@dataclass(frozen=True, slots=True)
class LogFilters:
    """Which decisions are wanted; None is all. `since` is included, `before` excluded, both by the decision's
    instant. References are plain, for as long as they are kept, or pseudonyms.
    """

    agent: str | None = None
    team: str | None = None
    customer: str | None = None
    case: str | None = None
    order: str | None = None
    incident: str | None = None
    reason: str | None = None
    remedy: str | None = None
    outcome: Outcome | None = None
    status: Status | None = None
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions, and the cursor of those after them; None where there are none."""

    items: tuple[StoredDecision, ...]
    next: str | None


def append(
    writes: Writes,
    request: Request,
    context: Context,
    decision: Decision,
    *,
    policy: PolicyRef,
    remedy_kind: RemedyKind,
    logged_at: datetime,
    api_key: str | None,
) -> None:
    """Have a decision logged; first of what its transaction writes, as its holds refer to it."""
    row = columns(request, context, decision, policy, remedy_kind)
    writes.add(_APPEND, {**row, "logged_at": logged_at, "api_key": api_key})


def columns(
    request: Request, context: Context, decision: Decision, policy: PolicyRef, remedy_kind: RemedyKind
) -> dict[str, Any]:
    """The row of a decision, as far as it follows from what was decided; a replay compares it too."""
    agent = context.agent
    return {
        "id": decision.id,
        "at": context.now,
        "outcome": decision.outcome.value,
        "agent": request.agent,
        "team": agent.team if agent else None,
        "trust_level": agent.trust_level if agent else None,
        "customer": request.customer,
        "case_ref": request.case,
        "order_ref": request.order,
        "incident": request.incident,
        "channel": request.channel,
        "reason": request.reason,
        "remedy": request.remedy,
        "remedy_kind": remedy_kind.value,
        "currency": request.currency,
        "amount_minor": decision.amount_minor,
        "goodwill_minor": decision.goodwill_minor,
        "entitled_minor": decision.entitled_minor,
        "cost_minor": decision.cost.remedy_minor if decision.cost else 0,
        "basis": decision.basis.value if decision.basis else None,
        "stretched": decision.stretched,
        "after_the_fact": decision.after_the_fact,
        "fault": decision.fault,
        "rules_digest": policy.rules,
        "limits_version": policy.limits,
        "costs_version": policy.costs,
        "record": record.as_json(request, context, decision),
    }


def read(conn: Connection, decision_id: str, *, seen_by: ApiKey | None = None) -> StoredDecision:
    """One decision; `seen_by` hides what is outside a key's binding.

    Raises:
        NotFound: there is none, or the key may not see it.
    """
    query = _query().where(_decision.c.id == decision_id, own(seen_by))
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound("decision", decision_id)
    return _stored(conn, [row])[0]


def search(
    conn: Connection,
    filters: LogFilters,
    *,
    cursor: str | None = None,
    limit: int = 50,
    seen_by: ApiKey | None = None,
) -> Page:
    """The decisions that pass the filters, newest first, from behind `cursor` on; at most `limit`.

    `seen_by` leaves a key its own decisions.

    Raises:
        FieldProblem: the cursor is not one that was handed out.
    """
    query = _filtered(_query(), filters).where(own(seen_by))
    if cursor is not None:
        query = query.where(_decision.c.seq < seq_of(cursor))
    rows = conn.execute(query.order_by(_decision.c.seq.desc()).limit(limit + 1)).all()
    items = _stored(conn, rows[:limit])
    return Page(tuple(items), str(rows[limit - 1].seq) if len(rows) > limit else None)


def where(conn: Connection, condition: ColumnElement[bool], *, batch: int = 500) -> Iterator[StoredDecision]:
    """Every decision that a condition on the table holds for, in the order it was logged, fetched in batches."""
    after_seq = 0
    while True:
        query = _query().where(condition, _decision.c.seq > after_seq).order_by(_decision.c.seq).limit(batch)
        rows = conn.execute(query).all()
        yield from _stored(conn, rows)
        if len(rows) < batch:
            return
        after_seq = rows[-1].seq


def in_order(conn: Connection, *, after_seq: int = 0, batch: int = 500) -> Iterator[Row[Any]]:
    """Every row of the table in the order it was logged, fetched in batches: any number of them."""
    while True:
        query = select(_decision).where(_decision.c.seq > after_seq).order_by(_decision.c.seq).limit(batch)
        rows = conn.execute(query).all()
        yield from rows
        if len(rows) < batch:
            return
        after_seq = rows[-1].seq


def policy_of(row: Row[Any]) -> PolicyRef:
    """The policy that a row of the log was decided under."""
    return PolicyRef(row.rules_digest, row.limits_version, row.costs_version)


def status_of(outcome: str, held: str | None) -> Status:
    """How a decision stands: by its outcome, or by what became of the hold of one that allowed."""
    if outcome == Outcome.ESCALATE.value:
        return Status.ESCALATED
    if outcome == Outcome.DENY.value:
        return Status.DENIED
    assert held is not None
    return Status(held)


def seq_of(cursor: str) -> int:
    """The number in the log that a cursor stands for.

    Raises:
        FieldProblem: the cursor is not one that was handed out.
    """
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise FieldProblem("cursor", "is not a cursor of this list; use `next` of the page before.")
    return int(cursor)


def _query() -> Select[Any]:
    return select(
        _decision,
        _reservation.c.status.label("held_status"),
        _reservation.c.amount_minor.label("held_minor"),
        _reservation.c.expires_at.label("held_until"),
    ).outerjoin(_reservation, _reservation.c.decision_id == _decision.c.id)


def _filtered(query: Select[Any], filters: LogFilters) -> Select[Any]:
    personal: Mapping[str, tuple[PersonalKind, str | None]] = {
        "agent": (PersonalKind.AGENT, filters.agent),
        "customer": (PersonalKind.CUSTOMER, filters.customer),
        "case_ref": (PersonalKind.CASE, filters.case),
        "order_ref": (PersonalKind.ORDER, filters.order),
    }
    for name, (kind, reference) in personal.items():
        if reference is not None:
            query = query.where(is_of(_decision.c[name], kind, reference))
    equal: Mapping[str, str | None] = {
        "team": filters.team,
        "incident": filters.incident,
        "reason": filters.reason,
        "remedy": filters.remedy,
        "outcome": filters.outcome.value if filters.outcome else None,
    }
    for name, value in equal.items():
        if value is not None:
            query = query.where(_decision.c[name] == value)
    if filters.since is not None:
        query = query.where(_decision.c.at >= filters.since)
    if filters.before is not None:
        query = query.where(_decision.c.at < filters.before)
    return query if filters.status is None else query.where(_has_status(filters.status))


def _has_status(status: Status) -> Any:
    if status is Status.ESCALATED:
        return _decision.c.outcome == Outcome.ESCALATE.value
    if status is Status.DENIED:
        return _decision.c.outcome == Outcome.DENY.value
    return _reservation.c.status == status.value


def _stored(conn: Connection, rows: Iterable[Row[Any]]) -> list[StoredDecision]:
    """Rows with what became of them: two more queries, however many rows."""
    rows = list(rows)
    ids = [row.id for row in rows]
    entries = _entries(conn, ids)
    opened = escalations.of_decisions(conn, ids)
    return [_one(row, entries.get(row.id, ()), opened.get(row.id)) for row in rows]


def _one(row: Row[Any], entries: tuple[EntryView, ...], escalation: Escalation | None) -> StoredDecision:
    request, context, decision = record.from_json(row.record)
    return StoredDecision(
        seq=row.seq,
        id=row.id,
        logged_at=row.logged_at,
        request=request,
        context=context,
        decision=decision,
        policy=policy_of(row),
        remedy_kind=RemedyKind(row.remedy_kind),
        status=status_of(row.outcome, row.held_status),
        standing_minor=row.held_minor or 0,
        expires_at=row.held_until if row.held_status == Status.RESERVED.value else None,
        entries=entries,
        escalation=escalation,
    )


def _entries(conn: Connection, decision_ids: list[str]) -> dict[str, tuple[EntryView, ...]]:
    if not decision_ids:
        return {}
    table = tables.entry
    query = (
        select(
            table.c.decision_id,
            table.c.number,
            table.c.kind,
            table.c.at,
            table.c.amount_minor,
            table.c.late,
            table.c.note,
            table.c.external_ref,
        )
        .where(table.c.decision_id.in_(decision_ids))
        .order_by(table.c.decision_id, table.c.number)
    )
    found: dict[str, list[EntryView]] = {}
    for decision_id, number, kind, *values in conn.execute(query):
        found.setdefault(decision_id, []).append(EntryView(number, EntryKind(kind), *values))
    return {decision_id: tuple(entries) for decision_id, entries in found.items()}
