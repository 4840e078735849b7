"""`policyservice agents`: who may act for the company, and how far."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

import click
from sqlalchemy import Connection

from policyservice.access import agents
from policyservice.cli.database import opened
from policyservice.cli.refused import Refused
from policyservice.cli.terminal import table
from policyservice.decisions.policy import rulebook_in_force
from policyservice.decisions.rulebooks import stored


@click.group("agents")
def command() -> None:
    """Import and list agents: the people and programs that act for the company."""


@command.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
def import_file(file: TextIO) -> None:
    """Register the agents of FILE ("-" is standard input): CSV with the columns ref,name,team,trust_level,kind.

    `kind` is human or ai; `trust_level` is one of the rulebook in force; `team` may be empty. An agent that is
    registered already is changed. Where one line is at fault nothing is changed, and every such line is named.
    """
    with opened() as runtime, runtime.db.transaction() as conn:
        now = runtime.clock.now()
        levels = stored(conn, rulebook_in_force(conn, now)).trust_levels
        added, changed = _import(conn, _Lines(file), [level.name for level in levels], now)
    click.echo(f"{added} agent(s) registered, {changed} changed.")


@command.command("list")
def list_agents() -> None:
    """List every agent with team, trust level and kind."""
    with opened() as runtime, runtime.db.reading() as conn:
        found = agents.list_all(conn)
    rows = [(a.ref, a.name, a.team or "", a.trust_level, a.kind.value) for a in found]
    table("", agents.CSV_COLUMNS, rows)


class _Lines:
    """The lines of a file, counting how many were read: what cannot be read at all is named by its line."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.read = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.read += 1
            yield line


def _import(conn: Connection, lines: _Lines, levels: list[str], now: datetime) -> tuple[int, int]:
    try:
        return agents.import_csv(conn, lines, trust_levels=levels, now=now)
    except UnicodeDecodeError:
        raise Refused("The file is not UTF-8. Save it as UTF-8 and import it again.") from None
    except csv.Error as error:
        raise Refused(f"line {lines.read} is not CSV: {error}. Nothing was changed.") from None
