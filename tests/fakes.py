"""A clock that stands still until it is told, and ids that count: for tests of everything that takes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Lock

NOON = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
"""Noon in Helsinki on Monday 1 June 2026."""


class VirtualClock:
    """Tells the instant it was set to."""

    def __init__(self, now: datetime = NOON) -> None:
        self.instant = now

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self.instant

    def advance(self, **span: float) -> datetime:
        """Move on by a span such as `minutes=5`; the new instant."""
        self.instant += timedelta(**span)
        return self.instant


class CountingIds:
    """Ids "dec_000001", "dec_000002", ...: one count for all kinds; safe between threads."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = Lock()

    def new(self, kind: str) -> str:
        """The next id."""
        with self._lock:
            return f"{kind}_{next(self._numbers):06}"
