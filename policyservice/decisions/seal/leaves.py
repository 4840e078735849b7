"""The leaf of one row of the log: the same bytes on every database, and how a batch of leaves is kept.

A row's text is the canonical JSON of its columns by name, without its number and without columns that are NULL (so a
column added later, NULL in old rows, changes nothing). Texts, JSON columns included, stand as they are stored;
instants as "2026-06-01T09:00:00.000000Z". A leaf is "TABLE NUMBER DIGEST" with the SHA-256 of that text, in
hexadecimal digits.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from policyservice.db.types import canonical_json
from policyservice.decisions.seal.merkle import leaf_hash

DECISION, ENTRY = "decision", "entry"
TABLES = (DECISION, ENTRY)
"""What is sealed; in a batch the rows of the first stand before those of the second."""

_PLAIN = frozenset((str, int, bool, dict))
_PACKED = struct.Struct(">q32s")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{6})", re.ASCII)


class Leaf(NamedTuple):
    """A row as it is sealed: its table, its number and the digest of its text (32 bytes)."""

    table: str
    seq: int
    digest: bytes

    def hash(self) -> bytes:
        """Its leaf hash in the batch's tree."""
        return leaf_hash(f"{self.table} {self.seq} {self.digest.hex()}".encode())


def row_text(columns: Mapping[str, Any]) -> str:
    """The text of a row, of its columns by name as `instant`, `flag` and the database give them."""
    return canonical_json({name: _plain(value) for name, value in columns.items() if value is not None})


def digest_of(text: str) -> bytes:
    """SHA-256 of a row's text; bytes that were no UTF-8 in the file count as they were."""
    return sha256(text.encode("utf-8", "surrogateescape")).digest()


def instant(stored: Any) -> Any:
    """An instant in UTC, stored as "2026-06-01 09:00:00.000000", as it stands in a row's text; anything else marked."""
    if stored is None:
        return None
    found = _INSTANT.fullmatch(stored) if isinstance(stored, str) else None
    return f"{found[1]}T{found[2]}Z" if found else {"not an instant": str(stored)}


def flag(stored: Any) -> Any:
    """A truth value, which SQLite keeps as 0 or 1."""
    return bool(stored) if type(stored) is int and stored in (0, 1) else stored


def pack(leaves: Iterable[Leaf]) -> bytes:
    """Leaves of one table as bytes, 40 each: number and digest."""
    return b"".join(_PACKED.pack(leaf.seq, leaf.digest) for leaf in leaves)


def unpack(packed: bytes, decisions: int) -> Iterator[Leaf]:
    """The leaves of a batch, of which the first `decisions` are decisions.

    Raises:
        ValueError: these are not the bytes of whole leaves.
    """
    if len(packed) % _PACKED.size:
        raise ValueError("not a whole number of leaves")
    for index, (seq, digest) in enumerate(_PACKED.iter_unpack(packed)):
        yield Leaf(DECISION if index < decisions else ENTRY, seq, digest)


def _plain(value: Any) -> Any:
    """What a row can hold, by type; whatever else an altered file has stays different from all of it."""
    if type(value) in _PLAIN:
        return value
    return {type(value).__name__: repr(value)}
