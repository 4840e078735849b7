"""Windows of time: their keys, when they renew, and the span of instants that a key names.

A day begins at its first instant in the organisation's zone, which is not midnight where clocks jump over it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from policyservice.domain.limits import Window, WindowKind

_STEP = timedelta(microseconds=1)


def window_key(window: Window, at: datetime, zone: ZoneInfo) -> str:
    """The window an instant falls in: "once", "day:2026-11-22", "week:2026-W47", "rolling:365"."""
    if window.kind is WindowKind.ONCE:
        return "once"
    if window.kind is WindowKind.ROLLING:
        return f"rolling:{window.days}"
    return _key_of_day(window.kind, at.astimezone(zone).date())


def renews_at(window: Window, at: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant of the next calendar period, in UTC; None for windows that have none."""
    if window.kind in (WindowKind.ONCE, WindowKind.ROLLING):
        return None
    return first_instant(_next_start(window.kind, at.astimezone(zone).date()), zone)


def rolling_start(window: Window, at: datetime) -> datetime:
    """The far end of a rolling window: what was decided later than this counts, what was decided then does not."""
    return at - length_of(window)


def leaves_at(window: Window, decided_at: datetime) -> datetime:
    """The instant from which a rolling window no longer counts what was decided at `decided_at`."""
    return decided_at + length_of(window)


def length_of(window: Window) -> timedelta:
    """How far back a rolling window reaches."""
    return timedelta(hours=24 * window.days)


def span(key: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The instants of a calendar window in UTC, start included, end excluded; (None, None) for "once"."""
    kind_name, _, period = key.partition(":")
    kind = WindowKind(kind_name)
    if kind is WindowKind.ONCE:
        return None, None
    start = _start_of(kind, period)
    return first_instant(start, zone), first_instant(_next_start(kind, start), zone)


@lru_cache(maxsize=4096)
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC.

    Where clocks are set back over midnight it is the first of the two; where they jump over it, the jump.
    """
    candidate = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    if _local_day(candidate - _STEP, zone) < day:
        return candidate
    before, after = candidate - timedelta(days=2), candidate
    while after - before > _STEP:
        middle = before + (after - before) // 2
        if _local_day(middle, zone) < day:
            before = middle
        else:
            after = middle
    return after


def _local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _key_of_day(kind: WindowKind, day: date) -> str:
    if kind is WindowKind.DAY:
        return f"day:{day.isoformat()}"
    if kind is WindowKind.WEEK:
        year, week, _ = day.isocalendar()
        return f"week:{year:04}-W{week:02}"
    if kind is WindowKind.MONTH:
        return f"month:{day.year:04}-{day.month:02}"
    if kind is WindowKind.QUARTER:
        return f"quarter:{day.year:04}-Q{_quarter(day)}"
    return f"year:{day.year:04}"


def _next_start(kind: WindowKind, day: date) -> date:
    if kind is WindowKind.DAY:
        return day + timedelta(days=1)
    if kind is WindowKind.WEEK:
        return day + timedelta(days=7 - day.weekday())
    if kind is WindowKind.MONTH:
        return _month_start(day.year, day.month + 1)
    if kind is WindowKind.QUARTER:
        return _month_start(day.year, 3 * _quarter(day) + 1)
    return date(day.year + 1, 1, 1)


def _start_of(kind: WindowKind, period: str) -> date:
    if kind is WindowKind.DAY:
        return date.fromisoformat(period)
    year, _, part = period.partition("-")
    if kind is WindowKind.WEEK:
        return date.fromisocalendar(int(year), int(part[1:]), 1)
    if kind is WindowKind.MONTH:
        return date(int(year), int(part), 1)
    if kind is WindowKind.QUARTER:
        return date(int(year), 3 * int(part[1:]) - 2, 1)
    return date(int(year), 1, 1)


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
