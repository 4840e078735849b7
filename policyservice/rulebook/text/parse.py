"""YAML's events into our own nodes, refusing what lets one text stand for another: anchors, aliases, tags, repeats."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import events
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # the C parser: pure Python takes 20 times longer
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from policyservice.rulebook.bounds import FILE_BYTES, NESTING
from policyservice.rulebook.model import Place
from policyservice.rulebook.problems import Problems
from policyservice.rulebook.text.nodes import Broken, Entry, Items, Kind, Mapped, Node, Scalar
from policyservice.rulebook.text.scalars import scalar

_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def parse(text: str, file: str, problems: Problems) -> list[Node] | None:
    """The documents in a file's text, or None where its syntax cannot be followed (a problem is noted).

    Places have 1-based lines and columns; `file` is what messages call the file.
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    if len(text.encode("utf-8", "surrogatepass")) > FILE_BYTES:
        problems.add(Place(file, 1, 1), "the file is larger than 1 MiB; split it")
        return None
    if unreadable := _UNREADABLE.search(text):
        before = text[: unreadable.start()]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add(place, f"the file holds the character U+{ord(unreadable[0]):04X}; take it out")
        return None
    try:
        return _Reader(text, file, problems).documents()
    except _TooDeep as error:
        problems.add(error.place, f"lists and mappings stand more than {NESTING} deep; write it flatter")
    except MarkedYAMLError as error:
        place = _place_of(error, file)
        problems.add(place, f"this is not YAML: {_sentence(error, text.splitlines()[place.line - 1 : place.line])}")
    except YAMLError as error:
        problems.add(Place(file, 1, 1), f"this is not YAML: {error}")
    return None


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class _Reader:
    """Walks the events of one file once."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._parser = CParser(text)
        self._file = file
        self._problems = problems

    def documents(self) -> list[Node]:
        found: list[Node] = []
        while (event := self._parser.get_event()) is not None:
            if isinstance(event, events.DocumentStartEvent):
                found.append(self._node(self._parser.get_event(), 0))
        return found

    def _node(self, event: Any, depth: int) -> Node:
        mark = event.start_mark
        place = Place(self._file, mark.line + 1, mark.column + 1)
        if isinstance(event, events.AliasEvent):
            self._problems.add(place, f"an alias (`*{event.anchor}`) is not allowed; write the value out")
            return Broken(place)
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event, place)
        if isinstance(event, events.ScalarEvent):
            return scalar(event.value, bool(event.style), place, self._problems)
        if depth >= NESTING:
            raise _TooDeep(place)
        if isinstance(event, events.SequenceStartEvent):
            return self._items(place, depth + 1)
        return self._table(place, depth + 1)

    def _refuse_marks(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            self._problems.add(place, f"an anchor (`&{event.anchor}`) is not allowed; take it out")
        if event.tag is not None:
            self._problems.add(place, f"a tag (`{event.tag}`) is not allowed; take it out")

    def _items(self, place: Place, depth: int) -> Items:
        found: list[Node] = []
        while not isinstance(event := self._parser.get_event(), events.SequenceEndEvent):
            found.append(self._node(event, depth))
        return Items(place, tuple(found))

    def _table(self, place: Place, depth: int) -> Mapped:
        entries: dict[str, Entry] = {}
        partial = False
        while not isinstance(event := self._parser.get_event(), events.MappingEndEvent):
            key = self._key(self._node(event, depth))
            value = self._node(self._parser.get_event(), depth)
            if key is None:
                partial = True
                continue
            if key.text in entries:
                first = entries[key.text].key.place.line
                self._problems.add(key.place, f"`{key.text}` stands here a second time (first in line {first})")
                continue
            entries[key.text] = Entry(key, value)
        return Mapped(place, entries, partial)

    def _key(self, node: Node) -> Scalar | None:
        if isinstance(node, Broken):
            return None
        if not isinstance(node, Scalar) or node.kind is Kind.NULL:
            self._problems.add(node.place, "a key must be a word; lists, mappings and nothing cannot be one")
            return None
        if node.text == "<<":
            self._problems.add(node.place, "a merge key (`<<`) is not allowed; write the entries out")
            return None
        return node


def _place_of(error: MarkedYAMLError, file: str) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(file, 1, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)


def _sentence(error: MarkedYAMLError, lines: list[str]) -> str:
    """The parser's own words, with the usual cause where there is one; `lines` holds the line it stopped at."""
    words = " ".join(part for part in (error.context, error.problem) if part)
    if "mapping values are not allowed" in words:
        return f"{words}; quote a text that has a colon in it"
    if "tab" in words or any(line.lstrip(" ").startswith("\t") for line in lines):
        return f"{words}; indent with spaces"
    if "escape" in words:
        return f"{words}; write the character itself, or take it out"
    if "cannot start any token" in words:
        return f"{words}; quote the text"
    return f"{words}; look for a missing bracket, quote or indentation just before"
