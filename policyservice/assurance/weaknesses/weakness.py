"""One weakness of a rulebook: what is hardly meant, where, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policyservice.rulebook.model import Place


class Weight(StrEnum):
    """An error says something that can never be meant; a note says something to look at."""

    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Weakness:
    """`str()` of it is "file:line:column: note: what is hardly meant"; an error is told like any other problem."""

    weight: Weight
    place: Place | None
    message: str

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{'note: ' if self.weight is Weight.NOTE else ''}{self.message}"

    @property
    def order(self) -> tuple[str, int, int, str]:
        """By file, line and column."""
        if self.place is None:
            return ("", 0, 0, self.message)
        return (self.place.file, self.place.line, self.place.column, self.message)
