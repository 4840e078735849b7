"""What it means when a commit fails: nobody knows, where the connection went with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, exc

from policyservice.domain.errors import Unconfirmed


@contextmanager
def confirmed(connection: Connection) -> Iterator[None]:
    """For what ends a transaction.

    Raises:
        Unconfirmed: the database went away while it committed; all of it was done, or nothing.
    """
    try:
        yield
    except BaseException as error:
        # A commit that fails, or is broken off by a signal, may leave its transaction open: nobody may inherit it.
        connection.invalidate(error)
        if isinstance(error, exc.DBAPIError) and _is_unconfirmed(error):
            raise Unconfirmed() from error
        raise


def _is_unconfirmed(error: exc.DBAPIError) -> bool:
    fsync_failed = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_FSYNC
    return error.connection_invalidated or fsync_failed
