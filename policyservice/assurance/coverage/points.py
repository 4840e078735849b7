"""What there is to exercise, and how much of it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policyservice.rulebook.model import Place, Rule


class Kind(StrEnum):
    """What sort of point it is."""

    RULE = "rules"
    COMPARISON = "comparisons"
    BOUND = "bounds"
    AMOUNT = "amounts"
    EFFECT = "effects"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a policy test can exercise, and by how many tests it was.

    `fact` is what a comparison asks about, empty for the other kinds; `place` is where it stands where that is known.
    """

    kind: Kind
    what: str
    tests: int
    fact: str = ""
    place: Place | None = None

    @property
    def met(self) -> bool:
        """Whether some test exercises it."""
        return self.tests > 0


@dataclass(frozen=True, slots=True)
class CoveredRule:
    """A rule or row with its points."""

    rule: Rule
    points: tuple[Point, ...]

    @property
    def unmet(self) -> list[Point]:
        """What no test exercises."""
        return [point for point in self.points if not point.met]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    met: int
    of: int

    @classmethod
    def among(cls, points: Iterable[Point]) -> Share:
        """How many of some points are met."""
        seen = [point.met for point in points]
        return cls(sum(seen), len(seen))

    def reaches(self, percent: int) -> bool:
        """Whether it is at least so many percent; nothing to exercise reaches any."""
        return self.met * 100 >= percent * self.of

    @property
    def percent(self) -> str:
        """In percent with one decimal, never rounded up to what was not reached."""
        if self.of == 0:
            return "-"
        tenths = self.met * 1000 // self.of
        return f"{tenths // 10}.{tenths % 10} %"

    def __str__(self) -> str:
        return f"{self.met}/{self.of}" if self.of else "-"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every rule with its points, in the order of the rulebook; `tests` is the number of policy tests."""

    rules: Sequence[CoveredRule]
    tests: int

    def points(self, kind: Kind | None = None) -> Iterator[Point]:
        """Every point, of one kind or of all."""
        for covered in self.rules:
            yield from (point for point in covered.points if kind in (None, point.kind))

    def share(self, kind: Kind | None = None) -> Share:
        """How many of the points are met."""
        return Share.among(self.points(kind))
