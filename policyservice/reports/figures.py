"""What one row of the log adds to a report, pure: a decision when it is made, an entry when it is booked.

Rows are only ever appended, so a report is a sum over them, and sums over parts of the log add up. What a decision was
estimated to save counts from when its remedy was given, and not any more once all of it was taken back.
Source: docs/explanation/reports.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from policyservice.costs.line import VIEWS
from policyservice.db.tables import SUMMED
from policyservice.domain.decision import Outcome

Vector = list[int]
"""One number for each of `SUMMED`."""

PLACE: Mapping[str, int] = {name: place for place, name in enumerate(SUMMED)}
BOUNDS = ("expected", "low", "high")
_COLUMNS = {
    what: tuple(PLACE[f"{what}_{view}_{bound}"] for view in VIEWS for bound in BOUNDS)
    for what in ("escalation", "saving")
}


class Path(StrEnum):
    """The way a decision was answered."""

    AT_ONCE = "at_once"
    STRETCHED = "stretched"  # at once, beyond a cap, since escalating would have cost more
    ESCALATED = "escalated"
    ANSWER = "answer"  # the answer to an escalation, by whoever resolved it
    DENIED = "denied"


_ON_THE_SPOT = frozenset({Path.AT_ONCE, Path.STRETCHED})


class Key(NamedTuple):
    """What a sum is of. `day` is the decision's, in the organisation's time zone; an empty text is none."""

    day: date
    reason: str
    channel: str
    team: str
    trust_level: str
    currency: str
    costs_version: int
    path: Path


class Part(NamedTuple):
    """The face value that counts as goodwill and as entitled, and what both cost the company, in minor units."""

    goodwill: int
    entitled: int
    cost: int


class Booking(NamedTuple):
    """One entry: its kind, what it changes, what the hold of its decision held, and what stands after it."""

    kind: str
    late: bool
    change: Part
    held: Part
    standing_minor: int


def path_of(outcome: str, stretched: bool, answers: bool) -> Path:
    """The path of a decision; `answers` where it is the result of an escalation."""
    if answers:
        return Path.ANSWER
    if outcome == Outcome.ESCALATE.value:
        return Path.ESCALATED
    if outcome == Outcome.DENY.value:
        return Path.DENIED
    return Path.STRETCHED if stretched else Path.AT_ONCE


def nothing() -> Vector:
    """Sums of no rows."""
    return [0] * len(SUMMED)


def add(to: Vector, other: Vector) -> None:
    """Add sums to sums."""
    for place, number in enumerate(other):
        to[place] += number


def of_decision(path: Path, remedy_cost: int, views: str | None) -> Vector:
    """What a decision adds; `views` is its estimate as it was logged (JSON), None where there was none."""
    sums = nothing()
    sums[PLACE["decisions"]] = 1
    if path is Path.ESCALATED:
        _estimate(sums, 1, remedy_cost, views)
    return sums


def of_entry(path: Path, booked: Booking, remedy_cost: int, views: str | None) -> Vector:
    """What an entry adds: an amount moves from one state to others, and an estimate begins or ceases to count."""
    sums = nothing()
    change, held = booked.change, booked.held
    match booked.kind:
        case "hold":
            _book(sums, "held", change, 1)
        case "commit":
            before = "expired" if booked.late else "held"
            given = change if booked.late else _sum(held, change)
            _book(sums, before, held, -1)
            _book(sums, "given", given, 1)
            _book(sums, "freed", _sum(held, given, -1), 1)
            sums[PLACE["cost_given"]] += given.cost
        case "void" | "expire" as kind:
            _book(sums, "held", change, 1)
            _book(sums, "voided" if kind == "void" else "expired", change, -1)
        case "reverse":
            _book(sums, "reversed", change, -1)
            sums[PLACE["cost_reversed"]] -= change.cost
    if path in _ON_THE_SPOT:
        if booked.kind == "commit":
            _estimate(sums, 1, remedy_cost, views)
        elif booked.kind == "reverse" and booked.standing_minor == 0:
            _estimate(sums, -1, remedy_cost, views)
    return sums


def _book(sums: Vector, state: str, part: Part, sign: int) -> None:
    sums[PLACE[f"goodwill_{state}"]] += sign * part.goodwill
    sums[PLACE[f"entitled_{state}"]] += sign * part.entitled


def _sum(one: Part, other: Part, sign: int = 1) -> Part:
    return Part(*(a + sign * b for a, b in zip(one, other, strict=True)))


def _estimate(sums: Vector, sign: int, remedy_cost: int, views: str | None) -> None:
    if views is None:
        return
    found: Mapping[str, Any] = json.loads(views)
    sums[PLACE["estimated"]] += sign
    sums[PLACE["estimated_remedy"]] += sign * remedy_cost
    for number, what in enumerate(("escalation", "saving")):
        flat = (bound for view in VIEWS for bound in found[view][number])
        for place, bound in zip(_COLUMNS[what], flat, strict=True):
            sums[place] += sign * bound
