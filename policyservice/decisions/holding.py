"""Books what an allowed decision holds; what was given before it was asked is booked as given at once."""

from __future__ import annotations

from datetime import datetime

from policyservice.decisions.considering import footprint_of
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision
from policyservice.domain.vocabulary import RemedyKind
from policyservice.ledger import settle
from policyservice.ledger.algebra import held_by
from policyservice.ledger.settle import Settled
from policyservice.ledger.store import LedgerStore
from policyservice.rulebook.model import Remedy


def hold(
    store: LedgerStore, request: Request, context: Context, decision: Decision, remedy: Remedy, *, now: datetime
) -> tuple[Settled, ...]:
    """Hold what `decision` allows, in the transaction that locked its counters; `now` is when it is booked.

    The steps that were booked, in their order.
    """
    footprint = footprint_of(request, context.agent, context.now)
    held = held_by(decision, footprint, is_refund=remedy.kind is RemedyKind.REFUND)
    booked = settle.hold(store, held, now=now, expires_at=decision.expires_at, when_hold_ends=remedy.when_hold_ends)
    if not decision.after_the_fact:
        return (booked,)
    return booked, settle.commit(store, decision.id, now=now, note=GIVEN_BEFORE)


GIVEN_BEFORE = "given-before"
"""The note of a commit that came with the decision: the remedy was given under the safe floor."""
