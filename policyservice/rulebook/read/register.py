"""One name, one meaning: what several packs declare, they declare alike."""

from __future__ import annotations

from typing import Protocol, TypeVar

from policyservice.rulebook.model import Place
from policyservice.rulebook.problems import listed
from policyservice.rulebook.read.reading import Reading
from policyservice.rulebook.text.nodes import Scalar

_SHOWN = {"has_amount": "amount"}
"""Fields that a file calls otherwise."""


class Declared(Protocol):
    """Whatever is declared under a name."""

    @property
    def pack(self) -> str:
        """The pack that declares it."""
        ...

    @property
    def place(self) -> Place | None:
        """Where."""
        ...


Any_ = TypeVar("Any_", bound=Declared)


def register(reading: Reading, table: dict[str, Any_], key: Scalar, new: Any_, fields: tuple[str, ...]) -> None:
    """Enter a declaration. A second one in a pack is noted; in another pack it must agree in `fields`, and the first
    stands.
    """
    known = table.setdefault(key.text, new)
    if known is new:
        return
    if known.pack == new.pack:
        reading.note(
            key.place, f"`{key.text}` is declared a second time (first at {known.place}); take one out, or rename it"
        )
        return
    differing = [_SHOWN.get(field, field) for field in fields if getattr(known, field) != getattr(new, field)]
    if differing:
        reading.note(
            key.place,
            f"`{key.text}` differs from {known.place} in {listed(differing)}; declare both alike, or rename one",
        )
