"""One declared fact."""

from __future__ import annotations

from typing import NamedTuple

from policyservice.domain.vocabulary import FactType, FactValue, Text
from policyservice.rulebook.model import Fact, ParameterRef, ProvidedBy
from policyservice.rulebook.problems import meant
from policyservice.rulebook.read.names import FactKind
from policyservice.rulebook.read.reading import Reading, is_true, scalars, text, title, whole, words
from policyservice.rulebook.read.values import value
from policyservice.rulebook.text.nodes import Mapped, Scalar

_BELONGS = {
    "values": FactType.CODE,
    "titles": FactType.CODE,
    "ordered": FactType.CODE,
    "unit": FactType.INTEGER,
    "lowest": FactType.INTEGER,
    "highest": FactType.INTEGER,
    "role": FactType.MONEY,
}
"""Keys that only facts of one type have."""


class Paid(NamedTuple):
    """The reasons that a plain `role: paid` is for: all that the pack declares."""

    of_the_pack: tuple[str, ...]


def fact(reading: Reading, key: Scalar, node: Mapped, paid: Paid) -> Fact | None:
    """A declared fact; None where its type is not known."""
    written = words(node, "type")
    if written is None:
        reading.excuse()
        return None
    fact_type = FactType(written)
    for name, only in _BELONGS.items():
        if name in node and fact_type is not only:
            reading.note(node.entries[name].key.place, f"`{name}` is for {only.value} facts; take it out")
    values = _codes(reading, node) if fact_type is FactType.CODE else ()
    lowest, highest = _bounds(reading, node) if fact_type is FactType.INTEGER else (None, None)
    provided_by = ProvidedBy(words(node, "provided_by") or ProvidedBy.CALLER)
    kind = FactKind(key.text, fact_type, values, is_true(node, "ordered"), lowest, highest, provided_by)
    return Fact(
        name=key.text,
        type=fact_type,
        title=title(node),
        provided_by=provided_by,
        unit=words(node, "unit"),
        values=values,
        titles=_titles(reading, node, values) if fact_type is FactType.CODE else {},
        ordered=kind.ordered,
        lowest=lowest,
        highest=highest,
        presume=_presumed(reading, node, kind),
        paid_for=_paid_for(reading, node, paid) if fact_type is FactType.MONEY else (),
        paid_where_known=_paid_where_known(reading, node) if fact_type is FactType.MONEY else (),
        pack=reading.pack,
        place=key.place,
    )


def _codes(reading: Reading, node: Mapped) -> tuple[str, ...]:
    if "values" not in node:
        reading.note(node.place, "`values` is missing: list the codes of this fact")
    found: dict[str, None] = {}
    for code in scalars(node.get("values")):
        if code.text in found:
            reading.note(code.place, f"the code `{code.text}` stands here twice; take one out")
        found[code.text] = None
    return tuple(found)


def _titles(reading: Reading, node: Mapped, values: tuple[str, ...]) -> dict[str, Text]:
    """What the codes are called; a code may go without."""
    found: dict[str, Text] = {}
    written = node.get("titles")
    for code, entry in written.entries.items() if isinstance(written, Mapped) else ():
        if code not in values:
            reading.note(entry.key.place, f"`{code}` is no code of this fact{meant(code, values, kind='codes')}")
        elif isinstance(written, Mapped) and (told := text(written, code)) is not None:
            found[code] = told
    return found


def _bounds(reading: Reading, node: Mapped) -> tuple[int | None, int | None]:
    lowest, highest = whole(node, "lowest"), whole(node, "highest")
    if lowest is not None and highest is not None and highest < lowest:
        place = node.place_of("highest")
        reading.note(place, f"the highest, {highest}, is below the lowest, {lowest}; nothing would fit")
    return lowest, highest


def _presumed(reading: Reading, node: Mapped, kind: FactKind) -> FactValue | None:
    written = node.get("presume")
    if not isinstance(written, Scalar):
        return None
    found = value(reading, written, kind, parameters=False, bounded=True)
    assert not isinstance(found, ParameterRef)
    return found


def _paid_for(reading: Reading, node: Mapped, paid: Paid) -> tuple[str, ...]:
    role = node.get("role")
    if isinstance(role, Mapped):
        return reading.patterns(role.get("paid"))
    return paid.of_the_pack if isinstance(role, Scalar) else ()


def _paid_where_known(reading: Reading, node: Mapped) -> tuple[str, ...]:
    role = node.get("role")
    return reading.patterns(role.get("paid_where_known")) if isinstance(role, Mapped) else ()
