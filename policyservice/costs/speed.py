"""How soon the customer has the remedy, and how often the first contact is enough, beside the targets.

Shown beside money, never turned into it. Times are told in whole minutes, rounded up: a case is within a target of 60
minutes exactly where its remedy was given at most 60 minutes after the first contact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt

from policyservice.costs.calibration.shrinkage import PLAIN_FROM
from policyservice.domain.limits import matches_reason
from policyservice.rulebook.model import SpeedTarget

LEAST_CASES = PLAIN_FROM
"""From how many cases on a time or a share is told: fewer say nothing about the next one."""

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(slots=True)
class Tally:
    """Cases counted together: `minutes` has how many got a remedy after how many minutes.

    `known` are those of which it can be told whether the first contact was enough, `settled` of these those where it
    was: decided at once, given, and nobody came back.
    """

    cases: int = 0
    minutes: Counter[int] = field(default_factory=Counter)
    known: int = 0
    settled: int = 0

    def count(self, cases: int, minutes: int | None, settled: bool | None) -> None:
        """Count cases that are alike; without a remedy `minutes` is None, where it is not known `settled` is."""
        self.cases += cases
        if minutes is not None:
            self.minutes[minutes] += cases
        if settled is not None:
            self.known += cases
            self.settled += cases * settled

    def add(self, other: Tally) -> None:
        """Count all that another counted."""
        self.cases += other.cases
        self.minutes.update(other.minutes)
        self.known += other.known
        self.settled += other.settled


@dataclass(frozen=True, slots=True)
class Speed:
    """Minutes from the first contact to the remedy over the cases that got one, and the share of the `known` cases that
    was settled in the first contact, with its 95 % interval (Wilson).

    `aimed` cases got a remedy and have a time to be within, each its own reason's; `within` is the share of them that
    was, bounds included. `target` and `is_met` are told of a single reason alone, since a target is of reasons: met is
    where nine in ten are within the time and the share is reached, as far as either is aimed at. None is not known:
    nothing is told of fewer than `LEAST_CASES`.
    """

    cases: int
    given: int
    median_minutes: int | None
    slow_minutes: int | None  # nine in ten are as quick
    known: int
    first_contact: float | None
    low: float | None
    high: float | None
    aimed: int
    within: float | None
    target: SpeedTarget | None
    is_met: bool | None


def speed(by_reason: Mapping[str, Tally], targets: Sequence[SpeedTarget] = (), *, of: str | None = None) -> Speed:
    """The speed of all these cases together; `of` is the one reason that they are of, where that was asked for."""
    whole = Tally()
    aimed = within = 0
    for reason, tally in by_reason.items():
        whole.add(tally)
        wanted = _time_of(target_of(targets, reason))
        if wanted is not None:
            aimed += tally.minutes.total()
            within += sum(cases for minutes, cases in tally.minutes.items() if minutes <= wanted)
    is_told = whole.known >= LEAST_CASES
    low, high = _wilson(whole.settled, whole.known) if is_told else (None, None)
    target = None if of is None else target_of(targets, of)
    slow, settled = _rank(whole.minutes, 0.9), whole.settled / whole.known if is_told else None
    return Speed(
        cases=whole.cases,
        given=whole.minutes.total(),
        median_minutes=_rank(whole.minutes, 0.5),
        slow_minutes=slow,
        known=whole.known,
        first_contact=settled,
        low=low,
        high=high,
        aimed=aimed,
        within=within / aimed if aimed >= LEAST_CASES else None,
        target=target,
        is_met=_is_met(target, slow, settled),
    )


def target_of(targets: Sequence[SpeedTarget], reason: str) -> SpeedTarget | None:
    """The narrowest target that speaks of a reason, of equally narrow ones the later; None where none does."""
    found: tuple[int, SpeedTarget] | None = None
    for target in targets:
        matching = [10**6 if p == reason else len(p) for p in target.reasons if matches_reason(p, reason)]
        narrowness = max(matching, default=None if target.reasons else 0)
        if narrowness is not None and (found is None or narrowness >= found[0]):
            found = narrowness, target
    return found[1] if found else None


def _time_of(target: SpeedTarget | None) -> int | None:
    return None if target is None else target.remedy_within_minutes


def _is_met(target: SpeedTarget | None, slow: int | None, settled: float | None) -> bool | None:
    """Whether all that is aimed at is reached: one that is missed decides it, one that is not known leaves it open."""
    told: list[bool | None] = []
    if target is not None and target.remedy_within_minutes is not None:
        told.append(None if slow is None else slow <= target.remedy_within_minutes)
    if target is not None and target.first_contact is not None:
        told.append(None if settled is None else settled >= target.first_contact)
    if False in told:
        return False
    return True if told and None not in told else None


def _rank(minutes: Counter[int], share: float) -> int | None:
    """The least time that this share of the cases does not exceed."""
    given = minutes.total()
    if given < LEAST_CASES:
        return None
    wanted, seen = ceil(share * given), 0
    for time in sorted(minutes):
        seen += minutes[time]
        if seen >= wanted:
            return time
    return None


def _wilson(successes: int, cases: int) -> tuple[float, float]:
    found = successes / cases
    middle, scale = found + _Z**2 / (2 * cases), 1 + _Z**2 / cases
    half = _Z * sqrt(found * (1 - found) / cases + _Z**2 / (4 * cases**2))
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)
