"""The database that a command works on, by the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from policyservice.config import Settings
from policyservice.db.migrate import require_current
from policyservice.runtime import Runtime


@contextmanager
def opened() -> Iterator[Runtime]:
    """The services of this process, on a database whose schema is the one this version needs.

    Raises:
        InvalidSettings: a setting cannot be read.
        SchemaOutOfDate: the database is empty, or was made by another version.
    """
    runtime = Runtime.start(Settings.from_environment())
    try:
        require_current(runtime.db)
        yield runtime
    finally:
        runtime.close()
