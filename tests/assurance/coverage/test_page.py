"""The coverage page: every line of the rules, each point on the line it is about, no script, all text escaped."""

from __future__ import annotations

from policyservice.assurance.coverage.lines import annotated
from policyservice.assurance.coverage.measure import measure
from policyservice.assurance.coverage.page import page
from tests.assurance.packs import RULES, a_book, without

FILE = "cafe/rules/coffee.yaml"


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(RULES.splitlines(), 1) if words in line)


def test_a_point_stands_on_the_line_that_it_is_about():
    lines = annotated(measure(a_book()), {FILE: RULES})[FILE]

    assert sorted(lines) == [line_of("- id:"), line_of("reason:"), line_of("order.paid:"), line_of("then:")]
    assert {one.point.fact for one in lines[line_of("order.paid:")]} == {"order.paid"}


def test_a_file_whose_text_is_not_given_is_left_out():
    assert annotated(measure(a_book()), {}) == {}


def test_the_page_says_in_words_what_is_not_exercised():
    book = a_book(without("a cent beyond the amount"))

    text = page(book, measure(book), {FILE: RULES})

    assert "<code>permit refund</code> asked one minor unit above it" in text
    assert text.count("class='no'") == len(RULES.splitlines())
    assert "<script" not in text
    assert "http" not in text


def test_text_of_a_pack_is_escaped():
    rules = RULES.replace("Cold coffee", "<b>Cold</b>")
    book = a_book(rules=rules)

    text = page(book, measure(book), {FILE: rules})

    assert "<b>Cold" not in text
    assert "&lt;b&gt;Cold" in text
