"""A decision of the log as a value, with what became of it until now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from policyservice.cases.escalations import Escalation
from policyservice.decisions.policy import PolicyRef
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision, Outcome, Status
from policyservice.domain.vocabulary import RemedyKind
from policyservice.ledger.settle import Settled
from policyservice.ledger.values import Entry, EntryKind


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of what became of a decision; number 0 is the hold. `amount_minor` is what stands after it."""

    number: int
    kind: EntryKind
    at: datetime
    amount_minor: int
    late: bool
    note: str | None
    external_ref: str | None


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision of the log, with what became of it until now. Amounts in minor units.

    `seq` is its number in the log, None before it is written. `standing_minor` is what is held or given now; 0 where
    nothing is. `expires_at` is set while a hold lasts.
    """

    seq: int | None
    id: str
    logged_at: datetime
    request: Request
    context: Context
    decision: Decision
    policy: PolicyRef
    remedy_kind: RemedyKind
    status: Status
    standing_minor: int
    expires_at: datetime | None
    entries: tuple[EntryView, ...]
    escalation: Escalation | None


def fresh(
    logged_at: datetime,
    request: Request,
    context: Context,
    decision: Decision,
    policy: PolicyRef,
    remedy_kind: RemedyKind,
) -> StoredDecision:
    """A decision that is about to be logged, of which nothing became yet."""
    status = Status.ESCALATED if decision.outcome is Outcome.ESCALATE else Status.DENIED
    return StoredDecision(
        None, decision.id, logged_at, request, context, decision, policy, remedy_kind, status, 0, None, (), None
    )


def with_entries(stored: StoredDecision, booked: Sequence[Settled]) -> StoredDecision:
    """The same decision with the steps that were booked for it, oldest first."""
    head = booked[-1].head
    return replace(
        stored,
        status=head.status,
        standing_minor=head.amount_minor,
        expires_at=head.expires_at if head.status is Status.RESERVED else None,
        entries=tuple(_view(settled.entry) for settled in booked),
    )


def _view(entry: Entry) -> EntryView:
    return EntryView(entry.number, entry.kind, entry.at, entry.amount_minor, entry.late, entry.note, entry.external_ref)
