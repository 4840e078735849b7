"""What was decided before, for whoever picks up the phone next: how each decision stands now, newest first.

Whoever serves a customer sees what others promised, in whichever channel: nobody is to ask the customer twice. A key
bound to agents or teams that have nothing to do with the customer or the case sees nothing of it; see
`sight.dealt_with`. Decisions are read from the columns of the log, with what of a record only a history shows: a page
of fifty takes a fraction of the time that reading the records whole would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, select

from policyservice.cases.escalations import Escalation, EscalationStatus, Result
from policyservice.db import tables
from policyservice.db.asked import made_once
from policyservice.decisions import record
from policyservice.decisions.log import status_of
from policyservice.decisions.policy import PolicyRef
from policyservice.decisions.searching import seq_of
from policyservice.decisions.whose import Shape, Whose
from policyservice.domain.decision import Outcome, Status, Verified
from policyservice.domain.vocabulary import Basis, FactValue, Text

_decision, _held, _escalation = tables.decision, tables.reservation, tables.escalation


@dataclass(frozen=True, slots=True)
class Past:
    """A decision of the log in short; references are pseudonyms, amounts in minor units of `currency`.

    `amount_minor` is what was decided on (None: the remedy has no sum), `standing_minor` what is held or given now;
    None where nothing ever was. `facts` were given, and `sources` says where the verified ones of them are from.
    """

    seq: int
    id: str
    at: datetime
    logged_at: datetime
    agent: str
    channel: str
    case: str
    customer: str | None
    order: str | None
    incident: str | None
    reason: str
    remedy: str
    amount_minor: int | None
    currency: str
    outcome: Outcome
    basis: Basis | None
    given_before: bool
    policy: PolicyRef
    status: Status
    standing_minor: int | None
    escalation: Escalation | None
    facts: Mapping[str, FactValue]
    sources: Mapping[str, Verified]
    say: Text | None


@dataclass(frozen=True, slots=True)
class PastPage:
    """Some past decisions, and the cursor of those after them; None where there are none."""

    items: tuple[Past, ...]
    next: str | None


def latest(conn: Connection, whose: Whose, *, limit: int) -> list[Past]:
    """The latest decisions of a case or for a customer, newest first."""
    return [_past(row) for row in _latest(whose.shape, False).rows(conn, {**whose.values, "most": limit})]


def page(conn: Connection, whose: Whose, *, cursor: str | None, limit: int) -> PastPage:
    """The decisions from behind a cursor on, newest first. An unknown customer has none: there is no register of them.

    Raises:
        FieldProblem: the cursor is not one that was handed out.
    """
    if cursor is None:
        found = latest(conn, whose, limit=limit + 1)
    else:
        values = {**whose.values, "most": limit + 1, "before": seq_of(cursor)}
        found = [_past(row) for row in _latest(whose.shape, True).rows(conn, values)]
    return PastPage(tuple(found[:limit]), str(found[limit - 1].seq) if len(found) > limit else None)


@made_once
def _latest(shape: Shape, is_further: bool) -> Select[Any]:
    """The decisions are sought first, so that nothing is looked up for those that are not among them."""
    sought = select(_decision).where(shape.of(_decision), shape.dealt_with(_decision))
    if is_further:
        sought = sought.where(_decision.c.seq < bindparam("before", type_=Integer))
    sought = sought.order_by(_decision.c.seq.desc()).limit(bindparam("most", type_=Integer))
    found = sought.subquery("found")
    return (
        select(
            found,
            _held.c.status.label("held"),
            _held.c.amount_minor.label("standing_minor"),
            _escalation.c.id.label("escalation"),
            _escalation.c.to,
            _escalation.c.opened_at,
            _escalation.c.due_at,
            _escalation.c.status.label("stands"),
            _escalation.c.result,
            _escalation.c.resolved_at,
            _escalation.c.resolved_by,
        )
        .select_from(
            found.outerjoin(_held, _held.c.decision_id == found.c.id).outerjoin(
                _escalation, _escalation.c.decision_id == found.c.id
            )
        )
        .order_by(found.c.seq.desc())
    )


def _past(row: Any) -> Past:
    facts, sources, say = record.said(row.record)
    return Past(
        row.seq,
        row.id,
        row.at,
        row.logged_at,
        row.agent,
        row.channel,
        row.case_ref,
        row.customer,
        row.order_ref,
        row.incident,
        row.reason,
        row.remedy,
        row.amount_minor,
        row.currency,
        Outcome(row.outcome),
        Basis(row.basis) if row.basis else None,
        row.after_the_fact,
        PolicyRef(row.rules_digest, row.limits_version, row.costs_version),
        status_of(row.outcome, row.held),
        row.standing_minor,
        _escalation_of(row),
        facts,
        sources,
        say,
    )


def _escalation_of(row: Any) -> Escalation | None:
    if row.escalation is None:
        return None
    return Escalation(
        row.escalation,
        row.id,
        row.to,
        row.opened_at,
        row.due_at,
        EscalationStatus(row.stands),
        Result(row.result) if row.result else None,
        row.resolved_at,
        row.resolved_by,
    )
