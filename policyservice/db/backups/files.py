"""A new file that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policyservice.domain.errors import BackupRefused

_OWNER_ALONE = 0o600


@contextmanager
def new_file(file: Path) -> Iterator[Path]:
    """An empty file to write beside `file`, which takes its name when all is written and lies on the disk.

    Raises:
        BackupRefused: `file` is there already, or its folder cannot be written to.
    """
    if file.exists():
        raise BackupRefused(f"{file} is there already; name a file that is not.")
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)  # of an attempt that was broken off
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ALONE))
    except OSError as error:
        raise BackupRefused(f"{part} cannot be written: {error.strerror}.") from error
    try:
        yield part
        _to_disk(part)
        part.rename(file)
        _to_disk(file.parent)
    except OSError as error:
        raise BackupRefused(f"{part} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
