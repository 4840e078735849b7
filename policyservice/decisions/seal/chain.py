"""One seal, and how it is chained to the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from policyservice.db.types import canonical_json
from policyservice.decisions.seal.leaves import Leaf, pack, unpack
from policyservice.decisions.seal.merkle import root_of

FORMAT = 1
"""Of leaves and headers; whatever changes their bytes needs the next number, and a verifier that knows both."""

NOTHING = "0" * 64
"""What the first seal is chained to."""

_SEAL = b"\x02"


class End(NamedTuple):
    """Where the chain ends: what the next seal follows."""

    number: int = 0
    hash: str = NOTHING
    last_decision: int = 0
    last_entry: int = 0


@dataclass(frozen=True, slots=True)
class Seal:
    """A batch of rows under one root. Hashes are 64 hexadecimal digits; a range with last < first is empty."""

    number: int
    format: int
    sealed_at: str  # "2026-06-01T09:00:00.000000Z"
    first_decision: int
    last_decision: int
    decisions: int  # how many; numbers may have been left out
    first_entry: int
    last_entry: int
    entries: int
    root: str
    previous: str
    hash: str
    leaves: bytes  # leaves.pack: decisions, then entries

    def header(self) -> str:
        """The text that `hash` is of: everything but the hash itself, the leaves as their digest."""
        return canonical_json(
            {
                "number": self.number,
                "format": self.format,
                "sealed_at": self.sealed_at,
                "decisions": [self.first_decision, self.last_decision, self.decisions],
                "entries": [self.first_entry, self.last_entry, self.entries],
                "root": self.root,
                "previous": self.previous,
                "leaves": sha256(self.leaves).hexdigest(),
            }
        )

    def unpacked(self) -> Iterator[Leaf]:
        """The leaves; ValueError where they cannot be read."""
        return unpack(self.leaves, self.decisions)


def header_hash(header: str) -> str:
    """The hash of a seal, from its header's text."""
    return sha256(_SEAL + header.encode()).hexdigest()


def is_hash(value: object) -> bool:
    """Whether a value is a hash as it is written: 64 hexadecimal digits, lower case."""
    return isinstance(value, str) and len(value) == 64 and not value.strip("0123456789abcdef")


def sealed(after: End, decisions: list[Leaf], entries: list[Leaf], *, now: datetime) -> Seal:
    """The next seal, over the rows that follow the end of the chain; there is at least one."""
    fields: dict[str, Any] = {
        "number": after.number + 1,
        "format": FORMAT,
        "sealed_at": in_utc(now),
        **_range("decision", "decisions", after.last_decision, decisions),
        **_range("entry", "entries", after.last_entry, entries),
        "root": root_of(leaf.hash() for leaf in (*decisions, *entries)).hex(),
        "previous": after.hash,
        "leaves": pack(decisions) + pack(entries),
    }
    unhashed = Seal(**fields, hash="")
    return Seal(**fields, hash=header_hash(unhashed.header()))


def in_utc(instant: datetime) -> str:
    """An instant as headers and checkpoints write it."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _range(one: str, many: str, last: int, leaves: list[Leaf]) -> Mapping[str, int]:
    return {f"first_{one}": last + 1, f"last_{one}": leaves[-1].seq if leaves else last, many: len(leaves)}
