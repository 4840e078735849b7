from __future__ import annotations

import pytest

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
