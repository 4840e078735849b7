"""Values as they are sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from policyservice.api.present.parts import facts
from policyservice.api.wire import as_text, instant, sum_of
from policyservice.domain.vocabulary import FactType


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (None, None),
        (datetime(2026, 11, 22, 10, tzinfo=UTC), "2026-11-22T10:00:00Z"),
        (datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2))), "2026-11-22T10:00:00Z"),
        (datetime(2026, 11, 22, 10, 0, 0, 5, tzinfo=UTC), "2026-11-22T10:00:00.000005Z"),
    ],
)
def test_an_instant_is_sent_in_utc(at, text):
    assert instant(at) == text


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (None, "EUR", None),
        (0, "EUR", "0.00"),
        (700, "EUR", "7.00"),
        (-5, "EUR", "-0.05"),
        (700, "JPY", "700"),
        (7, "KWD", "0.007"),
    ],
)
def test_a_sum_has_the_decimals_of_its_currency(minor, currency, text):
    assert sum_of(minor, currency) == text


def test_texts_are_sent_as_utf_8_and_never_as_nan():
    assert as_text({"say": "kärry"}) == '{"say":"kärry"}'
    with pytest.raises(ValueError):
        as_text({"x": float("nan")})


def test_facts_are_sent_as_callers_give_them():
    types = {"paid": FactType.MONEY, "day": FactType.DATE, "pieces": FactType.INTEGER}
    sent = facts({"paid": 700, "day": date(2026, 6, 11).toordinal(), "pieces": 3, "other": True}, types, "EUR")
    assert sent == {"day": "2026-06-11", "other": True, "paid": "7.00", "pieces": 3}
