"""The threat model names no test that is not there, leaves out nothing of the lists, and says what is true."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.named import is_there, named

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = (_ROOT / "docs" / "explanation" / "threat-model.md").read_text(encoding="utf-8")
_NAMED = named(_PAGE)
_CALLING_OUT = {"requests", "httpx", "urllib3", "aiohttp", "smtplib", "ftplib", "socket"}
_OF_THE_LIBRARY = ("urllib.request", "http.client")
_HANGS_UP = {"socket", "socket.SHUT_RD"}  # on who called; begins nothing


def test_it_names_tests():
    assert len(_NAMED) > 40


@pytest.mark.parametrize(("file", "name"), _NAMED)
def test_every_test_that_it_names_is_there(file: str, name: str):
    assert is_there(file, name)


@pytest.mark.parametrize(
    "line", [line for line in _PAGE.splitlines() if line.startswith("| ") and "held by" not in line]
)
def test_every_line_names_a_test_or_says_why_not(line: str):
    *_, said, held, _ = (cell.strip() for cell in line.split("|"))
    assert held or "**Gap**" in said or re.search(r"\b(proxy's|Neither|Not there)", said), line


def test_no_line_of_the_lists_is_left_out():
    assert re.findall(r"^\| API([0-9]+) ", _PAGE, re.MULTILINE) == [str(number) for number in range(1, 11)]
    chapters = {int(number) for number in re.findall(r"\bV([0-9]+)\b", _PAGE)}
    assert chapters == set(range(1, 18))


def test_the_service_calls_no_address_but_the_one_of_its_settings():
    """But for the demo, which calls the service that it has started itself."""
    files = [
        file
        for file in (_ROOT / "policyservice").rglob("*.py")
        if "demo" not in file.parts and file.parts[-2:] != ("outbox", "webhooks.py")
    ]
    assert len(files) > 200
    for file in files:
        names = _imported(ast.parse(file.read_text(encoding="utf-8")))
        if file.name == "worker.py" and names >= _HANGS_UP:
            names -= _HANGS_UP
        assert not {name for name in names if name.split(".")[0] in _CALLING_OUT or name.startswith(_OF_THE_LIBRARY)}, (
            file
        )


@pytest.mark.parametrize(("file", "least"), [("requirements.lock", 60), ("requirements-run.lock", 30)])
def test_every_dependency_is_pinned_by_its_hash(file: str, least: int):
    pinned = _entries(file)
    assert len(pinned) > least
    assert [entry.splitlines()[0] for entry in pinned if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_what_is_installed_is_what_runs_of_the_same_versions():
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runs, all_of_it = _pins("requirements-run.lock"), _pins("requirements.lock")
    assert {name: all_of_it.get(name) for name in runs} == runs
    assert {_named(needed) for needed in project["dependencies"]} <= set(runs)
    assert not {_named(needed) for needed in project["optional-dependencies"]["dev"]} & set(runs)


def _entries(file: str) -> list[str]:
    return re.split(r"\n(?=[A-Za-z0-9])", (_ROOT / file).read_text(encoding="utf-8").strip())


def _pins(file: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Name -> version and hashes."""
    found = {}
    for entry in _entries(file):
        version = re.search(r"==([^ ;\\]+)", entry)
        assert version is not None, entry
        found[_named(entry)] = (version[1], frozenset(re.findall(r"sha256:[0-9a-f]{64}", entry)))
    return found


def _named(needed: str) -> str:
    return re.split(r"[\[=<>;! ]", needed)[0].lower().replace("_", "-").replace(".", "-")


def _imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found
