"""Which limits a request meets, and which counters a decision counts in: pure, and prepared for many requests.

`Meter` is for the limits of one version, `Counting` for the shapes that are kept. Both reckon the windows of a local
day once, and remember what applies to a remedy and reason, since a back-test asks hundreds of thousands of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from policyservice.domain.limits import (
    NOTHING_USED,
    Bound,
    Grant,
    Limit,
    LimitSet,
    LimitState,
    Scope,
    Shape,
    Usage,
    Window,
    WindowKind,
    matches_reason,
)
from policyservice.ledger.keys import CounterSpec, tail
from policyservice.ledger.values import ORGANISATION, Footprint, field_of
from policyservice.ledger.windows import first_instant, length_of, renews_at, window_key


class Met(NamedTuple):
    """A limit that a request meets: its bound for this agent, and its counter (none for a cap per decision)."""

    limit: Limit
    spec: CounterSpec | None
    bound: Bound
    renews_at: datetime | None


def meet(
    limits: LimitSet,
    footprint: Footprint,
    trust_level: str | None,
    grants: Sequence[Grant],
    zone: ZoneInfo,
) -> tuple[Met, ...]:
    """The limits that a request meets with its own remedy or another, in the set's order.

    Those of other remedies are met too, since the alternatives of an answer are bound by them; each state says which
    remedies it is for. Not met: a limit of another currency or reason, one whose subject the request does not have, one
    without a bound for the trust level. `trust_level` is that of `trust_level_by`.
    """
    return meter_of(limits, zone).meet(footprint, trust_level, grants)


def specs_of(met: Iterable[Met]) -> tuple[CounterSpec, ...]:
    """The counters of met limits, for `LedgerStore.lock` or `peek`."""
    return tuple([each.spec for each in met if each.spec is not None])


def states(met: Iterable[Met], used: Mapping[str, Usage]) -> tuple[LimitState, ...]:
    """What `decide` is given: each met limit with what was used of it, by counter key."""
    return tuple([_state(*each, used) for each in met])


def _state(
    limit: Limit, spec: CounterSpec | None, bound: Bound, renewal: datetime | None, used: Mapping[str, Usage]
) -> LimitState:
    subject, window, so_far = (spec.subject, spec.window_key, used[spec.key]) if spec else ("", "", NOTHING_USED)
    return LimitState(
        limit.id,
        limit.scope,
        subject,
        window,
        limit.currency,
        limit.measure,
        limit.counts,
        bound,
        so_far,
        renewal,
        limit.remedies,
    )


def trust_level_by(trust_level: str | None, grants: Sequence[Grant]) -> str | None:
    """The trust level in force: that of the grant made last which names one, else the agent's own."""
    latest = _latest(grant for grant in grants if grant.trust_level is not None)
    return latest.trust_level if latest else trust_level


def bound_by(limit: Limit, trust_level: str | None, grants: Sequence[Grant]) -> Bound | None:
    """A limit's bound for a trust level, as the grant made last changes it; what a grant leaves out stays."""
    bound = limit.bound_for(trust_level)
    if not grants:
        return bound
    latest = _latest(grant for grant in grants if grant.limit == limit.id and grant.bound is not None)
    if latest is None or latest.bound is None:
        return bound
    usual, granted = bound or Bound(), latest.bound
    return Bound(
        granted.amount_minor if granted.amount_minor is not None else usual.amount_minor,
        granted.count if granted.count is not None else usual.count,
    )


def _latest(grants: Iterable[Grant]) -> Grant | None:
    return max(grants, key=lambda grant: (grant.made_at, grant.id), default=None)


def counts_in(shape: Shape, remedy: str, reason: str, currency: str) -> bool:
    """Whether a decision's remedy, reason and currency are among what a shape adds up."""
    if shape.currency != currency or (shape.remedies and remedy not in shape.remedies):
        return False
    return not shape.reasons or any(matches_reason(pattern, reason) for pattern in shape.reasons)


def shapes_of(limit_sets: Iterable[LimitSet]) -> tuple[Shape, ...]:
    """The shapes that need counters, each once; a cap per decision has none."""
    shapes = (limit.shape for limits in limit_sets for limit in limits.limits)
    return tuple(dict.fromkeys(shape for shape in shapes if shape.scope is not Scope.DECISION))


class Days:
    """The windows of the local day last asked about: key and renewal of each, by its number."""

    def __init__(self, windows: Sequence[Window], zone: ZoneInfo) -> None:
        self._windows = windows
        self._zone = zone
        self._start = self._before = datetime.min.replace(tzinfo=UTC)
        self._found: list[tuple[str, datetime | None]] = []

    def at(self, at: datetime) -> list[tuple[str, datetime | None]]:
        """Of each window, in the order given: the key of an instant, and when it renews."""
        if not self._start <= at < self._before:
            day = at.astimezone(self._zone).date()
            self._start = first_instant(day, self._zone)
            self._before = first_instant(day + timedelta(days=1), self._zone)
            self._found = [(window_key(w, at, self._zone), renews_at(w, at, self._zone)) for w in self._windows]
        return self._found


class _Kept(NamedTuple):
    """A shape made ready: what stands before and after the subject in its keys, and where the subject is found."""

    shape: Shape
    prefix: str
    tail: str
    field: int | None  # of the footprint; None: the organisation
    window: int  # number in `Days`
    length: timedelta | None  # of a rolling window


def _ready(shape: Shape, windows: list[Window]) -> _Kept:
    if shape.window not in windows:
        windows.append(shape.window)
    length = length_of(shape.window) if shape.window.kind is WindowKind.ROLLING else None
    number = windows.index(shape.window)
    return _Kept(shape, f"{shape.scope.value}:", tail(shape), field_of(shape.scope), number, length)


class Counting:
    """The shapes that are kept, ready to say where each decision counts."""

    def __init__(self, shapes: Iterable[Shape], zone: ZoneInfo) -> None:
        windows: list[Window] = []
        self.shapes = frozenset(shapes := tuple(shapes))
        self._kept = [_ready(shape, windows) for shape in shapes]
        self._days = Days(windows, zone)
        self._of: dict[tuple[str, str, str], list[_Kept]] = {}

    def counters(self, footprint: Footprint) -> tuple[CounterSpec, ...]:
        """Every counter that a decision of this footprint counts in, whoever is bounded by it."""
        today = self._days.at(footprint.at)
        found = []
        for shape, prefix, end, field, number, _ in self._kept_for(footprint):
            subject = ORGANISATION if field is None else footprint[field]
            if subject is not None:
                window = today[number][0]
                found.append(CounterSpec(f"{prefix}{subject}|{window}{end}", shape, str(subject), window))
        return tuple(found)

    def keys(self, footprint: Footprint) -> list[tuple[str, timedelta | None]]:
        """The keys alone, each with the length of its window where that rolls."""
        today = self._days.at(footprint.at)
        found = []
        for _, prefix, end, field, number, length in self._kept_for(footprint):
            subject = ORGANISATION if field is None else footprint[field]
            if subject is not None:
                found.append((f"{prefix}{subject}|{today[number][0]}{end}", length))
        return found

    def _kept_for(self, footprint: Footprint) -> list[_Kept]:
        what = (footprint.remedy, footprint.reason, footprint.currency)
        found = self._of.get(what)
        if found is None:
            found = self._of[what] = [kept for kept in self._kept if counts_in(kept.shape, *what)]
        return found


class _Bounding(NamedTuple):
    """A limit that is for a reason, with its bound for a trust level."""

    limit: Limit
    bound: Bound
    kept: _Kept | None  # None: a cap per decision


class Meter:
    """The limits of one version, ready to meet many requests."""

    def __init__(self, limits: Sequence[Limit], zone: ZoneInfo) -> None:
        windows: list[Window] = []
        self._limits = [
            (limit, None if limit.scope is Scope.DECISION else _ready(limit.shape, windows)) for limit in limits
        ]
        self._days = Days(windows, zone)
        self._of: dict[tuple[str, str, str | None], list[_Bounding]] = {}

    def meet(self, footprint: Footprint, trust_level: str | None, grants: Sequence[Grant] = ()) -> tuple[Met, ...]:
        """The limits that bound a request; see `meet`."""
        today = self._days.at(footprint.at)
        met = []
        for limit, bound, kept in self._bounding(footprint, trust_level, grants):
            if kept is None:
                met.append(Met(limit, None, bound, None))
                continue
            shape, prefix, end, field, number, _ = kept
            subject = ORGANISATION if field is None else footprint[field]
            if subject is not None:
                window, renewal = today[number]
                spec = CounterSpec(f"{prefix}{subject}|{window}{end}", shape, str(subject), window)
                met.append(Met(limit, spec, bound, renewal))
        return tuple(met)

    def _bounding(self, footprint: Footprint, trust_level: str | None, grants: Sequence[Grant]) -> Iterable[_Bounding]:
        if grants:
            return self._find(footprint, trust_level, grants)
        what = (footprint.reason, footprint.currency, trust_level)
        found = self._of.get(what)
        if found is None:
            found = self._of[what] = self._find(footprint, trust_level, ())
        return found

    def _find(self, footprint: Footprint, trust_level: str | None, grants: Sequence[Grant]) -> list[_Bounding]:
        found = []
        for limit, kept in self._limits:
            if limit.currency == footprint.currency and limit.is_for(footprint.reason):
                bound = bound_by(limit, trust_level, grants)
                if bound is not None:
                    found.append(_Bounding(limit, bound, kept))
        return found


class _Same:
    """A tuple of limits compared by identity: versions are read once per process and never change."""

    __slots__ = ("limits",)

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self.limits = limits

    def __hash__(self) -> int:
        return id(self.limits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.limits is self.limits


def meter_of(limits: LimitSet, zone: ZoneInfo) -> Meter:
    """The meter of a version; made once as long as the same limits are asked for."""
    return _made(_Same(limits.limits), zone)


@lru_cache(maxsize=64)
def _made(same: _Same, zone: ZoneInfo) -> Meter:
    return Meter(same.limits, zone)
