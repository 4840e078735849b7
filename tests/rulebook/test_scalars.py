"""What a scalar's text means."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyservice.rulebook.model import Place
from policyservice.rulebook.problems import Problems
from policyservice.rulebook.text.nodes import Kind, Mapped, Scalar
from policyservice.rulebook.text.parse import parse
from policyservice.rulebook.text.scalars import scalar


def _read(text: str) -> Scalar:
    problems = Problems()
    nodes = parse(f"key: {text}\n", "file.yaml", problems)
    assert problems.sorted() == []
    assert nodes is not None
    assert isinstance(nodes[0], Mapped)
    found = nodes[0].get("key")
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("true", Kind.BOOLEAN, True),
        ("false", Kind.BOOLEAN, False),
        ("True", Kind.TEXT, "True"),
        ("yes", Kind.TEXT, "yes"),
        ("no", Kind.TEXT, "no"),
        ("on", Kind.TEXT, "on"),
        ("7", Kind.INTEGER, 7),
        ("-7", Kind.INTEGER, -7),
        ("0", Kind.INTEGER, 0),
        ("9223372036854775807", Kind.INTEGER, 2**63 - 1),
        ("1_000", Kind.TEXT, "1_000"),
        ("0x1F", Kind.TEXT, "0x1F"),
        ("0o17", Kind.TEXT, "0o17"),
        ("1e3", Kind.TEXT, "1e3"),
        (".5", Kind.TEXT, ".5"),
        ("+5", Kind.TEXT, "+5"),
        (".inf", Kind.TEXT, ".inf"),
        ("12.35", Kind.DECIMAL, "12.35"),
        ("-0.10", Kind.DECIMAL, "-0.10"),
        ("12.5 %", Kind.PERCENT, Fraction(1, 8)),
        ("100 %", Kind.PERCENT, Fraction(1)),
        ("100%", Kind.TEXT, "100%"),
        ("2024-02-29", Kind.DATE, date(2024, 2, 29)),
        ("null", Kind.NULL, None),
        ("~", Kind.NULL, None),
        ("", Kind.NULL, None),
        ('"7"', Kind.TEXT, "7"),
        ("'true'", Kind.TEXT, "true"),
        ('"2024-02-29"', Kind.TEXT, "2024-02-29"),
        ('""', Kind.TEXT, ""),
    ],
)
def test_a_scalar_is_what_its_text_says(text: str, kind: Kind, value: object) -> None:
    found = _read(text)

    assert (found.kind, found.value) == (kind, value)
    assert type(found.value) is type(value)


def test_a_text_is_composed_to_one_form() -> None:
    assert _read("Hyva\u0308").value == "Hyv\u00e4"


def test_a_folded_text_keeps_its_line_ends_and_is_text() -> None:
    assert _read("|\n  12\n  13").value == "12\n13\n"


def test_columns_count_characters_and_not_bytes() -> None:
    problems = Problems()
    nodes = parse("{ä𝒳: {b: 1}}\n", "file.yaml", problems)

    assert nodes is not None
    assert isinstance(nodes[0], Mapped)
    assert nodes[0].place_of("ä𝒳") == Place("file.yaml", 1, 6)


def test_several_documents_and_both_kinds_of_line_end_are_read() -> None:
    nodes = parse("a: 1\r\n---\r\nb: 2\r\n", "file.yaml", Problems())

    assert nodes is not None
    assert [node.place.line for node in nodes] == [1, 3]


@given(whole=st.integers(0, 10**15), cents=st.integers(0, 99))
def test_a_decimal_is_the_number_it_looks_like(whole: int, cents: int) -> None:
    found = scalar(f"{whole}.{cents:02d}", False, Place("f", 1, 1), Problems())

    assert isinstance(found, Scalar)
    assert Fraction(str(found.value)) == Fraction(whole * 100 + cents, 100)


@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=200))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    problems = Problems()

    nodes = parse(text, "file.yaml", problems)

    assert (nodes is None) <= (len(problems) > 0)
