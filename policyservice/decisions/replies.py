"""Answers kept under an idempotency key: the same key and body give the same answer again.

The scope of a key is the caller and the path; an answer is kept as long as its decision. Refusals are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from policyservice.db import tables
from policyservice.db.prepared import Prepared, Writes
from policyservice.domain.errors import IdempotencyKeyMissing, IdempotencyKeyReused
from policyservice.domain.pseudonyms import Pseudonyms

_LONGEST_KEY = 255
_LONGEST_PATH = 200
_table = tables.reply
IS_KEPT = and_(
    _table.c.api_key == bindparam("of_caller"),
    _table.c.path == bindparam("of_path"),
    _table.c.key == bindparam("of_key"),
)
"""Whether a row of the table is the answer kept under a key: the values are those of `sought`."""
COLUMNS = (_table.c.fingerprint, _table.c.status, _table.c.body, _table.c.decision_id)
"""What `kept` reads."""
_KEPT = Prepared(select(*COLUMNS).where(IS_KEPT))
_KEEP = Prepared(insert(_table))


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Under which key, for which path and body a call came."""

    path: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, path: str, key: str | None, body: Mapping[str, object]) -> Idempotency:
        """From a header's value and the parsed body.

        Raises:
            IdempotencyKeyMissing: there is none, or it is not 1 to 255 printable ASCII characters.
        """
        if not key or len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise IdempotencyKeyMissing
        return cls(path[:_LONGEST_PATH], key, fingerprint(body))

    def under(self, pseudonyms: Pseudonyms) -> Idempotency:
        """As it is kept: by keyed digests, since callers put references into keys, and a plain hash of a short body
        can be guessed.
        """
        return Idempotency(
            self.path,
            pseudonyms.digest("idempotency key", self.key),
            pseudonyms.digest("idempotency body", self.fingerprint),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back: an HTTP status and a body that is sent as it stands; `replayed` where it was kept."""

    status: int
    body: str
    replayed: bool = False
    decision_id: str | None = None


class KeyTaken(Exception):
    """Another call kept an answer under the key in the same moment; the transaction must be given up."""


def fingerprint(body: Mapping[str, object]) -> str:
    """The same for bodies that are equal as JSON, whatever the order of their keys."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))  # NaN too: it is refused later, by its field
    return sha256(text.encode("ascii")).hexdigest()


def sought(api_key: str, idempotency: Idempotency | None) -> dict[str, str]:
    """The values of `IS_KEPT`; without a key nothing is found."""
    path, key = (idempotency.path, idempotency.key) if idempotency else ("", "")
    return {"of_caller": api_key, "of_path": path, "of_key": key}


def kept(columns: Sequence[Any], idempotency: Idempotency) -> Reply | None:
    """The answer in the values of `COLUMNS`, None where they are all null.

    Raises:
        IdempotencyKeyReused: it was given to another body.
    """
    fingerprint, status, body, decision_id = columns
    if fingerprint is None:
        return None
    if fingerprint != idempotency.fingerprint:
        raise IdempotencyKeyReused
    return Reply(status, body, True, decision_id)


def find(conn: Connection, api_key: str, idempotency: Idempotency) -> Reply | None:
    """The answer kept under a key, or None.

    Raises:
        IdempotencyKeyReused: an answer is kept under it, for another body.
    """
    row = _KEPT.one(conn, sought(api_key, idempotency))
    return None if row is None else kept(row, idempotency)


def keep(writes: Writes, api_key: str, idempotency: Idempotency, reply: Reply, now: datetime) -> None:
    """Have an answer kept; `keeping` says where another call kept one first."""
    writes.add(
        _KEEP,
        {
            "api_key": api_key,
            "path": idempotency.path,
            "key": idempotency.key,
            "fingerprint": idempotency.fingerprint,
            "status": reply.status,
            "body": reply.body,
            "decision_id": reply.decision_id,
            "kept_at": now,
        },
        key=(api_key, idempotency.path, idempotency.key),
    )


@contextmanager
def keeping() -> Iterator[None]:
    """Around the writing of kept answers.

    Raises:
        KeyTaken: a concurrent duplicate kept one first; give the transaction up and read that one.
    """
    try:
        yield
    except IntegrityError as taken:
        raise KeyTaken from taken
