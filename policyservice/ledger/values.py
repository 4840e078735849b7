"""What the ledger keeps, as values: where a decision counts, what it holds, its entries and its head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from policyservice.domain.decision import Owed, Status
from policyservice.domain.limits import Scope, Usage
from policyservice.rulebook.model import WhenHoldEnds

ORGANISATION = "organisation"
"""The subject of the scope that has one subject only."""


class Footprint(NamedTuple):
    """Where a decision counts: its subjects, remedy, reason and currency, and the instant that fixes its windows."""

    at: datetime  # UTC; the decision's instant, never the entry's
    reason: str
    remedy: str
    currency: str
    agent: str | None = None
    team: str | None = None
    customer: str | None = None
    case: str | None = None
    order: str | None = None
    incident: str | None = None


def field_of(scope: Scope) -> int | None:
    """The place of a scope's subject in a footprint; None for the organisation, which is the subject of every decision.

    Raises:
        ValueError: a cap per decision has no subject.
    """
    return None if scope is Scope.ORGANISATION else Footprint._fields.index(scope.value)


@dataclass(frozen=True, slots=True)
class Held:
    """What an allowed decision set aside, in minor units of the footprint's currency.

    A remedy without a sum holds zero; it may still cost something, be owed, and be counted.
    """

    decision: str
    footprint: Footprint
    entitled_minor: int = 0
    goodwill_minor: int = 0
    entitled_cost_minor: int = 0
    goodwill_cost_minor: int = 0
    owed: tuple[Owed, ...] = ()
    is_refund: bool = False

    @property
    def amount_minor(self) -> int:
        """The whole sum: the entitled part and the discretionary part."""
        return self.entitled_minor + self.goodwill_minor

    @property
    def has_amount(self) -> bool:
        """Whether the remedy has a sum; nothing is allowed with a sum of zero."""
        return self.amount_minor > 0


class EntryKind(StrEnum):
    """The steps a decision's money goes through."""

    HOLD = "hold"
    COMMIT = "commit"
    VOID = "void"
    EXPIRE = "expire"
    REVERSE = "reverse"


class Part(NamedTuple):
    """What counts of a decision while some of its amount stands; the difference of two is what an entry changes."""

    usage: Usage = Usage()
    refunded_minor: int = 0
    owed: Mapping[str, tuple[int, int]] = {}  # rule -> (sum, times)


@dataclass(frozen=True, slots=True)
class Entry:
    """One appended row: a step of one decision and the changes it makes to every counter its footprint falls in."""

    decision: str
    number: int  # 0 is the hold
    kind: EntryKind
    at: datetime
    footprint: Footprint
    change: Part
    amount_minor: int  # what stands after it
    late: bool = False
    note: str | None = None
    external_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """The head of an allowed decision: its status and what stands of it now."""

    decision: str
    status: Status
    amount_minor: int
    number: int  # of the last entry
    changed_at: datetime
    expires_at: datetime | None = None
    when_hold_ends: WhenHoldEnds = WhenHoldEnds.RELEASE
