"""Money: exact, in whole minor units, one currency at a time."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyservice.domain.errors import CurrencyMismatch, FieldProblem
from policyservice.domain.money import (
    LARGEST_MINOR,
    Money,
    decimal_string,
    in_customers_favour,
    parse_minor,
    whole_units_within,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("7.00", "EUR", 700), ("7", "EUR", 700), ("0.5", "EUR", 50), ("12", "JPY", 12), ("1.234", "KWD", 1234)],
)
def test_a_decimal_string_becomes_minor_units(text, currency, minor):
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 7.00",
        "7.00 ",
        "7,00",
        "7.",
        ".5",
        "+7.00",
        "07.00",
        "1e2",
        "NaN",
        "Infinity",
        "7.000",
        "٧.00",
        "7\n",
        "0x1",
    ],
)
def test_what_is_not_a_plain_sum_of_cents_is_refused(text):
    with pytest.raises(FieldProblem) as refused:
        parse_minor(text, "EUR", "facts.order.paid")
    assert refused.value.errors[0].field == "facts.order.paid"


def test_the_largest_sum_is_64_bits_of_minor_units():
    assert parse_minor("92233720368547758.07", "EUR") == LARGEST_MINOR
    with pytest.raises(FieldProblem):
        parse_minor("92233720368547758.08", "EUR")


def test_an_unknown_currency_is_refused():
    with pytest.raises(FieldProblem) as refused:
        parse_minor("7.00", "EURO")
    assert refused.value.errors[0].field == "currency"


def test_sums_in_two_currencies_never_add_up():
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "GBP")
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") - Money(1, "GBP")


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_writing_and_reading_a_sum_gives_it_back(minor, currency):
    assert parse_minor(decimal_string(minor, currency), currency) == minor


@given(st.fractions())
def test_rounding_favours_the_customer_by_less_than_a_cent(exact):
    assert 0 <= in_customers_favour(exact) - exact < 1
    assert 0 <= exact - whole_units_within(exact) < 1


def test_an_exact_sum_is_not_rounded():
    assert in_customers_favour(Fraction(250)) == 250
    assert in_customers_favour(Fraction(250) + Fraction(1, 10**9)) == 251
