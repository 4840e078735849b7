from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from policyservice.cli.demo.cast import EVERYBODY
from policyservice.cli.demo.scenes import SCENES
from policyservice.cli.demo.steps import Ask, Scene
from policyservice.cli.packs import shipped_pack
from policyservice.domain.vocabulary import Text
from policyservice.rulebook.load import load_folders


def texts(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)


def test_the_scenes_are_those_of_the_cases_in_order():
    assert [scene.number for scene in SCENES] == [1, 2, 3, 4, 5, 7, 8, 9, 10, None]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.title.en)
def test_every_text_stands_in_both_languages(scene: Scene):
    assert [text for text in texts(scene) if not text.en or not text.fi or text.en == text.fi] == []


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.title.en)
def test_every_scene_asks_something_of_the_shipped_rules(scene: Scene):
    book = load_folders([shipped_pack("goodwill")])
    asks = [step for step in scene.steps if isinstance(step, Ask)]

    assert asks
    assert {ask.reason or scene.reason for ask in asks} <= set(book.reasons)
    assert {ask.remedy for ask in asks} <= set(book.remedies)
    rules = {rule.id for rule in book.rules}
    assert {ask.want.rule for ask in asks if ask.want.rule} <= rules


def test_no_two_scenes_are_about_the_same_customer_case_or_order():
    for name in ("customer", "case", "order"):
        refs = [ref for scene in SCENES if (ref := getattr(scene, name)) is not None]
        assert len(refs) == len(set(refs))


def test_agents_have_references_of_their_own():
    assert len({person.ref for person in EVERYBODY}) == len(EVERYBODY)
    assert all(re.fullmatch("[a-z]+", person.ref) for person in EVERYBODY)
