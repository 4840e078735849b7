from __future__ import annotations

import pytest

from policyservice.assurance.handbook.references import Cited, cited
from policyservice.assurance.handbook.writing import Writer
from tests.assurance.handbook import books


@pytest.fixture(params=["en", "fi"])
def writer(request: pytest.FixtureRequest) -> Writer:
    return books.writer(request.param)


def test_a_reference_without_a_mark_is_told_as_it_is(writer: Writer):
    for plain in ("Article 7", "Article 7; Article 5(3)", "a certainty A", "Article 7; certainty D", ""):
        assert cited(writer, plain) == Cited(plain)


@pytest.mark.parametrize("mark", ["A", "B", "C"])
def test_a_mark_of_certainty_becomes_words(writer: Writer, mark: str):
    found = cited(writer, f"SI 2019/278, Article 7; certainty {mark}")

    assert found.text == "SI 2019/278, Article 7"
    assert found.certainty == writer.say(f"certainty_{mark.lower()}")
    assert "certainty" not in found.certainty


def test_what_the_mark_is_about_is_told_with_it(writer: Writer):
    found = cited(writer, "Article 19; certainty B for the numbers of paragraphs")

    assert found.text == "Article 19"
    assert found.certainty == f"{writer.say('certainty_b')} (the numbers of paragraphs)"
