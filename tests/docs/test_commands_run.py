from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policyservice.cli.opening import open_database
from policyservice.config import Settings
from tests.docs.console import Command, commands, run_page, write_files

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_TUTORIAL = _DOCS / "tutorial" / "first-rule.md"
_HOW_TOS = (
    "publish-a-rulebook",
    "test-a-rulebook",
    "change-a-limit",
    "register-agents",
    "make-a-key",
    "put-in-service",
)


@pytest.fixture(scope="session")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tutorial ends: its pack, in force in a database of the default place."""
    folder = tmp_path_factory.mktemp("bakery")
    write_files(_TUTORIAL, folder)
    url = f"sqlite:///{folder / 'var' / 'policyservice.db'}"
    open_database(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}), (folder / "bakery",))
    return folder


def test_the_tutorial_does_what_it_says(tmp_path: Path):
    run_page(_TUTORIAL, tmp_path)


@pytest.mark.parametrize("name", _HOW_TOS)
def test_a_how_to_does_what_it_says(name: str, bakery: Path, tmp_path: Path):
    folder = tmp_path / "here"
    shutil.copytree(bakery, folder)

    run_page(_DOCS / "how-to" / f"{name}.md", folder)


def test_a_block_is_read_as_commands_with_their_lines():
    assert commands("$ echo one\none\n$ echo two\n\n$ echo three\n3\n4\n") == [
        Command("echo one", ("one",)),
        Command("echo two", ()),
        Command("echo three", ("3", "4")),
    ]
