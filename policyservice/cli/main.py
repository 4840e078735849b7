"""The command `policyservice`: finds the group that was asked for and lets it run.

A group's module is imported only when it is used, so that `evaluate` does not wait for a web server to load.
"""

from __future__ import annotations

from typing import Any

import click

from policyservice.cli.lazily import LazyGroup
from policyservice.cli.refused import Refused
from policyservice.domain.errors import InvalidRequest, PolicyServiceError

_COMMANDS = {
    "agents": ("agents", "Who may act: import and list agents."),
    "backtest": ("backtest", "Run a history of requests through a rulebook."),
    "costs": ("costs", "Show and measure what estimates are reckoned from."),
    "db": ("db", "The schema of the database; back up and restore."),
    "demo": ("demo.command", "Start the service and play scenes against it."),
    "escalations": ("escalations", "What waits for somebody with more authority; have the overdue rise."),
    "evaluate": ("evaluate", "Answer case lines by a rulebook, line by line."),
    "facts": ("facts", "Verified facts of orders and customers: import and show."),
    "history": ("history", "Turn past business into a history of requests."),
    "incidents": ("incidents", "One cause behind many cases: link them, roll one remedy out."),
    "keys": ("keys", "Create, list and revoke API keys."),
    "ledger": ("ledger", "Prove that the counters equal the log."),
    "limits": ("limits", "Show and change how far trust goes."),
    "log": ("log", "Replay, show, seal and verify the decision log."),
    "outcomes": ("outcomes", "Import and count what was heard of cases afterwards."),
    "privacy": ("privacy", "Export and erase what is held about a person."),
    "report": ("report", "Compare, find causes and unevenness; sum the log up."),
    "rules": ("rules", "Check, test, publish and show rules."),
    "simulate": ("simulate", "Make up what becomes of a history, with a known truth."),
    "serve": ("serve", "Answer requests over HTTP."),
}
"""Command -> (module under policyservice.cli that has it as `command`, what it is for)."""


class Commands(LazyGroup):
    """The commands of `_COMMANDS`; an error raised on purpose is one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InvalidRequest as error:
            raise Refused("\n".join(f"{each.field}: {each.message}" for each in error.errors)) from error
        except PolicyServiceError as error:
            raise Refused(error.message) from error


@click.command(
    cls=Commands,
    lazily={name: (module, "command", what) for name, (module, what) in _COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="policyservice", message="%(package)s %(version)s")
def main() -> None:
    """Decide on the spot what may be given to a customer, within limits, with a log that can be replayed.

    Settings come from the environment (POLICYSERVICE_DATABASE_URL, POLICYSERVICE_BIND and others: see
    docs/reference/settings.md). Every command ends with status 0 when it did what was asked, 1 when it was refused or
    found something wrong, and 2 when it was called wrongly.
    """


if __name__ == "__main__":
    main()
