"""From the texts of packs to documents whose shape is checked, each with its kind and its currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policyservice.domain.currencies import EXPONENTS
from policyservice.rulebook.digest import kind_of
from policyservice.rulebook.model import Place
from policyservice.rulebook.problems import Problems, meant
from policyservice.rulebook.schema.files import FILES
from policyservice.rulebook.schema.shapes import clean
from policyservice.rulebook.source import PACK_FILE, Sources
from policyservice.rulebook.text.nodes import Broken, Kind, Mapped, Scalar
from policyservice.rulebook.text.parse import parse

_FALLBACK_CURRENCY = "EUR"  # only to go on reading a pack whose own currency is a problem already


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a pack; its sums are in `currency`. What was unfit in it is broken."""

    pack: str
    kind: str
    root: Mapped
    currency: str


@dataclass(frozen=True, slots=True)
class Documents:
    """Every document of every pack, in the order of packs, paths and text; kinds of which some could not be read."""

    all: tuple[Document, ...]
    unsure: frozenset[str]

    def of(self, kind: str) -> Iterator[Document]:
        """The documents of one kind."""
        return (document for document in self.all if document.kind == kind)


def read_documents(sources: Sources, currency: str | None, problems: Problems) -> Documents:
    """Read every file; a problem in one hides nothing in the others.

    `currency` replaces the one that a document states; its sums then need the same number of decimals.
    """
    reader = _Reader(currency, problems)
    for pack in sorted(sources):
        reader.pack(pack, sources[pack])
    return Documents(tuple(reader.found), frozenset(reader.unsure))


class _Reader:
    def __init__(self, currency: str | None, problems: Problems) -> None:
        self._currency = currency
        self._problems = problems
        self.found: list[Document] = []
        self.unsure: set[str] = set()

    def pack(self, pack: str, files: Mapping[str, str]) -> None:
        """Read the files of one pack, its own settings first."""
        if PACK_FILE not in files:
            self._problems.add(Place(f"{pack}/{PACK_FILE}", 1, 1), f"this is no pack: it has no {PACK_FILE}")
        own = _FALLBACK_CURRENCY
        for path in sorted(files, key=lambda path: (path != PACK_FILE, path)):
            kind = self._kind(pack, path)
            if kind is None:
                continue
            for root in self._roots(kind, f"{pack}/{path}", files[path]):
                own_or_stated = self._stated(root) or own
                if kind == "pack":
                    own = own_or_stated
                self.found.append(Document(pack, kind, root, self._read_as(root, own_or_stated)))

    def _kind(self, pack: str, path: str) -> str | None:
        kind = kind_of(path)
        if kind in FILES and (kind != "pack" or path == PACK_FILE) and path.endswith(".yaml"):
            return kind
        hint = meant(kind, FILES, kind="kinds of file") if kind not in FILES else ""
        self._problems.add(Place(f"{pack}/{path}", 1, 1), f"unknown file kind `{kind}`{hint}")
        return None

    def _roots(self, kind: str, file: str, text: str) -> Iterator[Mapped]:
        nodes = parse(text, file, self._problems)
        if nodes is None:
            self.unsure.add(kind)
            return
        if kind == "pack":
            for extra in nodes[1:]:
                self._problems.add(extra.place, "a pack has one document of settings; put them together")
            nodes = nodes[:1]
            if not nodes:
                self._problems.add(Place(file, 1, 1), "the file is empty; expected the pack's settings")
        for node in nodes:
            root = clean(FILES[kind], node, self._problems)
            if not isinstance(root, Mapped) or any(isinstance(e.value, Broken) for e in root.entries.values()):
                self.unsure.add(kind)
            if isinstance(root, Mapped):
                yield root

    def _stated(self, root: Mapped) -> str | None:
        node = root.get("currency")
        return node.text if isinstance(node, Scalar) and node.kind is Kind.TEXT else None

    def _read_as(self, root: Mapped, stated: str) -> str:
        if self._currency is None or self._currency == stated:
            return stated
        if EXPONENTS.get(self._currency) != EXPONENTS[stated]:
            self._problems.add(
                root.place_of("currency"),
                f"sums in {stated} cannot be read as {self._currency}: the number of decimals differs",
            )
            return stated
        return self._currency
