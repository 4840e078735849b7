"""The source that rules are written as runs nothing of a rulebook's own: its texts are values in it, never code."""

from __future__ import annotations

import ast
import builtins

import pytest

from policyservice.domain.vocabulary import FactType
from policyservice.engine import source
from policyservice.engine.evaluator import compile_rules
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.model import Compare, Op, Rulebook
from tests.engine.models import TODAY, a_conclusion, a_fact, a_rule, a_rulebook, a_table, by_rules, every
from tests.rules.asking import RULES

CODE = "__import__('policyservice_is_owned')"
ESCAPES = (
    CODE,
    f"' + {CODE} + '",
    f'" + {CODE} + "',
    f"\\' + {CODE} #",
    f"'\n {CODE}\n'",
    f"{{{CODE}}}",
    f"''' + {CODE} + '''",
)
_CALLED = {"dict", "get", "set", "sorted", "tuple"}
_METHODS = {"append", "get", "pop"}
_NEVER = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Lambda, ast.Await, ast.JoinedStr, ast.With, ast.Try)


@pytest.fixture
def written(monkeypatch) -> list[str]:
    """All that is compiled from then on."""
    sources: list[str] = []

    def noted(text: str, *more: object):
        sources.append(text)
        return builtins.compile(text, *more)

    monkeypatch.setattr(source, "compile", noted, raising=False)
    return sources


def _compiled(book: Rulebook) -> None:
    rules = compile_rules(book)
    for reason in book.reasons:
        rules.evaluate({"reason": reason}, TODAY, "EUR")


def _assert_closed(text: str) -> None:
    """Nothing in it but what the writer itself writes: local names, literals, comparisons and a few calls."""
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, _NEVER), ast.unparse(node)
        if isinstance(node, ast.Attribute):
            assert node.attr in _METHODS, ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            assert name in _CALLED or name[:1].isupper(), ast.unparse(node)
        if isinstance(node, ast.Name):
            assert "__" not in node.id, node.id


@pytest.mark.parametrize("pack", sorted(path.name for path in RULES.iterdir() if (path / "pack.yaml").exists()))
def test_of_the_packs_nothing_is_written_but_comparisons(written: list[str], pack: str):
    _compiled(load_folders([RULES / pack]))
    assert written
    for text in written:
        _assert_closed(text)


@pytest.mark.parametrize("hostile", ESCAPES)
@pytest.mark.parametrize("op", [Op.IS, Op.IS_NOT, Op.ONE_OF])
def test_code_in_a_value_of_a_rule_stays_a_text(written: list[str], hostile: str, op: Op):
    asked = Compare("order.note", op, (hostile,) if op is Op.ONE_OF else hostile)
    facts = [a_fact("order.note", FactType.TEXT), by_rules("order.kind", FactType.TEXT)]
    book = a_rulebook(a_rule("r", asked, a_conclusion("order.kind", hostile)), facts=facts)

    found = compile_rules(book).evaluate({"reason": "late", "order.note": hostile}, TODAY, "EUR")

    assert bool(found.fired) == (op is not Op.IS_NOT)
    assert written
    for text in written:
        _assert_closed(text)


@pytest.mark.parametrize("hostile", ESCAPES)
def test_code_in_a_name_stays_a_name(written: list[str], hostile: str):
    """No rulebook that is loaded has such a name; the writer does not rest on that."""
    fact = a_fact(hostile, presume=3)
    rows = a_table(hostile, Compare(hostile, Op.AT_LEAST, 3), every(), then=[a_conclusion(f"{hostile}.kind", 1)])
    book = a_rulebook(
        a_rule(hostile, Compare(hostile, Op.AT_LEAST, 3), currency="EUR"),
        *rows,
        facts=[fact, by_rules(f"{hostile}.kind")],
        reasons=[hostile],
    )

    found = compile_rules(book).evaluate({"reason": hostile, hostile: 4}, TODAY, "EUR")

    assert hostile in found.fired
    for text in written:
        _assert_closed(text)
