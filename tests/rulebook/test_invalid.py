"""One small broken pack per mistake: each problem is named with its place, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .factories import HERE, load_with, problems_of, sources, texts

INVALID = HERE / "invalid"
CASES = sorted(path for path in INVALID.iterdir() if path.is_dir())
_LINE = re.compile(r"(?P<place>[^:]+:\d+:\d+): (?P<message>.+)")


def _split(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    assert found is not None, line
    return found["place"], found["message"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_named_at_its_place_and_alone(case: Path) -> None:
    expected = [_split(line) for line in (case / "expected.txt").read_text("utf-8").splitlines()]

    found = [_split(problem) for problem in problems_of(texts(case))]

    assert [place for place, _ in found] == [place for place, _ in expected]
    for (_, message), (_, words) in zip(found, expected, strict=True):
        assert words in message


def test_the_base_pack_of_these_mistakes_is_good() -> None:
    assert [rule.id for rule in load_with().rules] == ["late-credit"]


def test_many_mistakes_in_many_files_are_all_reported_at_once() -> None:
    overlay: dict[str, str] = {}
    expected: set[str] = set()
    for number, case in enumerate(CASES):
        files = texts(case)
        if case.name in _HIDDEN_BY_OTHERS or not all(_OWN_FILE.fullmatch(path) for path in files):
            continue
        stamp = f"b{number:05d}"  # as long as "broken", so that columns stay
        overlay.update({path.replace("broken", stamp): text.replace("broken", stamp) for path, text in files.items()})
        lines = (case / "expected.txt").read_text("utf-8").splitlines()
        expected.update(_split(line)[0].replace("broken", stamp) for line in lines)

    places = {_split(problem)[0] for problem in problems_of(overlay)}

    assert expected - places == set()
    assert len(expected) > 100


_OWN_FILE = re.compile("base/(rules|limits|costs|tests)/broken.yaml")
_HIDDEN_BY_OTHERS = frozenset(
    # what may be declared in a file that cannot be read is not called unknown; ids of the base pack meet only once
    {
        "test_expects_unknown_rule",
        "test_expects_unknown_rule_fired",
        "test_uses_unknown_limit",
        "two_rules_of_one_id",
        "two_limits_of_one_id",
    }
)


def test_a_broken_declaration_is_reported_once_and_not_at_each_use() -> None:
    broken = sources()["base"]["vocabulary.yaml"].replace(
        "order.days_late: {type: integer", "order.days_late: {type: integr"
    )

    problems = problems_of({"base/vocabulary.yaml": broken})

    assert len(problems) == 1
    assert "did you mean `integer`?" in problems[0]


def test_a_vocabulary_that_cannot_be_read_is_one_problem_and_not_one_per_fact() -> None:
    problems = problems_of({"base/vocabulary.yaml": "facts: [", "base/rules/b.yaml": "rules: 5\n"})

    assert [problem.split(":")[0] for problem in problems] == ["base/rules/b.yaml", "base/vocabulary.yaml"]


def test_problems_beyond_the_thousandth_are_counted() -> None:
    problems = problems_of({"base/rules/b.yaml": "rules:\n" + "  - 5\n" * 1200})

    assert len(problems) == 1001
    assert problems[-1] == "... and 200 more; put these right first"
