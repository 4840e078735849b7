from __future__ import annotations

from datetime import date

import pytest

from policyservice.assurance.handbook.writing import Writer
from tests.assurance.handbook.books import plain, writer


@pytest.fixture
def english() -> Writer:
    return writer("en")


@pytest.fixture
def finnish() -> Writer:
    return writer("fi")


def test_sums_and_days_are_written_by_locale(english: Writer, finnish: Writer):
    assert (english.money(700, "EUR"), plain(finnish.money(700, "EUR"))) == ("€7.00", "7,00 €")
    assert (english.date(date(2026, 11, 7)), finnish.date(date(2026, 11, 7))) == ("7 Nov 2026", "7.11.2026")


@pytest.mark.parametrize(
    ("number", "unit", "en", "fi"),
    [
        (1, "days", "1 day", "1 päivä"),
        (14, "days", "14 days", "14 päivää"),
        (60, "minutes", "60 minutes", "60 minuuttia"),
        (119, "minutes", "119 minutes", "119 minuuttia"),
        (120, "minutes", "120 minutes (2 hours)", "120 minuuttia (2 tuntia)"),
        (121, "minutes", "121 minutes", "121 minuuttia"),
        (1440, "minutes", "1,440 minutes (24 hours)", "1 440 minuuttia (24 tuntia)"),
        (2880, "minutes", "2,880 minutes (2 days)", "2 880 minuuttia (2 päivää)"),
        (1500, "kilometres", "1,500 kilometres", "1 500 kilometriä"),
        (1, "bags", "1 bag", "1 laukku"),
        (2, "passengers", "2 passengers", "2 matkustajaa"),
        (3, "crates", "3 crates", "3"),
        (1200, None, "1,200", "1 200"),
    ],
)
def test_a_quantity_has_its_unit(number: int, unit: str | None, en: str, fi: str):
    assert plain(writer("en").quantity(number, unit)) == en
    assert plain(writer("fi").quantity(number, unit)) == fi


@pytest.mark.parametrize(
    ("minutes", "en", "fi"),
    [
        (45, "45 minutes", "45 minuuttia"),
        (60, "1 hour", "1 tunti"),
        (90, "90 minutes", "90 minuuttia"),
        (1440, "24 hours", "24 tuntia"),
        (4320, "3 days", "3 päivää"),
    ],
)
def test_a_time_is_told_in_its_largest_whole_unit(minutes: int, en: str, fi: str):
    assert plain(writer("en").duration(minutes)) == en
    assert plain(writer("fi").duration(minutes)) == fi


def test_who_decides_is_a_level_by_its_title_or_a_readable_name(english: Writer, finnish: Writer):
    assert (english.who("lead"), finnish.who("lead")) == ("Lead", "Vetäjä")
    assert (english.who("tax_office.north"), finnish.who("tax_office.north")) == (
        "“tax office north”",
        "”tax office north”",
    )
