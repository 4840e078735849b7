"""The schemas for editors take every file of every good pack, and refuse what the shapes refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from policyservice.rulebook.digest import kind_of
from policyservice.rulebook.problems import Problems
from policyservice.rulebook.schema.editors import DRAFT, schemas
from policyservice.rulebook.schema.files import FILES
from policyservice.rulebook.schema.shapes import clean
from policyservice.rulebook.text.nodes import Broken, Items, Kind, Mapped, Node, Scalar
from policyservice.rulebook.text.parse import parse
from tests.rulebook.factories import BASE, HERE, texts

RULES = Path(__file__).parents[3] / "rules"
GOOD = [BASE, *sorted(path.parent for path in RULES.glob("*/pack.yaml"))]
INVALID = sorted(path for path in (HERE / "invalid").iterdir() if path.is_dir())
SCHEMAS = schemas()
VALIDATORS = {kind: jsonschema_rs.Draft202012Validator(schema) for kind, schema in SCHEMAS.items()}


def as_an_editor_sees(node: Node) -> Any:
    """A node as plain YAML 1.2: dates and percentages are strings, a decimal is a number."""
    assert not isinstance(node, Broken)
    if isinstance(node, Items):
        return [as_an_editor_sees(item) for item in node.of]
    if isinstance(node, Mapped):
        return {text: as_an_editor_sees(entry.value) for text, entry in node.entries.items()}
    return _value(node)


def _value(node: Scalar) -> Any:
    match node.kind:
        case Kind.NULL:
            return None
        case Kind.BOOLEAN | Kind.INTEGER:
            return node.value
        case Kind.DECIMAL:
            return float(node.text)
    return node.text


def documents(path: str, text: str) -> list[Node] | None:
    """The documents of a file, None where it is no YAML of ours."""
    problems = Problems()
    nodes = parse(text, path, problems)
    return None if nodes is None or len(problems) else nodes


@pytest.mark.parametrize("pack", GOOD, ids=lambda pack: pack.name)
def test_every_file_of_a_good_pack_fits_the_schema_of_its_kind(pack: Path) -> None:
    for path, text in texts(pack).items():
        nodes = documents(path, text)
        assert nodes
        for node in nodes:
            errors = VALIDATORS[kind_of(path)].iter_errors(as_an_editor_sees(node))
            assert [(path, error.message) for error in errors] == []


def mistakes_of_shape() -> list[tuple[str, str, Node]]:
    """The documents of the broken packs that the shapes themselves refuse: pack, kind, document."""
    found = []
    for case in INVALID:
        for path, text in texts(case).items():
            kind = kind_of(path.split("/", 1)[1])
            for node in (documents(path, text) or []) if kind in FILES else []:
                problems = Problems()
                clean(FILES[kind], node, problems)
                if len(problems):
                    found.append((case.name, kind, node))
    return found


MISTAKES = mistakes_of_shape()


@pytest.mark.parametrize(("name", "kind", "node"), MISTAKES, ids=[name for name, _, _ in MISTAKES])
def test_a_mistake_of_shape_is_marked(name: str, kind: str, node: Node) -> None:
    assert not VALIDATORS[kind].is_valid(as_an_editor_sees(node))


def test_many_mistakes_are_of_shape() -> None:
    assert len(MISTAKES) > 30


def test_every_kind_of_file_has_a_schema_that_says_what_its_keys_are_for() -> None:
    assert set(SCHEMAS) == set(FILES)
    assert {schema["$schema"] for schema in SCHEMAS.values()} == {DRAFT}
    pack = SCHEMAS["pack"]["properties"]
    assert pack["otherwise"] == {"description": "what holds where no rule speaks", "enum": ["escalate", "forbid"]}
    assert pack["beyond"]["description"] == "who decides above every trust level"
