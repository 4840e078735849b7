"""Windows in the organisation's time zone, to the microsecond on both sides of each midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyservice.domain.limits import Window, WindowKind
from policyservice.ledger.windows import first_instant, leaves_at, renews_at, rolling_start, span, window_key

HELSINKI = ZoneInfo("Europe/Helsinki")
NEW_YORK = ZoneInfo("America/New_York")
SANTIAGO = ZoneInfo("America/Santiago")
MICROSECOND = timedelta(microseconds=1)
DAY, WEEK, MONTH = Window(WindowKind.DAY), Window(WindowKind.WEEK), Window(WindowKind.MONTH)
QUARTER, YEAR, ONCE = Window(WindowKind.QUARTER), Window(WindowKind.YEAR), Window(WindowKind.ONCE)
CALENDAR = (DAY, WEEK, MONTH, QUARTER, YEAR)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "last", "next"),
    [
        (DAY, "day:2026-11-22", "day:2026-11-23"),
        (WEEK, "week:2026-W47", "week:2026-W48"),
    ],
)
def test_a_window_ends_at_local_midnight_and_not_a_microsecond_before(window, last, next):
    midnight = utc("2026-11-22T22:00:00")  # Monday 23 November, 00:00 in Helsinki

    assert window_key(window, midnight - MICROSECOND, HELSINKI) == last
    assert window_key(window, midnight, HELSINKI) == next
    assert renews_at(window, midnight - MICROSECOND, HELSINKI) == midnight


@pytest.mark.parametrize(
    ("window", "last", "next"),
    [
        (DAY, "day:2026-12-31", "day:2027-01-01"),
        (MONTH, "month:2026-12", "month:2027-01"),
        (QUARTER, "quarter:2026-Q4", "quarter:2027-Q1"),
        (YEAR, "year:2026", "year:2027"),
    ],
)
@pytest.mark.parametrize(("zone", "new_year"), [(HELSINKI, "2026-12-31T22:00:00"), (NEW_YORK, "2027-01-01T05:00:00")])
def test_every_window_but_the_week_turns_with_the_year(window, last, next, zone, new_year):
    midnight = utc(new_year)

    assert window_key(window, midnight - MICROSECOND, zone) == last
    assert window_key(window, midnight, zone) == next
    assert renews_at(window, midnight - MICROSECOND, zone) == midnight


@pytest.mark.parametrize(
    ("day", "key"),
    [
        ("2026-12-31", "week:2026-W53"),
        ("2027-01-03", "week:2026-W53"),
        ("2027-01-04", "week:2027-W01"),
        ("2024-12-29", "week:2024-W52"),
        ("2024-12-30", "week:2025-W01"),
    ],
)
def test_a_week_belongs_to_the_year_of_its_thursday(day, key):
    assert window_key(WEEK, utc(f"{day}T12:00:00"), HELSINKI) == key


@pytest.mark.parametrize(
    ("zone", "day", "starts", "hours"),
    [
        (HELSINKI, date(2026, 3, 29), "2026-03-28T22:00:00", 23),
        (HELSINKI, date(2026, 10, 25), "2026-10-24T21:00:00", 25),
        (NEW_YORK, date(2026, 3, 8), "2026-03-08T05:00:00", 23),
        (NEW_YORK, date(2026, 11, 1), "2026-11-01T04:00:00", 25),
        (SANTIAGO, date(2026, 9, 6), "2026-09-06T04:00:00", 23),  # 24:00 of the 5th becomes 01:00: midnight never comes
        (SANTIAGO, date(2026, 4, 4), "2026-04-04T03:00:00", 25),  # 24:00 becomes 23:00: an hour of the 4th comes twice
        (ZoneInfo("America/Havana"), date(2026, 11, 1), "2026-11-01T04:00:00", 25),  # midnight itself comes twice
        (ZoneInfo("America/Toronto"), date(1919, 3, 31), "1919-03-31T04:30:00", None),  # 23:30 became 00:30
        (ZoneInfo("Pacific/Apia"), date(2011, 12, 31), "2011-12-30T10:00:00", 24),  # the 30th never was
    ],
)
def test_a_day_lasts_from_its_first_instant_to_that_of_the_next_across_clock_changes(zone, day, starts, hours):
    start = utc(starts)

    assert first_instant(day, zone) == start
    assert window_key(DAY, start, zone) == f"day:{day}"
    assert window_key(DAY, start - MICROSECOND, zone) != f"day:{day}"
    if hours is not None:
        assert first_instant(day + timedelta(days=1), zone) - start == timedelta(hours=hours)
        assert renews_at(DAY, start, zone) == start + timedelta(hours=hours)


def test_a_missing_day_ends_when_the_next_begins():
    apia = ZoneInfo("Pacific/Apia")

    assert renews_at(DAY, utc("2011-12-29T12:00:00"), apia) == utc("2011-12-30T10:00:00")


def test_once_and_rolling_windows_never_renew():
    rolling = Window(WindowKind.ROLLING, 365)

    assert window_key(ONCE, utc("2026-11-22T12:00:00"), HELSINKI) == "once"
    assert window_key(rolling, utc("2026-11-22T12:00:00"), HELSINKI) == "rolling:365"
    assert renews_at(ONCE, utc("2026-11-22T12:00:00"), HELSINKI) is None
    assert renews_at(rolling, utc("2026-11-22T12:00:00"), HELSINKI) is None
    assert span("once", HELSINKI) == (None, None)


def test_a_rolling_day_is_24_hours_also_where_the_calendar_day_is_not():
    window = Window(WindowKind.ROLLING, 1)
    after_the_change = utc("2026-03-29T12:00:00")

    assert rolling_start(window, after_the_change) == utc("2026-03-28T12:00:00")
    assert leaves_at(window, utc("2026-03-28T12:00:00")) == after_the_change


@settings(max_examples=200, deadline=None)
@given(
    at=st.integers(0, 100 * 365 * 86_400 * 10**6).map(lambda after: utc("1990-01-01T00:00:00") + after * MICROSECOND),
    window=st.sampled_from(CALENDAR),
    zone=st.sampled_from([HELSINKI, NEW_YORK, SANTIAGO, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_every_instant_lies_in_the_span_of_its_key_which_ends_when_it_renews(at, window, zone):
    key = window_key(window, at, zone)
    start, before = span(key, zone)

    assert start <= at < before
    assert renews_at(window, at, zone) == before
    assert window_key(window, start, zone) == key
    assert window_key(window, before - MICROSECOND, zone) == key
    assert window_key(window, start - MICROSECOND, zone) != key
    assert window_key(window, before, zone) != key
