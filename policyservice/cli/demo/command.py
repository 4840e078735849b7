"""`policyservice demo`: starts the real service, plays the scenes against it, and keeps serving."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from policyservice.cli.demo import host
from policyservice.cli.demo.client import Client, titles
from policyservice.cli.demo.farewell import farewell, verdict
from policyservice.cli.demo.opening import Opening, open_demo
from policyservice.cli.demo.play import Player
from policyservice.cli.demo.scenes import SCENES
from policyservice.cli.demo.tell import Teller
from policyservice.cli.demo.words import Words
from policyservice.cli.refused import Refused
from policyservice.cli.terminal import console
from policyservice.config import Settings
from policyservice.domain.vocabulary import LANGUAGES

_DATABASE = "POLICYSERVICE_DATABASE_URL"


@click.command("demo")
@click.option(
    "--exit", "leave", is_flag=True, help="End after the scenes; status 1 if an answer was not the wanted one."
)
@click.option("--port", type=click.IntRange(0, 65535), help="Where to serve; 8080 or, where that is taken, a free one.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of all texts.")
def command(leave: bool, port: int | None, language: str) -> None:
    """Start the service, play scenes of real complaints against it over HTTP, and keep serving until Ctrl-C.

    It needs no settings: it begins with a fresh database in a temporary folder, unless POLICYSERVICE_DATABASE_URL
    names one.
    """
    host.end_on_signals()
    try:
        wrong = _run(leave, host.choose_port(port), language)
    except KeyboardInterrupt:
        click.echo("", err=True)
        sys.exit(130)
    for problem in wrong:
        click.echo(f"Not the wanted answer: {problem}", err=True)
    sys.exit(1 if wrong else 0)


def _run(leave: bool, port: int, language: str) -> list[str]:
    with _database() as (environment, folder), host.served(environment, port, folder / "service.log") as service:
        settings = Settings.from_environment({**os.environ, **environment})
        opening = open_demo(settings, host.HOST, port, language)
        client = Client(host.HOST, port, opening.key, language)
        words = Words(language, ZoneInfo(settings.timezone), titles(client))
        player = Player(client, Teller(console(narrow=True), words), opening.tag)
        wrong = [problem for scene in SCENES for problem in player.play(scene)]
        click.echo(f"\n{verdict(words, wrong)}")
        if not leave:
            _keep_serving(words, port, opening, service)
        return wrong


def _keep_serving(words: Words, port: int, opening: Opening, service: subprocess.Popen[bytes]) -> None:
    """Say where the service is, and wait until Ctrl-C."""
    try:
        for line in farewell(words, f"http://{host.HOST}:{port}", opening, temporary=not os.environ.get(_DATABASE)):
            click.echo(line)
        service.wait()
    except KeyboardInterrupt:
        click.echo("", err=True)
    else:
        raise Refused("The service ended by itself.")


@contextmanager
def _database() -> Iterator[tuple[dict[str, str], Path]]:
    """What the service's environment needs besides ours, and a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="policyservice-demo-") as name:
        folder = Path(name)
        if os.environ.get(_DATABASE):
            yield {}, folder
        else:
            yield {_DATABASE: f"sqlite:///{folder / 'demo.db'}"}, folder
