"""The tree that a file's text becomes: scalars, lists and mappings, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from policyservice.rulebook.model import Place


class Kind(StrEnum):
    """What a scalar was written as; the value says it in words for messages."""

    TEXT = "text"
    BOOLEAN = "true or false"
    INTEGER = "a whole number"
    DECIMAL = "a decimal number"
    PERCENT = "a percentage"
    DATE = "a date"
    NULL = "nothing"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is what stands in the source (unquoted, NFC).

    A decimal's `value` is that text, never a float; a percentage's is its exact fraction.
    """

    place: Place
    kind: Kind
    value: str | bool | int | Fraction | date | None
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping; entries by the text of their key, in the order written. `partial` where a key could not be read."""

    place: Place
    entries: dict[str, Entry]
    partial: bool = False

    def get(self, key: str) -> Node | None:
        """The value under a key, None where there is none or where it was found broken."""
        entry = self.entries.get(key)
        return None if entry is None or isinstance(entry.value, Broken) else entry.value

    def __contains__(self, key: str) -> bool:
        """Whether the key was written, broken or not."""
        return key in self.entries

    def place_of(self, key: str) -> Place:
        """Where a key's value stands, or the mapping itself where there is no such key."""
        return self.entries[key].value.place if key in self.entries else self.place

    def items(self) -> Iterator[tuple[Scalar, Node]]:
        """Keys with their values, without the broken ones."""
        for entry in self.entries.values():
            if not isinstance(entry.value, Broken):
                yield entry.key, entry.value


@dataclass(frozen=True, slots=True)
class Broken:
    """What could not be read; a problem was noted for it, so whoever meets it stays silent."""

    place: Place


Node = Scalar | Items | Mapped | Broken


def described(node: Node) -> str:
    """A node as a message names it: the date `2026-01-01`, a list, a mapping."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Mapped):
        return "a mapping"
    if isinstance(node, Broken) or node.kind is Kind.NULL:
        return "nothing"
    shown = node.text if len(node.text) <= 60 else node.text[:57] + "..."
    shown = shown.replace("\n", " ")
    words = {Kind.BOOLEAN: "the value", Kind.TEXT: "the text"}
    return f"{words.get(node.kind, 'the ' + node.kind.value.split(' ', 1)[-1])} `{shown}`"


def is_whole(node: Node) -> bool:
    """Whether nothing in the node was found broken."""
    if isinstance(node, Items):
        return all(is_whole(item) for item in node.of)
    if isinstance(node, Mapped):
        return not node.partial and all(is_whole(entry.value) for entry in node.entries.values())
    return not isinstance(node, Broken)
