"""Entries and heads as rows: the statements that read and write them, and their values both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from policyservice.db import tables
from policyservice.db.prepared import Prepared
from policyservice.domain.decision import Owed, Status
from policyservice.domain.limits import Usage
from policyservice.ledger.receiving import ReceivedSum
from policyservice.ledger.values import Entry, Footprint, Held, Reservation
from policyservice.rulebook.model import WhenHoldEnds

_entry = tables.entry
_reservation = tables.reservation

_RECEIVED = select(_entry.c.refunded_minor, _entry.c.owed).where(_entry.c.currency == bindparam("of_currency"))
RECEIVED_BY_ORDER = Prepared(_RECEIVED.where(_entry.c.order_ref == bindparam("ref")))
RECEIVED_BY_CASE = Prepared(_RECEIVED.where(_entry.c.case_ref == bindparam("ref"), _entry.c.order_ref.is_(None)))
"""What an order received; what a case received by entries without one."""


def sum_received(rows: Iterable[tuple[Any, ...]]) -> ReceivedSum:
    """What the rows of a `RECEIVED_...` statement come to."""
    found = ReceivedSum()
    for refunded_minor, owed in rows:
        found.add(refunded_minor, owed)
    return found


_HEAD: Select[Any] = (
    select(
        *(
            _reservation.c[name]
            for name in (
                "decision_id",
                "status",
                "amount_minor",
                "number",
                "changed_at",
                "expires_at",
                "when_hold_ends",
            )
        ),
        *(
            _entry.c[name].label(f"entry_{name}")
            for name in (
                "decided_at",
                "reason",
                "remedy",
                "currency",
                "agent",
                "team",
                "customer",
                "case_ref",
                "order_ref",
                "incident",
                *Usage._fields,
                "refunded_minor",
                "owed",
            )
        ),
    )
    .join_from(_reservation, _entry, _entry.c.decision_id == _reservation.c.decision_id)
    .where(_entry.c.number == 0)
)
HEAD_OF = Prepared(_HEAD.where(_reservation.c.decision_id == bindparam("of_decision")).with_for_update(of=_reservation))
NEXT_DUE = Prepared(
    _HEAD.where(_reservation.c.status == Status.RESERVED.value, _reservation.c.expires_at <= bindparam("now"))
    .order_by(_reservation.c.expires_at, _reservation.c.decision_id)
    .limit(1)
    .with_for_update(of=_reservation, skip_locked=True)
)
"""A head with the entry it began with, locked: of one decision; the one that is due longest and that nobody locked."""


def read_head(row: Sequence[Any]) -> tuple[Reservation, Held]:
    """A row of `HEAD_OF` or `NEXT_DUE`: the head, and what was first held."""
    decision, status, amount_minor, number, changed_at, expires_at, when_hold_ends = row[:7]
    head = Reservation(
        decision, Status(status), amount_minor, number, changed_at, expires_at, WhenHoldEnds(when_hold_ends)
    )
    usage, refunded_minor, owed = Usage._make(row[17:-2]), row[-2], row[-1]
    held = Held(
        decision,
        Footprint(*row[7:17]),
        usage.entitled_face,
        usage.goodwill_face,
        usage.entitled_cost,
        usage.goodwill_cost,
        tuple(Owed(rule, sums[0], sums[2]) for rule, sums in owed.items()),
        refunded_minor > 0,
    )
    return head, held


INSERT_ENTRY = Prepared(insert(_entry))


def of_entry(entry: Entry, head: Reservation, held: Held | None) -> dict[str, Any]:
    """An entry's row for `INSERT_ENTRY`; `held` where it is the hold itself."""
    footprint, change = entry.footprint, entry.change
    return {
        "decision_id": entry.decision,
        "number": entry.number,
        "kind": entry.kind.value,
        "at": entry.at,
        "decided_at": footprint.at,
        "agent": footprint.agent,
        "team": footprint.team,
        "customer": footprint.customer,
        "case_ref": footprint.case,
        "order_ref": footprint.order,
        "incident": footprint.incident,
        "reason": footprint.reason,
        "remedy": footprint.remedy,
        "currency": footprint.currency,
        **change.usage._asdict(),
        "refunded_minor": change.refunded_minor,
        "owed": _owed_as_json(change.owed, held),
        "amount_minor": entry.amount_minor,
        "late": entry.late,
        "note": entry.note,
        "external_ref": entry.external_ref,
        "expires_at": head.expires_at if held else None,
        "when_hold_ends": head.when_hold_ends.value if held else None,
    }


def _owed_as_json(change: Mapping[str, tuple[int, int]], held: Held | None) -> dict[str, list[int]]:
    """A hold adds `after_minor`, so that a part of it can be split from its entry alone."""
    if held is None:
        return {rule: list(sums) for rule, sums in change.items()}
    return {owed.rule: [*change[owed.rule], owed.after_minor] for owed in held.owed}


INSERT_HEAD = Prepared(insert(_reservation))
MOVE_HEAD = Prepared(
    update(_reservation)
    .where(_reservation.c.decision_id == bindparam("of_decision"))
    .values(
        status=bindparam("new_status"),
        amount_minor=bindparam("new_amount"),
        number=bindparam("new_number"),
        changed_at=bindparam("new_changed_at"),
    )
)


def of_head(head: Reservation) -> dict[str, Any]:
    """A new head's row for `INSERT_HEAD`."""
    return {
        "decision_id": head.decision,
        "status": head.status.value,
        "amount_minor": head.amount_minor,
        "number": head.number,
        "expires_at": head.expires_at,
        "when_hold_ends": head.when_hold_ends.value,
        "changed_at": head.changed_at,
    }


def of_moved_head(head: Reservation) -> dict[str, Any]:
    """What a head becomes, for `MOVE_HEAD`."""
    return {
        "of_decision": head.decision,
        "new_status": head.status.value,
        "new_amount": head.amount_minor,
        "new_number": head.number,
        "new_changed_at": head.changed_at,
    }
