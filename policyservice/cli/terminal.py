"""What people see on a terminal: tables, progress of long work, a question before a change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_PIPE_WIDTH = 200
_PROSE_WIDTH = 110


def console(*, err: bool = False, narrow: bool = False) -> Console:
    """A console for standard output (or error); in a pipe plain text in wide lines. `narrow` keeps prose readable."""
    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    if narrow:
        width = min(_PROSE_WIDTH, Console(file=stream).width if stream.isatty() else _PROSE_WIDTH)
    return Console(file=stream, highlight=False, soft_wrap=False, width=width)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table on standard output; columns named in `right` are set to the right, as sums are."""
    shown = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        shown.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(escape(cell) for cell in row))
    screen = console()
    with screen.capture() as captured:
        screen.print(shown)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def times(count: int) -> str:
    """A number of times: "1 time", "3 times"."""
    return f"{count} time" if count == 1 else f"{count} times"


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show how far long work has come, on standard error and only on a terminal; gives the function that advances."""
    screen = console(err=True)
    if not screen.is_terminal:
        yield lambda steps: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


def sure(question: str, *, yes: bool) -> None:
    """Let go on only who said --yes, or says yes now.

    Raises:
        click.UsageError: nobody can be asked, since this is not a terminal, and --yes is not there.
        click.Abort: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody can be asked here whether this is meant. Repeat with --yes.")
    click.confirm(question, abort=True, err=True)
