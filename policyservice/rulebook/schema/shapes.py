"""A small language of shapes: what a node must look like, and how it is said when it does not.

A shape turns a node into the same node with everything unfit replaced by `Broken`, noting a problem for each. Shapes
are plain data, so that schemas for editors can be made of them as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policyservice.rulebook.problems import Problems, listed, meant
from policyservice.rulebook.text.nodes import Broken, Entry, Items, Kind, Mapped, Node, Scalar, described


@dataclass(frozen=True, slots=True)
class Plain:
    """A scalar of certain kinds; `says` ends the sentence "expected ..."."""

    says: str
    kinds: frozenset[Kind]
    pattern: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    lowest: int | None = None
    highest: int | None = None

    def clean(self, node: Node, problems: Problems) -> Node:
        """The node itself, or Broken where it does not fit."""
        if isinstance(node, Broken):
            return node
        if isinstance(node, Scalar) and node.kind in self.kinds and (fault := self._fault(node)) is None:
            return node
        if isinstance(node, Scalar) and node.kind in self.kinds:
            problems.add(node.place, f"{described(node)} does not fit{fault}")
        else:
            problems.add(node.place, f"expected {self.says}, found {described(node)}{self._hint(node)}")
        return Broken(node.place)

    def _fault(self, node: Scalar) -> str | None:
        if self.choices and node.text not in self.choices:
            return meant(node.text, self.choices, kind="words")
        if self.pattern is not None and not self.pattern.fullmatch(node.text):
            return f"; expected {self.says}"
        if isinstance(node.value, int):
            if self.lowest is not None and node.value < self.lowest:
                return f"; expected {self.says}"
            if self.highest is not None and node.value > self.highest:
                return f"; expected {self.says}"
        return None

    def _hint(self, node: Node) -> str:
        if not isinstance(node, Scalar) or node.kind is Kind.NULL:
            return ""
        if Kind.TEXT in self.kinds and self.kinds.isdisjoint({Kind.DECIMAL, Kind.PERCENT}):
            return "; put it in quotes if it is meant as text"
        if Kind.BOOLEAN in self.kinds and node.text.lower() in ("yes", "no", "on", "off", "true", "false"):
            return "; write `true` or `false`"
        if Kind.PERCENT in self.kinds and node.text.endswith("%"):
            return "; write a space before the %, and no quotes"
        return ""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape, not empty unless said so."""

    of: Shape
    says: str
    empty_is_fine: bool = False

    def clean(self, node: Node, problems: Problems) -> Node:
        """The list with unfit items broken, or Broken where it is no list or an empty one."""
        if isinstance(node, Broken):
            return node
        if not isinstance(node, Items):
            problems.add(node.place, f"expected {self.says}, found {described(node)}")
            return Broken(node.place)
        if not node.of and not self.empty_is_fine:
            problems.add(node.place, f"the list is empty; expected {self.says}")
            return Broken(node.place)
        return Items(node.place, tuple(clean(self.of, item, problems) for item in node.of))


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: the shape of its value, whether it must be there, and what it is for."""

    shape: Shape
    required: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Free:
    """Keys that the author names: the shape of the name and of the value."""

    name: Plain
    value: Shape


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys, and with names of the author's own where `free` is given.

    Of the keys in `one_of` exactly one must be there.
    """

    says: str
    keys: Mapping[str, Key] = field(default_factory=dict)
    free: Free | None = None
    one_of: tuple[str, ...] = ()
    empty_is_fine: bool = False

    def clean(self, node: Node, problems: Problems) -> Node:
        """The mapping with unfit values broken, or Broken where it is no mapping."""
        if isinstance(node, Broken):
            return node
        if not isinstance(node, Mapped):
            problems.add(node.place, f"expected {self.says}, found {described(node)}")
            return Broken(node.place)
        if not node.partial:
            self._note_missing(node, problems)
        entries = {text: self._entry(entry, problems) for text, entry in node.entries.items()}
        return Mapped(node.place, entries, node.partial)

    def _note_missing(self, node: Mapped, problems: Problems) -> None:
        for name, key in self.keys.items():
            if key.required and name not in node:
                problems.add(node.place, f"`{name}` is missing; expected {key.shape.says}")
        if not node.entries and not self.empty_is_fine and not any(k.required for k in self.keys.values()):
            problems.add(node.place, f"the mapping is empty; expected {self.says}")
            return
        given = [name for name in self.one_of if name in node]
        if self.one_of and not given and (node.entries or not self.empty_is_fine):
            unknown = [text for text in node.entries if text not in self.keys]
            if not unknown:
                problems.add(node.place, f"one of {listed(self.one_of)} is missing")
        for extra in given[1:]:
            place = node.entries[extra].key.place
            problems.add(place, f"`{given[0]}` and `{extra}` stand together; only one of {listed(self.one_of)}")

    def _entry(self, entry: Entry, problems: Problems) -> Entry:
        name = entry.key.text
        if name in self.keys:
            return Entry(entry.key, clean(self.keys[name].shape, entry.value, problems))
        if self.free is not None and not self._meant_a_key(name):
            if isinstance(self.free.name.clean(entry.key, problems), Broken):
                return Entry(entry.key, Broken(entry.value.place))
            return Entry(entry.key, clean(self.free.value, entry.value, problems))
        problems.add(entry.key.place, f"unknown key `{name}`{self._hint(entry)}")
        return Entry(entry.key, Broken(entry.value.place))

    def _hint(self, entry: Entry) -> str:
        name = entry.key.text
        if " " in name and isinstance(entry.value, Scalar) and entry.value.kind is Kind.NULL:
            return "; put a text that has a comma in it in quotes"
        return meant(name, self.keys, kind="keys")

    def _meant_a_key(self, name: str) -> bool:
        """Whether a name that is not the author's to give looks like a misspelt key."""
        assert self.free is not None
        pattern = self.free.name.pattern
        if not self.keys or pattern is None or pattern.fullmatch(name):
            return False
        return "did you mean" in meant(name, self.keys, kind="keys")


@dataclass(frozen=True, slots=True)
class ByForm:
    """One shape for a scalar, one for a list, one for a mapping; a form without a shape does not fit."""

    says: str
    scalar: Shape | None = None
    items: Shape | None = None
    mapped: Shape | None = None

    def clean(self, node: Node, problems: Problems) -> Node:
        """What the shape for the node's form makes of it."""
        if isinstance(node, Broken):
            return node
        shape = {Scalar: self.scalar, Items: self.items, Mapped: self.mapped}[type(node)]
        if shape is None:
            problems.add(node.place, f"expected {self.says}, found {described(node)}")
            return Broken(node.place)
        return clean(shape, node, problems)


@dataclass(frozen=True, slots=True)
class Later:
    """A shape that is defined further down, for shapes that hold themselves."""

    says: str
    shape: Callable[[], Shape]

    def clean(self, node: Node, problems: Problems) -> Node:
        """What the shape makes of it."""
        return clean(self.shape(), node, problems)


Shape = Plain | ListOf | Record | ByForm | Later


def clean(shape: Shape, node: Node, problems: Problems) -> Node:
    """The node with everything unfit replaced by `Broken`, each noted once."""
    return shape.clean(node, problems)
