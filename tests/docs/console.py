"""Runs the console blocks of a page, as its reader would.

A fenced `yaml title=PATH` or `python title=PATH` block is written to PATH. In a `console` block a line that begins with
"$ " is run by bash; the lines beneath must appear in its output, each after the one before, where "..." stands for
anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(
    r"^```(?P<kind>console|(?:yaml|python) title=(?P<path>\S+))\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_SECONDS = 120


class Command(NamedTuple):
    """A command of a page, and the lines that its output must have."""

    line: str
    expected: tuple[str, ...]


def run_page(page: Path, folder: Path) -> None:
    """Do everything that a page says, in a folder; a command that fails or prints something else fails the test."""
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["path"]:
            write(folder / block["path"], block["text"])
        else:
            for command in commands(block["text"]):
                check(command, folder)


def write_files(page: Path, folder: Path) -> None:
    """Write the files of a page, without running its commands."""
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["path"]:
            write(folder / block["path"], block["text"])


def write(path: Path, text: str) -> None:
    """Write a file and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def commands(block: str) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], ()))
        elif line:
            found[-1] = Command(found[-1].line, (*found[-1].expected, line))
    return found


def check(command: Command, folder: Path) -> None:
    """Run a command; its output has the expected lines in order."""
    done = subprocess.run(
        ["bash", "-c", command.line],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"$ {command.line}\n{done.stdout}"
    rest = done.stdout
    for line in command.expected:
        found = re.search(".*?".join(re.escape(part) for part in line.split("...")), rest)
        assert found, f"$ {command.line}\nhas no line {line!r}; it printed:\n{done.stdout}"
        rest = rest[found.end() :]


def environment() -> dict[str, str]:
    """Ours, without settings of the service, with the commands of this environment first."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("POLICYSERVICE_")}
    return ours | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
