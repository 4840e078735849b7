"""The decision log: append one row per decision, and read it back with what became of it.

The database refuses to change or delete a row. The columns are for searching; `record` alone says what was
decided. Rows hold pseudonyms and seals (`masking`), and so do the values that are read from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, insert, select

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation
from policyservice.db import tables
from policyservice.db.among import among
from policyservice.db.asked import made_once
from policyservice.db.prepared import Prepared, Writes
from policyservice.decisions import record, sight
from policyservice.decisions.policy import PolicyRef
from policyservice.decisions.sight import Sight, own
from policyservice.decisions.stored import EntryView, StoredDecision
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision, Outcome, Status
from policyservice.domain.errors import NotFound
from policyservice.domain.vocabulary import RemedyKind
from policyservice.ledger.values import EntryKind

__all__ = [
    "EntryView",
    "StoredDecision",
    "append",
    "columns",
    "in_order",
    "policy_of",
    "read",
    "status_of",
    "stored",
    "stored_rows",
    "where",
]

_decision = tables.decision
_reservation = tables.reservation
_entry = tables.entry.c
_APPEND = Prepared(insert(_decision))
_ENTRIES = Prepared(
    select(
        _entry.decision_id,
        _entry.number,
        _entry.kind,
        _entry.at,
        _entry.amount_minor,
        _entry.late,
        _entry.note,
        _entry.external_ref,
    )
    .where(among(_entry.decision_id, "decisions"))
    .order_by(_entry.decision_id, _entry.number)
)


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
    rows = _of_id(sight.of(seen_by)).rows(conn, {"of_id": decision_id, **sight.bound(seen_by)})
    if not rows:
        raise NotFound("decision", decision_id)
    return stored(conn, rows)[0]


@made_once
def _of_id(seen: Sight) -> Select[Any]:
    return stored_rows().where(_decision.c.id == bindparam("of_id"), own(seen.key))


def where(conn: Connection, condition: ColumnElement[bool], *, batch: int = 500) -> Iterator[StoredDecision]:
    """Every decision that a condition on the table holds for, in the order it was logged, fetched in batches."""
    after_seq = 0
    while True:
        query = stored_rows().where(condition, _decision.c.seq > after_seq).order_by(_decision.c.seq).limit(batch)
        rows = conn.execute(query).all()
        yield from stored(conn, rows)
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


def stored_rows() -> Select[Any]:
    """The rows of the table, each with how its hold stands: what `stored` reads."""
    return select(
        _decision,
        _reservation.c.status.label("held_status"),
        _reservation.c.amount_minor.label("held_minor"),
        _reservation.c.expires_at.label("held_until"),
    ).outerjoin(_reservation, _reservation.c.decision_id == _decision.c.id)


def stored(conn: Connection, rows: Iterable[Any]) -> list[StoredDecision]:
    """Rows with what became of them: two more queries, however many rows."""
    rows = list(rows)
    ids = [row.id for row in rows]
    entries = _entries(conn, ids)
    opened = escalations.of_decisions(conn, ids)
    return [_one(row, entries.get(row.id, ()), opened.get(row.id)) for row in rows]


def _one(row: Any, entries: tuple[EntryView, ...], escalation: Escalation | None) -> StoredDecision:
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
    found: dict[str, list[EntryView]] = {}
    for decision_id, number, kind, *values in _ENTRIES.rows(conn, {"decisions": decision_ids}):
        found.setdefault(decision_id, []).append(EntryView(number, EntryKind(kind), *values))
    return {decision_id: tuple(entries) for decision_id, entries in found.items()}
