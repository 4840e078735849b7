from __future__ import annotations

from datetime import UTC, datetime

import click
import pytest

from policyservice.cli.options import INSTANT


def test_a_date_begins_at_midnight_in_the_organisations_zone(monkeypatch):
    monkeypatch.setenv("POLICYSERVICE_TIMEZONE", "Europe/Helsinki")

    assert INSTANT.convert("2026-12-01", None, None) == datetime(2026, 11, 30, 22, tzinfo=UTC)


def test_an_instant_keeps_its_offset():
    assert INSTANT.convert("2026-12-01T08:00:00+02:00", None, None) == datetime(2026, 12, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize("value", ["tomorrow", "2026-02-30", "2026-12-01T08:00:00", "2026-1-1", ""])
def test_what_is_no_instant_is_a_wrong_call(value: str):
    with pytest.raises(click.BadParameter):
        INSTANT.convert(value, None, None)
