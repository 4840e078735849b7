"""Every requirement of ASVS 5.0 at levels 1 and 2 has its line, and each line a holder, a reason, or a gap."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.asvs import LEVELS, numbers
from tests.docs.named import is_there, named

_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "explanation" / "asvs.md").read_text(encoding="utf-8")
_WORDS = {"2.1", "6.1", "8.1", "11.1", "13.1", "14.1", "15.1", "16.1"}
"""Sections that ask for documentation: a page holds them by itself."""


_INSTEAD = re.compile(r"\b(have|use|say|takes|install|must fail|behind|does, by|show it|Nothing is to be done)\b")
"""What is left to do where there is a gap."""


class Line(NamedTuple):
    """One row of a table."""

    numbers: list[str]
    levels: str
    here: str
    held: str


def _line(row: str) -> Line:
    listed, levels, here, held = (cell.strip() for cell in row.strip().strip("|").split("|"))
    spans = [re.fullmatch(r"([0-9.]+)(?: to (?:[0-9]+\.)+([0-9]+))?", span) for span in listed.split(", ")]
    return Line([n for span in spans if span for n in numbers(span[1], span[2])], levels, here, held)


_LINES = [_line(row) for row in _PAGE.splitlines() if re.match(r"\| [0-9]", row)]
_EACH = pytest.mark.parametrize("line", _LINES, ids=[line.numbers[0] for line in _LINES])


def test_the_standard_has_so_many_at_each_level():
    assert [list(LEVELS.values()).count(level) for level in (1, 2)] == [70, 183]


def test_every_number_has_one_line_and_no_line_a_number_that_is_not_there():
    told = [number for line in _LINES for number in line.numbers]
    assert len(told) == len(set(told))
    assert sorted(told) == sorted(LEVELS)


@_EACH
def test_a_line_tells_the_levels_of_its_numbers(line: Line):
    assert line.levels == ", ".join(str(level) for level in sorted({LEVELS[number] for number in line.numbers}))


@_EACH
def test_a_line_has_a_holder_a_reason_or_a_gap(line: Line):
    reasoned = line.here.startswith(("Not here: ", "Outside: ")) or "**Gap**: " in line.here
    section = line.numbers[0].rpartition(".")[0]
    by_words = section in _WORDS and re.match(r"\[.+\]\(.+\)\Z", line.held)
    assert named(line.held) or by_words or reasoned, line
    assert len(line.here) > 3


@_EACH
def test_a_gap_says_what_an_operator_does_instead(line: Line):
    for said in line.here.split("**Gap**: ")[1:]:
        assert _INSTEAD.search(said), said


def test_no_line_reaches_over_several_sections():
    for line in _LINES:
        assert len({number.rpartition(".")[0] for number in line.numbers}) == 1, line.numbers


@pytest.mark.parametrize(("file", "name"), named(_PAGE))
def test_every_test_that_it_names_is_there(file: str, name: str):
    assert name
    assert is_there(file, name)


def test_the_counts_are_those_of_the_lines():
    def counted(holds) -> int:
        return sum(len(line.numbers) for line in _LINES if holds(line))

    told = re.search(r"<!-- counts -->\n(.+?)\n<!-- /counts -->", _PAGE, re.DOTALL)
    assert told is not None
    assert [int(number) for number in re.findall(r"\b[0-9]+\b", told[1])] == [
        len(LEVELS),
        counted(lambda line: line.here.startswith("Not here: ")),
        counted(lambda line: "Outside: " in line.here),
        counted(lambda line: "**Gap**: " in line.here),
        counted(lambda line: named(line.held) and not line.here.startswith("Not here: ")),
    ]
