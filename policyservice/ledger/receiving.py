"""What one order, or one case without an order, received: a sum over its entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyservice.domain.decision import Received


class ReceivedSum:
    """Adds up what entries change of what was refunded, and of what was owed by rule."""

    __slots__ = ("_owed", "_refunded_minor")

    def __init__(self) -> None:
        self._refunded_minor = 0
        self._owed: dict[str, tuple[int, int]] = {}

    def add(self, refunded_minor: int, owed: Mapping[str, Sequence[int]]) -> None:
        """Add one entry's changes; `owed` gives for each rule the sum and how many times (and may say more)."""
        self._refunded_minor += refunded_minor
        for rule, change in owed.items():
            before = self._owed.get(rule, (0, 0))
            self._owed[rule] = (before[0] + change[0], before[1] + change[1])

    def as_received(self) -> Received:
        """The sums so far; a rule whose sums are zero owes nothing."""
        owed = {rule: sums for rule, sums in sorted(self._owed.items()) if sums != (0, 0)}
        return Received(self._refunded_minor, owed)
