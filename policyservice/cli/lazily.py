"""A group whose commands are imported when they are called: `rules check` does not wait for a database to load."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by name: the module under `policyservice.cli`, what it calls the command, and what it is for."""

    def __init__(self, *, lazily: Mapping[str, tuple[str, str, str]], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.lazily = lazily

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.lazily)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazily:
            return None
        module, name, _ = self.lazily[cmd_name]
        command: click.Command = getattr(import_module(f"policyservice.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, _, what) in sorted(self.lazily.items())])
