"""What the algebra needs from a store; in memory for back-tests, in SQL for service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from policyservice.domain.decision import Received
from policyservice.domain.limits import Usage
from policyservice.ledger.keys import CounterSpec
from policyservice.ledger.values import Entry, Footprint, Held, Reservation


class LedgerStore(Protocol):
    """Counters, entries and heads; one of `memory.MemoryLedger` and `sql.SqlLedger`."""

    def lock(self, footprint: Footprint, specs: Sequence[CounterSpec]) -> Mapping[str, Usage]:
        """Lock everything that a decision of this footprint may change, and tell what was used: key -> usage.

        Locks are taken in key order and kept until the transaction ends. Rolling windows are those of `footprint.at`.
        """

    def peek(self, specs: Sequence[CounterSpec], at: datetime) -> Mapping[str, Usage]:
        """What was used, without locks: for answers that hold nothing."""

    def received(self, order: str | None, case: str | None, currency: str) -> Received:
        """What the order already received, or the case where there is no order; after `lock` nothing changes it."""

    def append(self, entry: Entry, head: Reservation, held: Held | None = None) -> None:
        """Append an entry, add its changes to the counters and move the head; `held` comes with the hold itself."""

    def reservation(self, decision: str) -> tuple[Reservation, Held]:
        """The locked head of a decision and what it first held.

        Raises:
            NotFound: nothing was ever held for it.
        """
