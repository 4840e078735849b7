from __future__ import annotations

import subprocess
import sys

import click
import pytest

from policyservice.cli import rules
from policyservice.cli.main import _COMMANDS
from tests.cli.support import run


def test_help_names_every_command():
    shown = run("--help").stdout

    assert [name for name in _COMMANDS if name not in shown] == []


@pytest.mark.parametrize("name", sorted(_COMMANDS))
def test_every_command_has_help_of_its_own(name: str):
    result = run(name, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")


def test_an_unknown_command_is_a_wrong_call():
    assert run("nonsense").exit_code == 2


def test_an_error_raised_on_purpose_is_one_sentence_on_standard_error(tmp_path):
    result = run("keys", "list", url=f"sqlite:///{tmp_path / 'empty.db'}")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Run `policyservice db upgrade`." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_setting_that_cannot_be_read_is_named():
    result = run("keys", "list", url="mysql://somewhere")

    assert result.exit_code == 1
    assert "POLICYSERVICE_DATABASE_URL" in result.stderr


@pytest.mark.parametrize("command", ["check", "test", "prove", "coverage", "mutate"])
def test_a_command_that_only_reads_packs_does_not_wait_for_a_database_or_a_web_server_to_load(command: str):
    ask = f"""
import sys
from click.testing import CliRunner
from policyservice.cli.main import main
assert CliRunner().invoke(main, ["rules", "{command}", "--help"]).exit_code == 0
print([name for name in ("sqlalchemy", "flask", "alembic") if name in sys.modules])
"""

    assert subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_help_of_rules_names_every_command_of_it():
    shown = run("rules", "--help").stdout

    assert [
        name for name in rules.command.list_commands(click.Context(rules.command)) if f"  {name} " not in shown
    ] == []
