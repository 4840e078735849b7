"""The tests that a page names, such as `api/test_auth.py::test_a_revoked_key_is_refused`: are they there?"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
_NAMED = re.compile(r"`([a-z0-9_/]+\.py)(?:::(test_[a-z0-9_]+))?`")


def named(text: str) -> list[tuple[str, str]]:
    """File and name of each; no name where a whole file is named."""
    return sorted(set(_NAMED.findall(text)))


def is_there(file: str, name: str) -> bool:
    """Whether the file has the test, or any where none is named."""
    found = _tests_of(file)
    return name in found if name else bool(found)


@cache
def _tests_of(file: str) -> frozenset[str]:
    path = _TESTS / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))
