"""`policyservice serve`: answers requests over HTTP until it is told to end."""

from __future__ import annotations

from pathlib import Path

import click

from policyservice.cli.opening import open_database
from policyservice.cli.options import FOLDER
from policyservice.config import Settings


@click.command("serve")
@click.option(
    "--rules",
    "folders",
    type=FOLDER,
    multiple=True,
    help="A pack to begin with on a database that has no rules yet; repeatable. Default: the goodwill pack.",
)
def command(folders: tuple[Path, ...]) -> None:
    """Answer requests over HTTP, at POLICYSERVICE_BIND (host:port, 127.0.0.1:8080 when not set).

    An empty database gets its schema and a first rulebook, in force from now. A database of an older schema is refused:
    `policyservice db upgrade` brings it up to date. SIGTERM ends the service after the requests under way.
    """
    settings = Settings.from_environment()
    opened = open_database(settings, folders)
    if folders and not opened.published:
        click.echo(
            "Rules are in force already, so --rules changes nothing; use `policyservice rules publish`.", err=True
        )

    from policyservice.cli.server import Server  # here: it shares figures through a folder from then on

    Server(settings).run()
