"""Whatever a good pack is changed to, it loads or is refused with places; nothing else comes of it."""

from __future__ import annotations

import random
import re

import pytest

from policyservice.domain.errors import RulebookRefused
from policyservice.rulebook.load import load

from .factories import a_rule, a_table, rules, sources

_TOKEN = re.compile(r"\{[^{}]*\}|\[[^\[\]]*\]|[^\s,:{}\[\]]+(?: %)?")
_PLACED = re.compile(r"base/[a-z./]+:\d+:\d+: .+", re.DOTALL)
_OTHERS = (
    """
[] | {} | null | 5 | -5 | 5.5 | 12 % | true | text | "quoted" | 2025-01-01 | [a, b] | {a: b} | [[1]] | $share | "-" |
unpriced |
reason | shop.* | order.paid | late-share | expected | each | {at_least: 3} | {one_of: []} | {one_of: [1, a]} |
{present: false} | {share: 5 %, of: order.paid} | {sum: [unpriced]}
""".replace("\n", " ")
    .strip()
    .split(" | ")
)
_GOOD = sources(
    rules(
        a_rule(then="[{conclude: {case.points: 3}}]"),
        a_rule("two", when="{reason: other, any: [{order.items: 1}, {not: {other.x: 2}}]}"),
    )
    | {
        "base/vocabulary/more.yaml": "facts:\n  other.x: {type: integer, title: {en: a, fi: b}}\n",
        "base/rules/table.yaml": a_table(
            columns="[order.days_late, order.category, $share]",
            rows='      - [{at_least: 6}, "-", 100 %]\n      - {id: otherwise, then: [{forbid: {every: true}}]}\n',
            then="[{entitle: {remedy: credit, amount: {share: $share, of: order.paid}}}]",
        )["base/rules/more.yaml"],
    }
)["base"]


def _changed(chance: random.Random) -> dict[str, str]:
    files = dict(_GOOD)
    for _ in range(chance.choice((1, 1, 2, 4))):
        path = chance.choice(sorted(files))
        tokens = list(_TOKEN.finditer(files[path]))
        if tokens:
            token = chance.choice(tokens)
            new = chance.choice((*_OTHERS, chance.choice(tokens)[0]))
            files[path] = files[path][: token.start()] + new + files[path][token.end() :]
    return files


def test_the_pack_that_is_changed_is_good() -> None:
    assert len(load({"base": _GOOD}).rules) == 5


def _problems(files: dict[str, str]) -> tuple[str, ...]:
    try:
        load({"base": files})
    except RulebookRefused as refused:
        return refused.problems
    return ()


@pytest.mark.parametrize("seed", range(3))
def test_a_changed_pack_loads_or_is_refused_with_places(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        assert all(_PLACED.fullmatch(problem) for problem in _problems(_changed(chance)))
