"""The installation's key for pseudonyms: from the settings, or else made once and kept in the database.

Pseudonyms in the log are for ever those of the key they were made with, so another key is refused.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from policyservice.db.session import Database
from policyservice.db.tables import pseudonym_key
from policyservice.domain.errors import PseudonymKeyMismatch
from policyservice.domain.pseudonyms import Pseudonyms

_ONLY = 1
_READ = select(pseudonym_key.c.secret, pseudonym_key.c.check_value)
_VALUES = ("id", "secret", "check_value", "since")


def pseudonyms(db: Database, given: str | None, now: datetime) -> Pseudonyms:
    """The pseudonyms of this installation; `given` is the key of the settings, None where there is none.

    Raises:
        PseudonymKeyMismatch: the log was begun with another key, or its key is not in the database and none is given.
        LogUnavailable: the database does not answer.
    """
    with db.reading() as conn:
        kept = _kept(conn)
    if kept is None:
        with db.transaction() as conn:
            _begin(conn, given, now)
            kept = _kept(conn)
    assert kept is not None
    secret, check = kept
    chosen = given if given is not None else secret
    if chosen is None:
        raise PseudonymKeyMismatch
    made = of_key(chosen)
    if made.check != check:
        raise PseudonymKeyMismatch
    return made


def of_key(key: str) -> Pseudonyms:
    """The pseudonyms of a key, with nonces of the system's randomness."""
    return Pseudonyms(key.encode(), new_nonce)


def new_nonce() -> str:
    """128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def take_out(conn: Connection) -> str | None:
    """Remove the key from the database and tell it; None where it is not there (any more)."""
    kept = _kept(conn)
    if kept is None or kept[0] is None:
        return None
    conn.execute(pseudonym_key.update().values(secret=None))
    return kept[0]


def _kept(conn: Connection) -> tuple[str | None, str] | None:
    row = conn.execute(_READ).one_or_none()
    return None if row is None else (row.secret, row.check_value)


def _begin(conn: Connection, given: str | None, now: datetime) -> None:
    """Write down the key that this log begins with; of several processes that start at once, one does."""
    secret = secrets.token_urlsafe(32) if given is None else None
    check = of_key(given or secret or "").check
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    values = dict(zip(_VALUES, (_ONLY, secret, check, now), strict=True))
    conn.execute(insert(pseudonym_key).values(values).on_conflict_do_nothing())
