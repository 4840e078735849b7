"""The service uses the cryptography that its inventory names, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = (_ROOT / "docs" / "explanation" / "cryptography.md").read_text(encoding="utf-8")
_MODULES = {"hashlib", "hmac", "secrets", "random", "ssl", "crypt", "uuid"}
_OF_OTHERS = {"cryptography", "nacl", "jwt", "passlib", "bcrypt", "argon2", "Crypto", "itsdangerous"}
_ALLOWED = {
    "hashlib": {"sha256"},
    "hmac": {"digest", "compare_digest"},
    "secrets": {"token_urlsafe", "token_hex", "randbits"},
    "uuid": {"uuid4"},
}
_DRAWS = {"runtime.py", "costs/simulation.py"}
"""Where `random` is drawn from: nothing that anybody must not guess."""


def _uses() -> Iterator[tuple[str, str, str]]:
    """Every name of these modules that the package uses: file, module, name."""
    for file in sorted((_ROOT / "policyservice").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        place = file.relative_to(_ROOT / "policyservice").as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in _MODULES:
                yield from ((place, node.module, name.name) for name in node.names)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                yield from ((place, name, "") for name in _packages(node) if name in _OF_OTHERS)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in _MODULES:
                yield place, node.value.id, node.attr


def _packages(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
    return {name.split(".")[0] for name in names}


def test_no_other_hash_mac_or_source_of_randomness_is_used():
    used = [(place, module, name) for place, module, name in _uses() if name]
    assert len(used) > 10
    for place, module, name in used:
        if module == "random":
            assert place in _DRAWS, place
        else:
            assert name in _ALLOWED.get(module, ()), (place, module, name)


def test_no_library_of_cryptography_but_pythons_own_is_used():
    assert [(place, module) for place, module, name in _uses() if not name] == []


def test_every_file_that_uses_it_stands_in_the_inventory():
    told = set(re.findall(r"`([a-z0-9_/]+\.py)`", _PAGE))
    using = {place for place, module, name in _uses() if module in ("hashlib", "hmac", "secrets") and name}
    assert using == told
