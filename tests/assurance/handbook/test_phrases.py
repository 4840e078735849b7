from __future__ import annotations

from string import Formatter

import pytest

from policyservice.assurance.handbook.phrases import CATALOGUE, bounds, page, rules


def _parts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_sentence_has_the_same_parts_in_both_languages(name: str):
    assert _parts(CATALOGUE[name].en) == _parts(CATALOGUE[name].fi)


def test_no_sentence_hides_another_of_its_name():
    groups = (
        rules.CONDITIONS,
        rules.AMOUNTS,
        rules.EFFECTS,
        rules.FACTS,
        bounds.LIMITS,
        bounds.SETTINGS,
        page.LABELS,
    )

    assert sum(len(group) for group in groups) == len(CATALOGUE)
