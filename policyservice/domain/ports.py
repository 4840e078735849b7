"""What the pure core takes from outside: the time and new ids."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the instant, in UTC."""

    def now(self) -> datetime:
        """The instant, timezone-aware, in UTC."""


class Ids(Protocol):
    """Gives ids that were never given before."""

    def new(self, kind: str) -> str:
        """A new id that begins with `kind` and an underscore, such as "dec_...", and sorts by time."""
