"""One piece of work in one transaction, done again where the database could not let two of them pass at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from policyservice.db.session import Database
from policyservice.domain.errors import LogUnavailable

_T = TypeVar("_T")

TRIES = 6
_SERIALIZATION_FAILURE, _DEADLOCK = "40001", "40P01"


def in_transaction(db: Database, work: Callable[[Connection], _T]) -> _T:
    """What `work` returns, committed. `work` may be called several times and must change nothing but the
    database.

    Raises:
        LogUnavailable: the database does not answer, or turned the work down `TRIES` times in a row.
    """
    for _ in range(TRIES - 1):
        try:
            return _once(db, work)
        except LogUnavailable as unavailable:
            if not _is_transient(unavailable.__cause__):
                raise
    return _once(db, work)


def _once(db: Database, work: Callable[[Connection], _T]) -> _T:
    with db.transaction() as conn:
        return work(conn)


def _is_transient(cause: BaseException | None) -> bool:
    """Whether the database itself asks to try again: a deadlock or a serialization failure, nothing was
    written.
    """
    original = cause.orig if isinstance(cause, DBAPIError) else None
    return getattr(original, "sqlstate", None) in (_SERIALIZATION_FAILURE, _DEADLOCK)
