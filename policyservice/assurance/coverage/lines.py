"""Where in a pack's text a point stands: the rule's own place, the effect's, the line that asks about a fact."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policyservice.assurance.coverage.points import Coverage, CoveredRule, Point

Texts = Mapping[str, str]
"""The text of each file, by the file's name as places have it."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """A point with the rule that it belongs to, on a line of a file."""

    rule: str
    point: Point


def annotated(coverage: Coverage, texts: Texts) -> dict[str, dict[int, list[Annotated]]]:
    """The points of each line that has any, by file and line."""
    found: dict[str, dict[int, list[Annotated]]] = {}
    blocks = _Blocks(coverage, texts)
    for covered in coverage.rules:
        for point in covered.points:
            place = point.place or covered.rule.place
            if place is None or place.file not in texts:
                continue
            line = blocks.line_of(covered, point.fact) if point.fact else place.line
            found.setdefault(place.file, {}).setdefault(line, []).append(Annotated(covered.rule.id, point))
    return found


class _Blocks:
    """The lines of each rule: from its own to the next one's."""

    def __init__(self, coverage: Coverage, texts: Texts) -> None:
        self._lines = {file: text.splitlines() for file, text in texts.items()}
        self._starts: dict[str, list[int]] = {}
        for covered in coverage.rules:
            if covered.rule.place is not None:
                self._starts.setdefault(covered.rule.place.file, []).append(covered.rule.place.line)
        for starts in self._starts.values():
            starts.sort()

    def line_of(self, covered: CoveredRule, fact: str) -> int:
        """The first line of a rule that asks about a fact; a row of a table asks on its own line."""
        place = covered.rule.place
        assert place is not None
        if covered.rule.table is not None:
            return place.line
        end = next((line for line in self._starts[place.file] if line > place.line), None)
        asks = re.compile(rf"(?<![\w.-]){re.escape(fact)}\s*:")
        return _first(self._lines[place.file], place.line, end, asks)


def _first(lines: Sequence[str], start: int, end: int | None, asks: re.Pattern[str]) -> int:
    last = len(lines) + 1 if end is None else end
    for number in range(start, min(last, len(lines) + 1)):
        if asks.search(lines[number - 1].partition("#")[0]):
            return number
    return start
