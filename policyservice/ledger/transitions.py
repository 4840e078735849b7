"""Which step is possible from which status, and what to do instead where it is not."""

from __future__ import annotations

from datetime import datetime

from policyservice.domain.decision import Status
from policyservice.domain.errors import WrongStatus
from policyservice.ledger.values import EntryKind

POSSIBLE = {
    EntryKind.COMMIT: (Status.RESERVED, Status.EXPIRED),
    EntryKind.VOID: (Status.RESERVED,),
    EntryKind.EXPIRE: (Status.RESERVED,),
    EntryKind.REVERSE: (Status.COMMITTED,),
}
"""Step -> the statuses it may begin from. A commit from `expired` is late, and booked all the same."""

_PAST = {
    EntryKind.COMMIT: "committed",
    EntryKind.VOID: "voided",
    EntryKind.EXPIRE: "ended",
    EntryKind.REVERSE: "reversed",
}

_ASK_ANEW = "If the customer is still to have it, ask for a new decision."
_INSTEAD = {
    (EntryKind.COMMIT, Status.COMMITTED): "It is booked already; to take all or part of it back, reverse it.",
    (EntryKind.COMMIT, Status.VOIDED): _ASK_ANEW,
    (EntryKind.COMMIT, Status.REVERSED): _ASK_ANEW,
    (EntryKind.VOID, Status.COMMITTED): "The customer has it; to take it back, reverse it.",
    (EntryKind.VOID, Status.VOIDED): "Nothing is held any more; there is nothing left to do.",
    (EntryKind.VOID, Status.EXPIRED): "Its hold has ended and holds nothing any more; there is nothing left to do.",
    (EntryKind.VOID, Status.REVERSED): "All of it was taken back; there is nothing left to do.",
    (EntryKind.REVERSE, Status.RESERVED): "It was not given yet; void it, or commit less.",
    (EntryKind.REVERSE, Status.VOIDED): "It was never given; there is nothing to take back.",
    (EntryKind.REVERSE, Status.EXPIRED): (
        "Its hold ended before it was given; if the customer has it after all, commit it first."
    ),
    (EntryKind.REVERSE, Status.REVERSED): "All of it was taken back; there is nothing left to do.",
}
_NOT_ALLOWED = "Nothing was allowed by it; ask for a new decision, or resolve its escalation."


def require(step: EntryKind, decision: str, status: Status, since: datetime | None) -> None:
    """Refuse a step that is not possible from a status, saying what to do instead.

    Raises:
        WrongStatus: it is not.
    """
    if status in POSSIBLE[step]:
        return
    instead = _INSTEAD.get((step, status), _NOT_ALLOWED)
    raise WrongStatus(decision, status.value, since, _PAST[step], instead)
