"""Case lines put to a pack as `policyservice evaluate` puts them, and whole grids of facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from policyservice.cli.case_lines import CaseLines
from policyservice.rulebook.load import load_folders
from tests.rules.giving import Answer, Facts, cents

RULES = Path(__file__).parents[2] / "rules"
NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
LEFT_OUT = None

ByHand = Callable[[Facts, str, "int | None"], Answer]


class Pack:
    """One pack, asked line by line."""

    def __init__(self, name: str) -> None:
        self._lines = CaseLines(load_folders([RULES / name]), NOW)

    def answer(self, facts: Facts, remedy: str, asked: int | None) -> Answer:
        """The outcome and the cents that are available."""
        found = self._lines.answer(case_line("q", facts, remedy, asked).encode())
        assert "error" not in found, found
        return Answer(found["outcome"], cents(found["amount"]))


def case_line(name: str, facts: Facts, remedy: str, asked: int | None) -> str:
    """A question in US dollars as the command reads it."""
    ask: dict[str, object] = {"remedy": remedy, "currency": "USD"}
    if asked is not None:
        ask["amount"] = f"{asked // 100}.{asked % 100:02}"
    return json.dumps({"id": name, "facts": dict(facts), "ask": ask})


def grid(reasons: Sequence[str], **values: Sequence[object]) -> Iterator[dict[str, object]]:
    """Every combination of values (`booking__cabin` for booking.cabin); `LEFT_OUT` leaves the fact out."""
    names = [name.replace("__", ".") for name in values]
    for reason, *combination in product(reasons, *values.values()):
        given = {name: value for name, value in zip(names, combination, strict=True) if value is not LEFT_OUT}
        yield {"reason": reason, **given}


def differences(
    pack: Pack, by_hand: ByHand, questions: Iterator[tuple[dict[str, object], str, int | None]]
) -> tuple[int, list[str]]:
    """How many questions were asked, and those that are answered otherwise than by hand."""
    asked, found = 0, []
    for facts, remedy, amount in questions:
        asked += 1
        ours, theirs = pack.answer(facts, remedy, amount), by_hand(facts, remedy, amount)
        if ours != theirs:
            found.append(f"{facts} {remedy} {amount}: rules {ours}, by hand {theirs}")
    return asked, found


def open_ends(
    pack: Pack, by_hand: ByHand, facts: Mapping[str, object], remedy: str, hidden: Mapping[str, Sequence[object]]
) -> str | None:
    """What is wrong with the answer where `hidden` facts are not known: it must hold whatever they are, or escalate.

    Where only the price is not known, the outcome stands without a sum.
    """
    known = {name: value for name, value in facts.items() if name not in hidden}
    ours = pack.answer(known, remedy, None)
    possible = {
        by_hand({**known, **dict(zip(hidden, values, strict=True))}, remedy, None)
        for values in product(*hidden.values())
    }
    if ours.outcome == "escalate" or possible == {ours}:
        return None
    if ours.cents is None and {each.outcome for each in possible} == {ours.outcome}:
        return None
    return f"{known} {remedy}: rules {ours}, by hand any of {sorted(possible, key=str)}"
