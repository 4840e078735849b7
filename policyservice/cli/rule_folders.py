"""Folders of packs on the command line: read, with every problem told as a file that can be opened from here."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from policyservice.assurance import engine_bounds
from policyservice.cli.options import FOLDER
from policyservice.cli.refused import Refused
from policyservice.domain.errors import RulebookRefused
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.model import Rulebook

FOLDERS = click.argument("folders", metavar="DIR...", type=FOLDER, nargs=-1, required=True)


def loaded(folders: tuple[Path, ...]) -> Rulebook:
    """The rulebook of some packs, read together; what is wrong with them ends the command."""
    with problems_from_here(folders), _nothing_thrown_away():
        rulebook = load_folders(folders)
        if problems := engine_bounds.problems(rulebook):
            raise RulebookRefused(problems)
        return rulebook


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Without a search for garbage: reading makes hardly any, and with ten thousand rules it takes half the time."""
    was_searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_searching:
            gc.enable()


@contextmanager
def problems_from_here(folders: tuple[Path, ...], then: str = "") -> Iterator[None]:
    """Print the problems of refused packs on standard output, one a line, and end with status 1."""
    try:
        yield
    except RulebookRefused as refused:
        for problem in refused.problems:
            click.echo(from_here(problem, folders))
        raise Refused(f"{len(refused.problems)} problem(s).{then}") from refused


def from_here(problem: str, folders: tuple[Path, ...]) -> str:
    """A problem with its file as it is reached from here, in place of PACK/file: editors open what they can find."""
    pack, separator, rest = problem.partition("/")
    folder = next((folder for folder in folders if folder.resolve().name == pack), None)
    return problem if folder is None or not separator else f"{folder}/{rest}"


def names_of(rulebook: Rulebook) -> str:
    """The names of a rulebook's packs."""
    return ", ".join(pack.name for pack in rulebook.packs)
