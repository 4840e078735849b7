"""The installation's key for pseudonyms: from the settings, or else the one that the schema was made with.

Pseudonyms in the log are for ever those of the key they were made with, so another key is refused.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, exists, select, update

from policyservice.db.session import Database
from policyservice.db.tables import decision, pseudonym_key, trust_grant
from policyservice.domain.errors import PseudonymKeyMismatch
from policyservice.domain.pseudonyms import Pseudonyms

_READ = select(pseudonym_key.c.secret, pseudonym_key.c.check_value)


def pseudonyms(db: Database, given: str | None) -> Pseudonyms:
    """The pseudonyms of this installation; `given` is the key of the settings, None where there is none.

    A reading, but for the first time that a key is given to a log in which nothing stands yet.

    Raises:
        PseudonymKeyMismatch: the log was begun with another key, or its key is not in the database and none is given.
        LogUnavailable: the database does not answer.
    """
    with db.reading() as conn:
        kept = conn.execute(_READ).one()
    chosen = given if given is not None else kept.secret
    if chosen is None:
        raise PseudonymKeyMismatch
    made = of_key(chosen)
    if made.check != kept.check_value and not _begun_with(db, made):
        raise PseudonymKeyMismatch
    return made


def _begun_with(db: Database, made: Pseudonyms) -> bool:
    """Let a log in which nothing stands yet begin with a key that is held outside; False where something does."""
    begins = (
        update(pseudonym_key)
        .where(~exists(select(decision.c.seq)), ~exists(select(trust_grant.c.id)))
        .values(secret=None, check_value=made.check)
    )
    with db.transaction() as conn:
        return conn.execute(begins).rowcount == 1


def of_key(key: str) -> Pseudonyms:
    """The pseudonyms of a key, with nonces of the system's randomness."""
    return Pseudonyms(key.encode(), new_nonce)


def new_nonce() -> str:
    """128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def take_out(conn: Connection) -> str | None:
    """Remove the key from the database and tell it; None where it is not there (any more)."""
    secret: str | None = conn.execute(_READ).one().secret
    conn.execute(update(pseudonym_key).values(secret=None))
    return secret
