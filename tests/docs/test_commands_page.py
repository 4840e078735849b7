from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from policyservice.cli.main import main

_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")


def leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


_LEAVES = dict(leaves(main, ()))


@pytest.mark.parametrize("name", sorted(_LEAVES))
def test_every_command_and_option_stands_on_its_page(name: str):
    options = [option.opts[-1] for option in _LEAVES[name].params if isinstance(option, click.Option)]

    assert f"### `{name}" in _PAGE
    assert [option for option in options if option not in _PAGE] == []
