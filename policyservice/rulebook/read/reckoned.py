"""Reckoned facts: their types first, since one may rest on another, then their expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyservice.domain.vocabulary import FactType, Text
from policyservice.rulebook.model import Fixed, Reckoned
from policyservice.rulebook.read.amounts import reckoned
from policyservice.rulebook.read.names import Names
from policyservice.rulebook.read.reading import Reading, text
from policyservice.rulebook.read.register import register
from policyservice.rulebook.text.nodes import Broken, Items, Kind, Mapped, Node, Scalar

_COUNTS = frozenset({"per", "started", "completed", "title"})
"""Keys whose value says nothing about whether the whole is money."""

Declaration = tuple[Reading, Scalar, Mapped]


def declare_reckoned(declarations: Sequence[Declaration], names: Names) -> None:
    """Enter every reckoned fact under its name, with what is wrong with it noted."""
    nodes = {key.text: node for _, key, node in reversed(declarations)}
    written_in = {key.text: reading.currency for reading, key, _ in reversed(declarations)}
    for name, node in nodes.items():
        names.reckoned[name] = Reckoned(name, _type(node, nodes, names), Fixed(0), Text(name, name))
        if (currency := _currency(name, nodes, written_in, frozenset())) is not None:
            names.reckoned_in[name] = currency
    read: dict[str, Reckoned] = {}
    for declaration in declarations:
        _read(declaration, names, read)
    names.reckoned.update(read)


def _read(declaration: Declaration, names: Names, read: dict[str, Reckoned]) -> None:
    reading, key, node = declaration
    declared = names.facts.get(key.text)
    if declared is not None:
        reading.note(key.place, f"`{key.text}` is declared as a fact, too ({declared.place}); rename one")
        return
    found = names.reckoned[key.text].type
    expression = reckoned(reading, node, found)
    if expression is None or reading.faults:
        names.broken.add(("facts", key.text))
        expression = expression or Fixed(0)
    words = text(node, "title") or Text(key.text, key.text)
    new = Reckoned(key.text, found, expression, words, reading.pack, key.place)
    register(reading, read, key, new, ("type", "expression"))


def _type(node: Node, nodes: Mapping[str, Mapped], names: Names) -> FactType:
    return FactType.MONEY if _is_money(node, nodes, names, frozenset()) else FactType.INTEGER


def _is_money(node: Node, nodes: Mapping[str, Mapped], names: Names, seen: frozenset[str]) -> bool:
    """Whether a money fact or a decimal stands anywhere in an expression, or below it."""
    if isinstance(node, Scalar) and node.kind is Kind.TEXT:
        if node.text in nodes and node.text not in seen:
            return _is_money(nodes[node.text], nodes, names, seen | {node.text})
        return node.text in names.facts and names.facts[node.text].type is FactType.MONEY
    if isinstance(node, Scalar):
        return node.kind is Kind.DECIMAL
    return any(_is_money(part, nodes, names, seen) for part in _parts(node))


def _currency(
    name: str, nodes: Mapping[str, Mapped], written_in: Mapping[str, str], seen: frozenset[str]
) -> str | None:
    """The currency of the sums written in a reckoned fact or in one that it rests on; None where there are none."""
    if name in seen:
        return None

    def of(node: Node) -> str | None:
        if isinstance(node, Scalar) and node.kind is Kind.DECIMAL:
            return written_in[name]
        if isinstance(node, Scalar):
            below = node.kind is Kind.TEXT and node.text in nodes
            return _currency(node.text, nodes, written_in, seen | {name}) if below else None
        return next((found for part in _parts(node) if (found := of(part)) is not None), None)

    return of(nodes[name])


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Items):
        return node.of
    if isinstance(node, Mapped):
        return tuple(part for key, part in node.items() if key.text not in _COUNTS)
    assert isinstance(node, (Broken, Scalar))
    return ()
