"""Writers of a SQLite file take turns in the order they asked, across processes: by a lock on a file beside it.

SQLite's own lock goes to whichever writer happens to look when it is free, so that under load some wait for ever.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from policyservice.domain.errors import LogUnavailable

SUFFIX = "-turns"
"""What the lock's file is called, after the name of the database."""


@contextmanager
def taken(database: str, *, longest_wait: float) -> Iterator[None]:
    """One writer's turn; waits for those that asked before. The system ends the turn of a process that dies.

    `longest_wait` in seconds: a turn that comes later is given up.

    Raises:
        LogUnavailable: the turn came too late, or there is no place for the lock's file.
    """
    asked = monotonic()
    try:
        file = os.open(database + SUFFIX, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise LogUnavailable() from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if monotonic() - asked > longest_wait:
            raise LogUnavailable()  # whoever was before waited for the database in vain; so would this one
        yield
    finally:
        os.close(file)
