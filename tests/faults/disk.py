"""A small disk to fill: a file system of its own where the tests may mount one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BLOCK = bytes(4096)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path | None]:
    """A file system of that size at `folder`, gone at the end; None where it cannot be made."""
    folder.mkdir()
    options = f"size={megabytes}m,mode=777"
    is_made = os.geteuid() == 0 and _done("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    try:
        yield folder if is_made else None
    finally:
        if is_made:
            _done("umount", "-l", str(folder))  # lazily: a process that was just killed may not be gone yet


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is left on the disk meanwhile."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(_BLOCK)
    yield
    ballast.unlink()


def _done(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == 0
