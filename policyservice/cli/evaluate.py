"""`policyservice evaluate`: a stream of case lines in, a stream of answer lines out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from policyservice.cli.case_lines import LONGEST_LINE, CaseLines, too_long
from policyservice.cli.options import FOLDER
from policyservice.cli.terminal import progress
from policyservice.rulebook.load import load_folders

_BOM = b"\xef\xbb\xbf"


@click.command("evaluate")
@click.option("--rules", "folders", type=FOLDER, multiple=True, required=True, help="A pack's folder; repeatable.")
@click.argument("file", type=click.File("rb"), default="-")
def command(folders: tuple[Path, ...], file: BinaryIO) -> None:
    """Answer the case lines of FILE (standard input when left out) by rules, line by line and in order.

    A case line is JSON: {"id": "...", "facts": {"reason": "...", ...}, "ask": {"remedy": "...", "amount": "7.00",
    "currency": "EUR"}, "agent": {"trust_level": "..."}, "as_of": "2026-05-15"}. Money is a decimal string. Without
    `amount` it asks how much may be given; without `agent` no trust level's cap applies; `as_of` is today (UTC) when
    left out.

    An answer line has id, outcome, amount (what is available), currency, basis and reasons. A line that cannot be taken
    is answered by its id and an error, the rest goes on, and the command ends with status 1.
    """
    lines = CaseLines(load_folders(folders), datetime.now(UTC))
    refused = 0
    with _progress_of(file) as advance:
        for line in read_lines(file):
            answer = too_long() if line is None else lines.answer(line)
            refused += "error" in answer
            _write(answer)
            advance(len(line or b""))
    if refused:
        click.echo(f"{refused} line(s) could not be taken; see the errors in the answers.", err=True)
        sys.exit(1)


def read_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream that say something, one at a time; None for one of more than `LONGEST_LINE` bytes."""
    first = True
    while line := stream.readline(LONGEST_LINE + 2):
        if first:
            line, first = line.removeprefix(_BOM), False
        if len(line) > LONGEST_LINE + 1:
            _skip_rest(stream, line)
            yield None
        elif text := line.strip():
            yield text


def _skip_rest(stream: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(LONGEST_LINE)


def _write(answer: dict[str, Any]) -> None:
    text = json.dumps(answer, ensure_ascii=False, separators=(", ", ": "))
    # A lone surrogate in an id becomes its JSON escape again; everything else is UTF-8 whatever the locale.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def _progress_of(file: BinaryIO) -> Iterator[Callable[[int], None]]:
    """Progress by bytes of a file, where the answers do not go to the same terminal."""
    if sys.stdout.isatty() or not file.seekable():
        yield lambda size: None
        return
    size = file.seek(0, 2)
    file.seek(0)
    with progress("Bytes read", size) as advance:
        yield advance
