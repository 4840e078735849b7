"""The command `policyservice`: finds the group that was asked for and lets it run.

A group's module is imported only when it is used, so that `evaluate` does not wait for a web server to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from policyservice.cli.refused import Refused
from policyservice.domain.errors import InvalidRequest, PolicyServiceError

_COMMANDS = {
    "agents": ("agents", "Who may act: import and list agents."),
    "backtest": ("backtest", "Run a history of requests through a rulebook."),
    "costs": ("costs", "Show and measure what estimates are reckoned from."),
    "db": ("db", "The schema of the database; back up and restore."),
    "demo": ("demo.command", "Start the service and play scenes against it."),
    "evaluate": ("evaluate", "Answer case lines by a rulebook, line by line."),
    "history": ("history", "Turn past business into a history of requests."),
    "keys": ("keys", "Create, list and revoke API keys."),
    "ledger": ("ledger", "Prove that the counters equal the log."),
    "limits": ("limits", "Show and change how far trust goes."),
    "log": ("log", "Replay, show, seal and verify the decision log."),
    "outcomes": ("outcomes", "Import and count what was heard of cases afterwards."),
    "privacy": ("privacy", "Export and erase what is held about a person."),
    "report": ("report", "Compare, find causes and unevenness; sum the log up."),
    "rules": ("rules", "Check, test, publish and show rules."),
    "serve": ("serve", "Answer requests over HTTP."),
}
"""Command -> (module under policyservice.cli that has it as `command`, what it is for)."""


class Commands(click.Group):
    """The commands of `_COMMANDS`, each loaded when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command: click.Command = import_module(f"policyservice.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in sorted(_COMMANDS.items())])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InvalidRequest as error:
            raise Refused("\n".join(f"{each.field}: {each.message}" for each in error.errors)) from error
        except PolicyServiceError as error:
            raise Refused(error.message) from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="policyservice", message="%(package)s %(version)s")
def main() -> None:
    """Decide on the spot what may be given to a customer, within limits, with a log that can be replayed.

    Settings come from the environment (POLICYSERVICE_DATABASE_URL, POLICYSERVICE_BIND and others: see
    docs/reference/settings.md). Every command ends with status 0 when it did what was asked, 1 when it was refused or
    found something wrong, and 2 when it was called wrongly.
    """


if __name__ == "__main__":
    main()
