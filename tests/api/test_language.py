"""Texts follow Accept-Language, in English or Finnish."""

from __future__ import annotations

import pytest

from tests.api.factories import Caller, body, case, serving

FINNISH = "Olen pahoillani. Rahat palautetaan heti, ja saat valita kärrystä jotain tilalle."


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, "en"),
        ("fi", "fi"),
        ("fi-FI", "fi"),
        ("FI", "fi"),
        ("sv, fi;q=0.5, en;q=0.3", "fi"),
        ("en;q=0.5, fi;q=0.9", "fi"),
        ("sv", "en"),
        ("*", "en"),
        ("fi;q=0", "en"),
        ("not a header;;;", "en"),
    ],
)
def test_the_language_is_the_one_that_is_most_welcome(ui: Caller, asked, given):
    response = ui.call("GET", "/v1/vocabulary", language=asked)
    assert response.headers["Content-Language"] == given


def test_an_answer_speaks_finnish_throughout(ui: Caller):
    answer = ui.call("POST", "/v1/decisions", body=body(), headers={"Idempotency-Key": "k"}, language="fi").get_json()
    assert answer["say"] == FINNISH
    assert answer["reasons"][0]["text"] == "Ennakkoon tilattu ateria jäi saamatta"


def test_the_same_options_are_told_in_each_language(ui: Caller):
    english = ui.call("POST", "/v1/options", body=case(), language="en").get_json()
    finnish = ui.call("POST", "/v1/options", body=case(), language="fi").get_json()
    assert [option["remedy"] for option in english["options"]] == [option["remedy"] for option in finnish["options"]]
    assert english["options"][0]["say"] != finnish["options"][0]["say"]


def test_without_a_wish_the_language_is_that_of_the_settings(prepared, tmp_path):
    with serving(prepared, tmp_path, language="fi") as service:
        caller = service.caller()
        assert caller.get("/v1/vocabulary").headers["Content-Language"] == "fi"
        assert caller.call("GET", "/v1/vocabulary", language="*").headers["Content-Language"] == "fi"


def test_a_repeated_answer_is_in_the_language_of_the_first(ui: Caller):
    first = ui.call("POST", "/v1/decisions", body=body(), headers={"Idempotency-Key": "k"}, language="fi")
    again = ui.call("POST", "/v1/decisions", body=body(), headers={"Idempotency-Key": "k"}, language="en")
    assert again.data == first.data
    assert "Content-Language" not in again.headers
