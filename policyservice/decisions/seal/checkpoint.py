"""A checkpoint: a few hashes that stand for all seals up to now, to be kept where nobody who can change the database
can change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from policyservice.decisions.seal import store
from policyservice.decisions.seal.chain import in_utc, is_hash
from policyservice.decisions.seal.merkle import Roots, leaf_hash

FORMAT = 1


class Unreadable(ValueError):
    """A file is no checkpoint, or no proof; says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The seals up to one: how many, the hash of the last, and the root of the tree over all their hashes."""

    seals: int
    hash: str
    root: str
    made_at: str = ""
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """The file's content."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Checkpoint:
        """What `as_json` gave.

        Raises:
            Unreadable: it is not that.
        """
        if not isinstance(value, Mapping) or value.get("format") != FORMAT:
            raise Unreadable(f"is no checkpoint of format {FORMAT}")
        seals, last, root = value.get("seals"), value.get("hash"), value.get("root")
        if not isinstance(seals, int) or isinstance(seals, bool) or seals < 1:
            raise Unreadable("`seals` is no positive number")
        if not (is_hash(last) and is_hash(root)):
            raise Unreadable("`hash` and `root` are 64 hexadecimal digits each")
        return cls(seals, str(last), str(root), str(value.get("made_at", "")))


def of_now(conn: Connection, now: datetime) -> Checkpoint | None:
    """The checkpoint over every seal there is; None before the first.

    Raises:
        ValueError: a seal has no hash; they were altered.
    """
    roots, last = Roots(), b""
    for last in store.hashes(conn):
        roots.add(leaf_hash(last))
    if not roots.count:
        return None
    return Checkpoint(roots.count, last.hex(), roots.root().hex(), in_utc(now))
