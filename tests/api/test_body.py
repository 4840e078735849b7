"""The body of a request is read strictly: what JSON readers usually let through is refused."""

from __future__ import annotations

import pytest

from policyservice.api.body import DEEPEST, read_object
from policyservice.domain.errors import InvalidRequest, MalformedBody


def test_an_object_is_read_as_it_stands():
    assert read_object(b'{"a": [1, 2.5, "x", null, true], "b": {}}') == {"a": [1, 2.5, "x", None, True], "b": {}}


@pytest.mark.parametrize("nothing", [b"", b"  \n"])
def test_no_body_is_an_empty_object(nothing):
    assert read_object(nothing) == {}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b"null", "not an object"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1} trailing', "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": .5}', "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": Infinity}', "Infinity"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "beyond"),
        (b'{"a": ' + b"9" * 5000 + b"}", "beyond"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b'{"facts": {"x": 1, "x": 1}}', "'x' stands twice"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "stands twice"),
    ],
)
def test_what_is_not_one_plain_object_is_refused_and_says_why(data, words):
    with pytest.raises(MalformedBody, match=words):
        read_object(data)


def test_nesting_is_taken_up_to_the_bound_and_not_beyond():
    read_object(_nested(DEEPEST))
    with pytest.raises(MalformedBody, match="nests deeper"):
        read_object(_nested(DEEPEST + 1))


def test_a_hundred_thousand_open_brackets_are_refused_without_a_crash():
    with pytest.raises(MalformedBody, match="nests deeper"):
        read_object(b"[" * 100_000)


def test_brackets_inside_texts_are_no_nesting():
    assert read_object(b'{"a": "[[[[[[[[[[[[[[[\\"[[[["}') == {"a": '[[[[[[[[[[[[[[["[[[['}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (rb'{"case": "a\u0000b"}', "case"),
        (rb'{"case": "a\u001bb"}', "case"),
        (rb'{"case": "\u0085"}', "case"),
        (rb'{"case": "\ud83d"}', "case"),
        (rb'{"facts": {"note.text": "\udc00"}}', "facts.note.text"),
        (rb'{"list": ["x", "\u0007"]}', "list[1]"),
        (rb'{"a\u0000": 1}', r"a\x00"),
    ],
)
def test_control_characters_and_half_surrogates_name_their_field(data, field):
    with pytest.raises(InvalidRequest) as refused:
        read_object(data)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_whole_surrogate_pair_and_line_breaks_are_texts_like_any_other():
    assert read_object(rb'{"a": "\ud83d\ude00", "b": "one\ntwo\tthree"}') == {"a": "😀", "b": "one\ntwo\tthree"}


def _nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth
