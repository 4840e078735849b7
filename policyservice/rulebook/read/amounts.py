"""Amounts, and the arithmetic of reckoned facts: the same expressions, over money or over counts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Difference,
    Each,
    FactRef,
    FirstKnown,
    Fixed,
    Largest,
    Least,
    ParameterRef,
    ParameterUnit,
    Share,
    SumOf,
    Unpriced,
)
from policyservice.rulebook.problems import an, meant
from policyservice.rulebook.read.conditions import fact_named
from policyservice.rulebook.read.reading import Reading, items, whole
from policyservice.rulebook.read.values import fits
from policyservice.rulebook.schema.expressions import BOUND_KEYS
from policyservice.rulebook.text.nodes import Kind, Mapped, Node, Scalar, described

UNPRICED = "unpriced"
_BESIDE = {"share": ("of",), "each": ("per",), "from": ("less",)}
"""What must stand beside the key of a form."""
_BELONGS = {"of": "share", "per": "each", "less": "from", "started": "each", "completed": "each"}
_SEVERAL: dict[str, Callable[[tuple[Amount, ...]], Amount]] = {"sum": SumOf, "least": Least, "largest": Largest}
_WRITTEN = {FactType.MONEY: "a sum", FactType.INTEGER: "a whole number"}
_UNIT = {FactType.MONEY: ParameterUnit.MONEY, FactType.INTEGER: ParameterUnit.INTEGER}
_TAKES = {
    FactType.MONEY: "an amount takes money facts",
    FactType.INTEGER: "a count takes integer facts",
}


def amount(reading: Reading, node: Node) -> Amount | None:
    """An amount of money; None, and a problem noted, for what is none."""
    return _Expressions(reading, is_reckoned=False).of(node, FactType.MONEY)


def reckoned(reading: Reading, node: Mapped, type: FactType) -> Amount | None:
    """The expression of a reckoned fact of a type; None, and a problem noted, for what is none."""
    return _Expressions(reading, is_reckoned=True).of(node, type)


class _Expressions:
    """Reads expressions; those of reckoned facts take facts and whole numbers alone."""

    def __init__(self, reading: Reading, *, is_reckoned: bool) -> None:
        self._reading = reading
        self._is_reckoned = is_reckoned

    def of(self, node: Node | None, type: FactType, *, may_be_unpriced: bool = False) -> Amount | None:
        """The expression that a node writes, of money or of a count."""
        if isinstance(node, Mapped):
            return self._mapped(node, type)
        if not isinstance(node, Scalar):
            self._reading.excuse()  # broken, and noted as such
            return None
        if node.kind is Kind.TEXT:
            return self._named(node, type, may_be_unpriced)
        return self._constant(node, type)

    def _constant(self, node: Scalar, type: FactType) -> Fixed | None:
        if type is FactType.INTEGER:
            if node.kind is Kind.INTEGER and isinstance(node.value, int):
                return Fixed(node.value)
            self._reading.note(node.place, f"expected a whole number, found {described(node)}")
            return None
        if node.kind not in (Kind.INTEGER, Kind.DECIMAL):
            self._reading.note(node.place, f"expected a sum such as 12.50, found {described(node)}")
            return None
        minor = self._reading.sum(node)
        return None if minor is None else Fixed(minor)

    def _named(self, node: Scalar, type: FactType, may_be_unpriced: bool) -> Amount | None:
        if node.text == UNPRICED and not self._is_reckoned:
            if not may_be_unpriced:
                self._reading.note(node.place, f"`{UNPRICED}` can only stand last in a `first_known`")
            return Unpriced()
        if "." in node.text:
            return self._fact(node, type)
        if self._is_reckoned:
            self._reading.note(node.place, "a reckoned fact takes facts and whole numbers, never a parameter")
            return None
        return self._parameter(node, type)

    def _fact(self, node: Scalar, type: FactType) -> FactRef | None:
        fact = fact_named(self._reading, node)
        if fact is None:
            return None
        if fact.type is not type:
            self._reading.note(node.place, f"`{fact.name}` is {an(fact.type.value)} fact; {_TAKES[type]}")
            return None
        return FactRef(fact.name)

    def _parameter(self, node: Scalar, type: FactType) -> ParameterRef | None:
        names = self._reading.names
        if names.is_excused("parameters", node.text):
            self._reading.excuse()
            return None
        if node.text not in names.parameters:
            hint = meant(node.text, names.parameters, kind="parameters")
            self._reading.note(node.place, f"expected {_WRITTEN[type]}, found the unknown name `{node.text}`{hint}")
            return None
        fits(self._reading, node, names.parameters[node.text], _UNIT[type])
        return ParameterRef(node.text)

    def _mapped(self, node: Mapped, type: FactType) -> Amount | None:
        self._check_keys(node)
        form = next((name for name in (*_BESIDE, *_SEVERAL, "first_known") if name in node), None)
        if form is None:
            self._reading.excuse()  # noted when the shape was checked
            return None
        return self._bounded(node, type, self._form(node, form, type))

    def _check_keys(self, node: Mapped) -> None:
        for form, beside in _BESIDE.items():
            for key in beside:
                if form in node and key not in node:
                    self._reading.note(node.place, f"`{form}` needs `{key}` beside it")
        for key, form in _BELONGS.items():
            if key in node and form not in node:
                self._reading.note(node.entries[key].key.place, f"`{key}` belongs beside `{form}`")
        if "started" in node and "completed" in node:
            place = node.entries["completed"].key.place
            self._reading.note(place, "`started` and `completed` stand together; count one of them")

    def _form(self, node: Mapped, form: str, type: FactType) -> Amount | None:
        if self._is_reckoned and form in ("share", "first_known"):
            place = node.entries[form].key.place
            self._reading.note(place, f"a reckoned fact is whole-number arithmetic; `{form}` has no place in it")
            return None
        match form:
            case "share":
                return self._share(node, type)
            case "each":
                return self._each(node, type)
            case "from":
                return self._difference(node, type)
            case "first_known":
                return self._first_known(node, type)
        parts = [self.of(part, type) for part in items(node.get(form))]
        known = tuple(part for part in parts if part is not None)
        return _SEVERAL[form](known) if known and len(known) == len(parts) else None

    def _share(self, node: Mapped, type: FactType) -> Share | None:
        part, of = node.get("share"), node.get("of")
        if type is FactType.INTEGER:
            self._reading.note(node.entries["share"].key.place, "a count is a whole number; a share has no place in it")
            return None
        share = self._percentage(part) if isinstance(part, Scalar) else None
        whole_of = self.of(of, type) if of is not None else None
        return Share(share, whole_of) if share is not None and whole_of is not None else None

    def _percentage(self, node: Scalar) -> Fraction | ParameterRef | None:
        if node.kind is Kind.PERCENT and isinstance(node.value, Fraction):
            return node.value
        if node.kind is not Kind.TEXT:
            what = "expected a percentage such as 12.5 %, or a parameter"
            self._reading.note(node.place, f"{what}, found {described(node)}")
            return None
        parameters = self._reading.names.parameters
        if not self._reading.known("parameters", node, parameters):
            return None
        fits(self._reading, node, parameters[node.text], ParameterUnit.PERCENT)
        return ParameterRef(node.text)

    def _each(self, node: Mapped, type: FactType) -> Each | None:
        each = self.of(node.get("each"), type) if node.get("each") is not None else None
        per = self.of(node.get("per"), FactType.INTEGER) if node.get("per") is not None else None
        started, completed = whole(node, "started"), whole(node, "completed")
        if each is None or per is None:
            return None
        return Each(each, per, started or completed, started=started is not None)

    def _difference(self, node: Mapped, type: FactType) -> Difference | None:
        minuend = self.of(node.get("from"), type) if node.get("from") is not None else None
        subtrahend = self.of(node.get("less"), type) if node.get("less") is not None else None
        return Difference(minuend, subtrahend) if minuend is not None and subtrahend is not None else None

    def _first_known(self, node: Mapped, type: FactType) -> FirstKnown | None:
        written = items(node.get("first_known"))
        last = len(written) - 1
        parts = [self.of(part, type, may_be_unpriced=0 < position == last) for position, part in enumerate(written)]
        known = tuple(part for part in parts if part is not None)
        return FirstKnown(known) if known and len(known) == len(parts) else None

    def _bounded(self, node: Mapped, type: FactType, inner: Amount | None) -> Amount | None:
        bounds = {key: self.of(node.get(key), type) for key in BOUND_KEYS if node.get(key) is not None}
        if inner is None or not bounds:
            return inner
        return Bounded(inner, bounds.get("nothing_below"), bounds.get("at_least"), bounds.get("at_most"))
