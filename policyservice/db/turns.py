"""Writers of a SQLite file take turns in the order they asked, across processes: by a lock on a file beside it.

SQLite's own lock goes to whichever writer happens to look when it is free, so that under load some wait for ever.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from time import monotonic

from policyservice.domain.errors import LogUnavailable

SUFFIX = "-turns"
"""What the lock's file is called, after the name of the database."""


class Turns:
    """The turns of this process's writers on one file.

    `longest_wait` in seconds: a turn that comes later is given up.
    """

    def __init__(self, database: str, *, longest_wait: float) -> None:
        self._path = database + SUFFIX
        self._longest_wait = longest_wait
        self._mine = local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One writer's turn; waits for those that asked before. The system ends the turn of a process that dies.

        Within it this thread has its turn already, and need not ask again.

        Raises:
            LogUnavailable: the turn came too late, or there is no place for the lock's file.
        """
        if getattr(self._mine, "is_taken", False):
            yield
            return
        with self._locked():
            self._mine.is_taken = True
            try:
                yield
            finally:
                self._mine.is_taken = False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        asked = monotonic()
        try:
            file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise LogUnavailable() from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if monotonic() - asked > self._longest_wait:
                raise LogUnavailable()  # whoever was before waited for the database in vain; so would this one
            yield
        finally:
            os.close(file)
