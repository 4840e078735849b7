"""The samples of the reference page are one pack that loads, and the page names every key there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyservice.rulebook import bounds
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Op, Rulebook
from policyservice.rulebook.schema.files import FILES
from policyservice.rulebook.schema.shapes import ByForm, Later, ListOf, Plain, Record, Shape

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rulebook.md"
_SAMPLE = re.compile(r"```yaml\n# trains/(\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def samples(page: str) -> Rulebook:
    return load({"trains": dict(_SAMPLE.findall(page))})


def test_the_samples_of_the_page_are_one_good_pack(samples: Rulebook) -> None:
    assert {rule.id for rule in samples.rules} >= {"late-voucher", "delay-repay/1", "delay-repay/an-hour"}
    assert len(samples.tests) == 2


@pytest.mark.parametrize("kind", FILES)
def test_the_page_names_every_key_of_a_file(kind: str, page: str) -> None:
    missing = [key for key in _keys(FILES[kind], set()) if not re.search(rf"\b{key}\b", page)]

    assert missing == []


def test_the_page_states_the_bounds(page: str) -> None:
    table = page[page.index("\n## Bounds") :]

    for bound in (bounds.NESTING, bounds.ALTERNATIVES_PER_RULE, bounds.FACTS_PER_RULE, bounds.DEMANDS_PER_RULE):
        assert f"| {bound} |" in table
    assert f"| {bounds.TEXT_COMPARED} |" in table
    assert f"| {bounds.RULES_PER_SHARD} |" in table


def test_the_page_names_every_operator(page: str) -> None:
    assert all(f"`{op}" in page for op in Op)


def _keys(shape: Shape | None, seen: set[int]) -> set[str]:
    """Every key that a shape knows, at any depth."""
    if shape is None or isinstance(shape, Plain) or id(shape) in seen:
        return set()
    seen.add(id(shape))
    match shape:
        case ListOf(of=of):
            return _keys(of, seen)
        case Later(shape=later):
            return _keys(later(), seen)
        case ByForm(scalar=one, items=two, mapped=three):
            return _keys(one, seen) | _keys(two, seen) | _keys(three, seen)
        case Record(keys=keys, free=free):
            own = set(keys).union(*(_keys(key.shape, seen) for key in keys.values()))
            return own | (_keys(free.value, seen) if free is not None else set())
