"""Limits as values: scope, window, bounds, and what has been used of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from policyservice.domain.vocabulary import Text


class Scope(StrEnum):
    """What a limit is kept for; `decision` is a cap on one decision and has no history."""

    DECISION = "decision"
    ORDER = "order"
    CASE = "case"
    CUSTOMER = "customer"
    AGENT = "agent"
    INCIDENT = "incident"
    REASON = "reason"
    TEAM = "team"
    ORGANISATION = "organisation"


NARROWEST_FIRST = tuple(Scope)
"""The order in which a binding limit is named where several bind: as listed in `Scope`."""


class WindowKind(StrEnum):
    """The span of time a limit adds up over."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING = "rolling"


@dataclass(frozen=True, slots=True)
class Window:
    """A calendar period in the organisation's zone, `once` for ever, or `days` times 24 hours back from now."""

    kind: WindowKind
    days: int = 0  # for rolling only

    def __str__(self) -> str:
        return f"rolling {self.days} days" if self.kind is WindowKind.ROLLING else self.kind.value


class Measure(StrEnum):
    """What an amount bound is held against: the face value, or the cost to the company."""

    FACE = "face"
    COST = "cost"


class Counts(StrEnum):
    """What a limit counts: the discretionary part alone, or entitlements too."""

    GOODWILL = "goodwill"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Bound:
    """The most a limit admits, inclusive; None where that dimension is not bounded."""

    amount_minor: int | None = None
    count: int | None = None


class Shape(NamedTuple):
    """What a limit adds up, whoever it is for; limits of one shape share their counters."""

    scope: Scope
    window: Window
    currency: str
    remedies: tuple[str, ...]  # sorted; empty: all
    reasons: tuple[str, ...]  # sorted patterns; empty: all


@dataclass(frozen=True, slots=True)
class GuardRails:
    """The range, ends included, inside which managers move a bound."""

    lowest: int = 0
    highest: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on amount or count for a scope and a window.

    `bounds` maps a trust level to its bound; the key "" is the bound of every level that is not named.
    A limit with `remedies` or `reasons` counts and bounds those alone; empty means all. A reason pattern is a
    reason, or a group followed by ".*".
    """

    id: str
    title: Text
    scope: Scope
    window: Window
    currency: str
    bounds: Mapping[str, Bound]
    measure: Measure = Measure.FACE
    counts: Counts = Counts.GOODWILL
    remedies: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    amount_rails: GuardRails = field(default_factory=GuardRails)  # minor units
    count_rails: GuardRails = field(default_factory=GuardRails)

    @property
    def shape(self) -> Shape:
        """What this limit adds up."""
        return Shape(self.scope, self.window, self.currency, tuple(sorted(self.remedies)), tuple(sorted(self.reasons)))

    def bound_for(self, trust_level: str | None) -> Bound | None:
        """The bound that holds for a trust level; None where this limit does not bound it.

        Without a trust level (evaluate without an agent) only a bound that names no level holds.
        """
        if trust_level is not None and trust_level in self.bounds:
            return self.bounds[trust_level]
        return self.bounds.get("")

    def covers(self, remedy: str, reason: str) -> bool:
        """Whether a remedy given for a reason falls under this limit."""
        return (not self.remedies or remedy in self.remedies) and self.is_for(reason)

    def is_for(self, reason: str) -> bool:
        """Whether some remedy given for a reason falls under this limit."""
        return not self.reasons or any(matches_reason(p, reason) for p in self.reasons)


def matches_reason(pattern: str, reason: str) -> bool:
    """Whether `reason` is the pattern itself, or in its group where the pattern is "group.*"."""
    if pattern.endswith(".*"):
        return reason.startswith(pattern[:-1])
    return pattern == reason


@dataclass(frozen=True, slots=True)
class LimitSet:
    """The limits in force together from an instant: one immutable version."""

    version: int
    limits: tuple[Limit, ...]
    effective_from: datetime | None = None
    because: str = ""
    author: str = ""

    def by_id(self, limit_id: str) -> Limit | None:
        """The limit of that id, or None."""
        return next((limit for limit in self.limits if limit.id == limit_id), None)


class Usage(NamedTuple):
    """What was held or given in a window, the discretionary and the entitled part in columns of their own.

    Face and cost in minor units. A decision with both parts counts once, as goodwill.
    """

    goodwill_face: int = 0
    entitled_face: int = 0
    goodwill_cost: int = 0
    entitled_cost: int = 0
    goodwill_count: int = 0
    entitled_count: int = 0

    def plus(self, other: Usage) -> Usage:
        """The column-wise sum."""
        return Usage(
            self[0] + other[0],
            self[1] + other[1],
            self[2] + other[2],
            self[3] + other[3],
            self[4] + other[4],
            self[5] + other[5],
        )

    def minus(self, other: Usage) -> Usage:
        """The column-wise difference."""
        return Usage(
            self[0] - other[0],
            self[1] - other[1],
            self[2] - other[2],
            self[3] - other[3],
            self[4] - other[4],
            self[5] - other[5],
        )


NOTHING_USED = Usage()


@dataclass(frozen=True, slots=True)
class LimitState:
    """One limit as it meets one request: its bound for this agent, what was used, when it renews.

    `remedies` are those the limit is for, empty for all: the alternatives of an answer need the others too.
    """

    limit: str
    scope: Scope
    subject: str
    window: str  # the window's key, such as "day:2026-11-22"
    currency: str
    measure: Measure
    counts: Counts
    bound: Bound
    used: Usage = NOTHING_USED
    renews_at: datetime | None = None
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A dated exception for a person or a team: another bound on one limit, or another trust level.

    In force from `starts_at` (included) before `ends_at`. Where several hold, the one made last stands.
    """

    id: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    author: str
    made_at: datetime
    agent: str | None = None
    team: str | None = None
    limit: str | None = None
    bound: Bound | None = None
    trust_level: str | None = None


def ladder(
    limits: LimitSet, levels: Sequence[str], remedy: str, reason: str, currency: str
) -> tuple[tuple[str, int | None], ...]:
    """Each trust level, in the order given, with its least cap per decision for a remedy and reason; None is no cap."""
    caps = [
        limit
        for limit in limits.limits
        if limit.scope is Scope.DECISION and limit.currency == currency and limit.covers(remedy, reason)
    ]
    steps: list[tuple[str, int | None]] = []
    for level in levels:
        bounds = [bound.amount_minor for cap in caps if (bound := cap.bound_for(level)) is not None]
        steps.append((level, min((b for b in bounds if b is not None), default=None)))
    return tuple(steps)
