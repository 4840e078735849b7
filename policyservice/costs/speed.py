"""How soon the customer has the remedy, and how often the first contact is enough; for each reason, beside its target.

Shown beside money, never turned into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, sqrt

from policyservice.domain.limits import matches_reason
from policyservice.rulebook.model import SpeedTarget

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Served:
    """One case: when the customer first turned up, when the remedy was given (None: it was not), and whether that was
    settled in the first contact: decided at once, and nobody came back about it (None: it is too soon to know).
    """

    reason: str
    contact_at: datetime
    remedy_at: datetime | None
    first_contact: bool | None


@dataclass(frozen=True, slots=True)
class Speed:
    """One reason: minutes from contact to remedy over the cases that got one, and what was settled in the first
    contact.

    `within` is the share of these cases that had the remedy within the target, bounds included. `first_contact` is a
    share of the `known` cases, with its 95 % interval (Wilson). None where no case or no target tells. `is_met`: every
    target that is set is met.
    """

    reason: str
    cases: int
    remedied: int
    median_minutes: float | None
    slow_minutes: float | None  # nine in ten are quicker
    known: int
    first_contact: float | None
    low: float | None
    high: float | None
    target: SpeedTarget | None
    within: float | None
    is_met: bool | None


def speeds(cases: Iterable[Served], targets: Sequence[SpeedTarget] = ()) -> list[Speed]:
    """For each reason, in order; the target is the reason's own, else its group's, else that of every reason."""
    by_reason: dict[str, list[Served]] = {}
    for case in cases:
        by_reason.setdefault(case.reason, []).append(case)
    return [_speed(reason, found, target_of(targets, reason)) for reason, found in sorted(by_reason.items())]


def target_of(targets: Sequence[SpeedTarget], reason: str) -> SpeedTarget | None:
    """The narrowest target that speaks of a reason, of equally narrow ones the later; None where none does."""
    found: tuple[int, SpeedTarget] | None = None
    for target in targets:
        matching = [10**6 if p == reason else len(p) for p in target.reasons if matches_reason(p, reason)]
        narrowness = max(matching, default=None if target.reasons else 0)
        if narrowness is not None and (found is None or narrowness >= found[0]):
            found = narrowness, target
    return found[1] if found else None


def _speed(reason: str, cases: list[Served], target: SpeedTarget | None) -> Speed:
    minutes = sorted(
        (case.remedy_at - case.contact_at).total_seconds() / 60 for case in cases if case.remedy_at is not None
    )
    known = [case.first_contact for case in cases if case.first_contact is not None]
    settled = sum(known) / len(known) if known else None
    low, high = _wilson(sum(known), len(known)) if known else (None, None)
    wanted = target.remedy_within_minutes if target else None
    within = sum(each <= wanted for each in minutes) / len(minutes) if minutes and wanted is not None else None
    slow = _rank(minutes, 0.9)
    return Speed(
        reason,
        len(cases),
        len(minutes),
        _rank(minutes, 0.5),
        slow,
        len(known),
        settled,
        low,
        high,
        target,
        within,
        _is_met(target, slow, settled),
    )


def _is_met(target: SpeedTarget | None, slow: float | None, settled: float | None) -> bool | None:
    """Nine cases in ten within the time, and the share of first contacts reached; None where neither can be told."""
    told = []
    if target is not None and target.remedy_within_minutes is not None and slow is not None:
        told.append(slow <= target.remedy_within_minutes)
    if target is not None and target.first_contact is not None and settled is not None:
        told.append(settled >= target.first_contact)
    return all(told) if told else None


def _rank(ordered: list[float], share: float) -> float | None:
    """The least value that this share of the cases does not exceed."""
    return ordered[ceil(share * len(ordered)) - 1] if ordered else None


def _wilson(successes: int, cases: int) -> tuple[float, float]:
    found = successes / cases
    middle, scale = found + _Z**2 / (2 * cases), 1 + _Z**2 / cases
    half = _Z * sqrt(found * (1 - found) / cases + _Z**2 / (4 * cases**2))
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)
