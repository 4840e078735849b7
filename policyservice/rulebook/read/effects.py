"""What a rule does when it fires; in a table with the row's cells in place of `$names`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policyservice.domain.vocabulary import Basis, Text
from policyservice.rulebook.model import Amount, Effect, EffectKind, Place, ProvidedBy
from policyservice.rulebook.read.amounts import amount
from policyservice.rulebook.read.names import FactKind
from policyservice.rulebook.read.reading import Reading, is_true, items, scalars, words
from policyservice.rulebook.read.values import value
from policyservice.rulebook.schema.expressions import EFFECT
from policyservice.rulebook.text.nodes import Broken, Entry, Items, Kind, Mapped, Node, Scalar

_OWED = (Basis.LAW, Basis.CONTRACT)
_SUM_UNDER = {EffectKind.ENTITLE: "amount", EffectKind.PERMIT: "up_to"}


@dataclass(frozen=True, slots=True)
class Cells:
    """A row's values of `$columns`: None where the row has none for a column that there is."""

    values: Mapping[str, Node | None] = field(default_factory=dict)
    row: Place | None = None


def dollars(node: Node | None) -> Iterator[str]:
    """The `$names` in effects, where a value or an amount may stand."""
    for effect in items(node):
        for kind, body in effect.items() if isinstance(effect, Mapped) else ():
            if kind.text != EffectKind.ADVISE:
                yield from _dollars(body)


def _dollars(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar) and _is_dollar(node):
        yield node.text
    for part in _parts(node):
        yield from _dollars(part)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Items):
        return node.of
    return tuple(part for _, part in node.items()) if isinstance(node, Mapped) else ()


def _is_dollar(node: Scalar) -> bool:
    return node.kind is Kind.TEXT and node.text.startswith("$")


class EffectReader:
    """Reads the effects of one rule or row. `basis` is the rule's, None where it could not be read."""

    def __init__(self, reading: Reading, basis: Basis | None, *, has_reference: bool, cells: Cells) -> None:
        self._reading = reading
        self._basis = basis
        self._has_reference = has_reference
        self._cells = cells

    def read(self, node: Node | None) -> tuple[Effect, ...]:
        """The effects of a list; one on several remedies becomes one each."""
        return tuple(
            effect
            for written in items(node)
            if isinstance(written, Mapped)
            for key, body in written.items()
            if key.text in EFFECT.keys and isinstance(body, Mapped)
            for effect in self._effects(EffectKind(key.text), body)
        )

    def _effects(self, kind: EffectKind, body: Mapped) -> Iterator[Effect]:
        match kind:
            case EffectKind.ENTITLE | EffectKind.PERMIT:
                yield from self._giving(kind, body)
            case EffectKind.FORBID | EffectKind.ESCALATE:
                basis = self._basis_of(body)
                for remedy in self._remedies(body):
                    yield Effect(kind, basis, remedy, to=words(body, "to"), place=body.place)
            case EffectKind.ADVISE:
                told = Text(words(body, "en") or "", words(body, "fi") or "")
                yield Effect(kind, self._own(), text=told, place=body.place)
            case EffectKind.CONCLUDE:
                yield from self._concluding(body)

    def _own(self) -> Basis:
        return self._basis or Basis.GOODWILL

    def _basis_of(self, body: Mapped) -> Basis:
        stated = words(body, "basis")
        if stated is None:
            return self._own()
        basis = Basis(stated)
        if basis in _OWED and not self._has_reference:
            self._reading.note(body.place_of("basis"), needs_reference(basis))
        return basis

    def _giving(self, kind: EffectKind, body: Mapped) -> Iterator[Effect]:
        named = body.get("remedy")
        basis = self._basis_of(body)
        self._check_basis(kind, basis, body)
        stated = self._amount(kind, body, named if isinstance(named, Scalar) else None)
        if isinstance(named, Scalar) and named.text in self._reading.names.remedies:
            yield Effect(kind, basis, named.text, stated, cumulative=is_true(body, "cumulative"), place=body.place)

    def _check_basis(self, kind: EffectKind, basis: Basis, body: Mapped) -> None:
        if self._basis is None and body.get("basis") is None:
            return
        if kind is EffectKind.ENTITLE and basis is Basis.GOODWILL:
            self._reading.note(
                body.place_of("basis"), "`entitle` cannot stand on goodwill: goodwill is never owed; permit it"
            )
        if kind is EffectKind.PERMIT and basis in _OWED:
            self._reading.note(
                body.place_of("basis"),
                f"`permit` cannot stand on {basis.value}: what law or contract grants is owed; entitle it",
            )

    def _amount(self, kind: EffectKind, body: Mapped, named: Scalar | None) -> Amount | None:
        key = _SUM_UNDER[kind]
        remedies = self._reading.names.remedies
        if named is not None and self._reading.known("remedies", named, remedies):
            has_amount = remedies[named.text].has_amount
            if has_amount and key not in body:
                self._reading.note(body.place, f"`{key}` is missing: `{named.text}` has a sum")
            if not has_amount and key in body:
                place = body.entries[key].key.place
                self._reading.note(place, f"`{named.text}` has no sum (`amount: none`); take `{key}` out")
        written = body.get(key)
        return None if written is None else amount(self._reading, self._filled(written))

    def _remedies(self, body: Mapped) -> Iterator[str | None]:
        """The remedies an effect is on; None once for every remedy."""
        if "every" in body:
            yield None
            return
        one = body.get("remedy")
        for named in (one,) if isinstance(one, Scalar) else scalars(body.get("remedies")):
            if self._reading.known("remedies", named, self._reading.names.remedies):
                yield named.text

    def _concluding(self, body: Mapped) -> Iterator[Effect]:
        for key, written in body.items():
            fact = self._concluded(key)
            node = self._filled(written)
            if fact is None or not isinstance(node, Scalar):
                continue
            found = value(self._reading, node, fact, bounded=True)
            yield Effect(EffectKind.CONCLUDE, self._own(), fact=fact.name, value=found, place=key.place)

    def _concluded(self, key: Scalar) -> FactKind | None:
        """The fact of that name where rules may conclude it; a problem noted where not."""
        names = self._reading.names
        fact = names.kind_of(key.text)
        if fact is None:
            self._reading.known("facts", key, {*names.facts, *names.reckoned})
            return None
        if fact.is_reckoned:
            self._reading.note(key.place, f"`{fact.name}` is reckoned from other facts; conclude another one")
            return None
        if fact.provided_by is not ProvidedBy.RULES:
            who = "the caller" if fact.provided_by is ProvidedBy.CALLER else "the company's systems"
            self._reading.note(
                key.place, f"`{fact.name}` is provided by {who}; rules conclude facts declared `provided_by: rules`"
            )
            return None
        return fact

    def _filled(self, node: Node) -> Node:
        """The node with the row's cells in place of `$names`."""
        if isinstance(node, Items):
            return Items(node.place, tuple(self._filled(part) for part in node.of))
        if isinstance(node, Mapped):
            entries = {text: Entry(entry.key, self._filled(entry.value)) for text, entry in node.entries.items()}
            return Mapped(node.place, entries, node.partial)
        if not isinstance(node, Scalar) or not _is_dollar(node):
            return node
        return self._cell(node)

    def _cell(self, node: Scalar) -> Node:
        values = self._cells.values
        if node.text not in values:
            columns = ", ".join(f"`{name}`" for name in values) or "none"
            self._reading.note(node.place, f"there is no column `{node.text}`; columns with a value here: {columns}")
            return Broken(node.place)
        found = values[node.text]
        if found is None:
            assert self._cells.row is not None
            self._reading.note(self._cells.row, f"the row has no value for `{node.text}`, which its effects need")
            return Broken(node.place)
        return found


def needs_reference(basis: Basis) -> str:
    """What is said where law or contract stands without its text."""
    return f"the basis is {basis.value}, so the rule needs a `reference`: the text it rests on"
