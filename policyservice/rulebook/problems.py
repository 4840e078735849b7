"""What is wrong with a rulebook, where, and what to try; gathered, never stopping at the first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from policyservice.domain.errors import RulebookRefused
from policyservice.rulebook.bounds import PROBLEMS_LISTED
from policyservice.rulebook.model import Place


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right; `str()` of it is "file:line:column: what is wrong, what to try"."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class Problems:
    """Gathers problems while reading goes on."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, place: Place, message: str) -> None:
        """Note a problem; the same one at the same place counts once."""
        self._found[Problem(place, message)] = None

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> list[Problem]:
        """All of them by file, line and column."""
        return sorted(self._found)

    def refuse(self) -> None:
        """Do nothing when there is no problem.

        Raises:
            RulebookRefused: with every problem as one line of text.
        """
        if not self._found:
            return
        lines = [str(problem) for problem in self.sorted()]
        more = len(lines) - PROBLEMS_LISTED
        if more > 0:
            lines = [*lines[:PROBLEMS_LISTED], f"... and {more} more; put these right first"]
        raise RulebookRefused(lines)


def meant(word: str, known: Collection[str], *, kind: str) -> str:
    """The end of a message about an unknown word: what was probably meant, else what there is."""
    in_other_case = [name for name in known if name.lower() == word.lower()]
    close = in_other_case or get_close_matches(word, list(known), n=1, cutoff=0.6)
    if close:
        return f"; did you mean `{close[0]}`?"
    if not known:
        return f"; there are no {kind} here"
    if len(known) <= 12:
        return f"; {kind} here: {listed(sorted(known))}"
    return f"; it is none of the {len(known)} declared"


def an(word: str) -> str:
    """A word with its article: an integer, a date."""
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def listed(words: Iterable[str]) -> str:
    """Words as a message shows them: `a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)
