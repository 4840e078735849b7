"""Hold, and what becomes of a hold: commit, void, end, reverse. Each appends one entry; none edits one.

The head of a decision is locked first, then its counters in key order. A hold that is due has ended, whether or not
anybody has booked its end yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from policyservice.domain.decision import Status
from policyservice.domain.errors import FieldProblem, MoreThanHeld
from policyservice.domain.money import decimal_string
from policyservice.ledger.algebra import NO_PART, difference, split
from policyservice.ledger.store import LedgerStore
from policyservice.ledger.transitions import require
from policyservice.ledger.values import Entry, EntryKind, Held, Part, Reservation
from policyservice.rulebook.model import WhenHoldEnds


@dataclass(frozen=True, slots=True)
class Settled:
    """A step that was booked: the head after it, and its entry."""

    head: Reservation
    entry: Entry


def hold(
    store: LedgerStore,
    held: Held,
    *,
    now: datetime,
    expires_at: datetime | None,
    when_hold_ends: WhenHoldEnds = WhenHoldEnds.RELEASE,
    note: str | None = None,
) -> Settled:
    """Set aside what a decision allows, in the transaction that locked its counters and writes the decision.

    Checks no limit: `decide` did, on what `store.lock` told; what was given under the safe floor is booked above it.
    """
    head = Reservation(held.decision, Status.RESERVED, held.amount_minor, 0, now, expires_at, when_hold_ends)
    part = split(held, held.amount_minor)
    entry = Entry(held.decision, 0, EntryKind.HOLD, now, held.footprint, part, held.amount_minor, note=note)
    store.append(entry, head, held)
    return Settled(head, entry)


def commit(
    store: LedgerStore,
    decision: str,
    *,
    now: datetime,
    amount_minor: int | None = None,
    external_ref: str | None = None,
    note: str | None = None,
) -> Settled:
    """Book that the remedy was given: all of it, or `amount_minor`; the rest is free again.

    After the hold has ended and was released it is booked all the same, marked late: the customer has the money.

    Raises:
        NotFound: nothing was ever held for the decision.
        WrongStatus: it is not reserved, nor expired.
        MoreThanHeld: `amount_minor` exceeds what was held.
        FieldProblem: `amount_minor` is not positive, or the remedy has no sum.
    """
    head, held = store.reservation(decision)
    if _is_due(head, now) and head.when_hold_ends is WhenHoldEnds.RELEASE:
        head = end(store, head, held, now=now).head
    require(EntryKind.COMMIT, decision, head.status, head.changed_at)
    _check_amount(held, amount_minor, held.amount_minor)
    given = held.amount_minor if amount_minor is None else amount_minor
    late = head.status is Status.EXPIRED
    before = NO_PART if late else split(held, head.amount_minor)
    step = _Step(EntryKind.COMMIT, Status.COMMITTED, given, before, split(held, given), late, note, external_ref)
    return _append(store, head, held, step, now)


def void(store: LedgerStore, decision: str, *, now: datetime, note: str | None = None) -> Settled:
    """Give back all that is held: the remedy was not given.

    Raises:
        NotFound: nothing was ever held for the decision.
        WrongStatus: it is not reserved (a hold that ended is not).
    """
    head, held = store.reservation(decision)
    if _is_due(head, now):
        head = end(store, head, held, now=now).head
    require(EntryKind.VOID, decision, head.status, head.changed_at)
    step = _Step(EntryKind.VOID, Status.VOIDED, 0, split(held, head.amount_minor), NO_PART, note=note)
    return _append(store, head, held, step, now)


def reverse(
    store: LedgerStore,
    decision: str,
    *,
    now: datetime,
    amount_minor: int | None = None,
    note: str | None = None,
) -> Settled:
    """Take back what was given: all that stands, or `amount_minor` of it; while a part stands it stays committed.

    Raises:
        NotFound: nothing was ever held for the decision.
        WrongStatus: it is not committed.
        MoreThanHeld: `amount_minor` exceeds what stands.
        FieldProblem: `amount_minor` is not positive, or the remedy has no sum.
    """
    head, held = store.reservation(decision)
    if _is_due(head, now):
        head = end(store, head, held, now=now).head
    require(EntryKind.REVERSE, decision, head.status, head.changed_at)
    _check_amount(held, amount_minor, head.amount_minor)
    standing = head.amount_minor - (head.amount_minor if amount_minor is None else amount_minor)
    status = Status.COMMITTED if standing else Status.REVERSED
    after = split(held, standing) if standing else NO_PART
    step = _Step(EntryKind.REVERSE, status, standing, split(held, head.amount_minor), after, note=note)
    return _append(store, head, held, step, now)


HOLD_ENDED = "hold-ended"
"""The note of a commit that nobody made: the hold ended on a remedy that then counts as given."""


def end(store: LedgerStore, head: Reservation, held: Held, *, now: datetime) -> Settled:
    """End a hold: give back what it holds, or book it as given where the remedy says so.

    Raises:
        WrongStatus: it is not reserved any more.
    """
    require(EntryKind.EXPIRE, head.decision, head.status, head.changed_at)
    before = split(held, head.amount_minor)
    if head.when_hold_ends is WhenHoldEnds.COMMIT:
        step = _Step(EntryKind.COMMIT, Status.COMMITTED, head.amount_minor, before, before, note=HOLD_ENDED)
    else:
        step = _Step(EntryKind.EXPIRE, Status.EXPIRED, 0, before, NO_PART)
    return _append(store, head, held, step, now)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step as it will be booked: what stood before and what stands after."""

    kind: EntryKind
    status: Status
    standing_minor: int
    before: Part
    after: Part
    late: bool = False
    note: str | None = None
    external_ref: str | None = None


def _append(store: LedgerStore, head: Reservation, held: Held, step: _Step, now: datetime) -> Settled:
    moved = replace(
        head,
        status=step.status,
        amount_minor=step.standing_minor,
        number=head.number + 1,
        changed_at=now,
    )
    entry = Entry(
        head.decision,
        moved.number,
        step.kind,
        now,
        held.footprint,
        difference(step.after, step.before),
        step.standing_minor,
        step.late,
        step.note,
        step.external_ref,
    )
    store.append(entry, moved)
    return Settled(moved, entry)


def _is_due(head: Reservation, now: datetime) -> bool:
    return head.status is Status.RESERVED and head.expires_at is not None and head.expires_at <= now


def _check_amount(held: Held, amount_minor: int | None, at_most: int) -> None:
    if amount_minor is None:
        return
    if not held.has_amount:
        raise FieldProblem("amount", f"The remedy {held.footprint.remedy} has no sum; leave the amount out.")
    if amount_minor <= 0:
        raise FieldProblem("amount", "The sum must be more than zero; what was not given at all is voided.")
    if amount_minor > at_most:
        currency = held.footprint.currency
        raise MoreThanHeld(
            held.decision, decimal_string(amount_minor, currency), decimal_string(at_most, currency), currency
        )
