"""Constants of a fact's type, and the parameters that may stand in for them."""

from __future__ import annotations

from datetime import date

from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.rulebook.bounds import TEXT_COMPARED
from policyservice.rulebook.model import Parameter, ParameterRef, ParameterUnit
from policyservice.rulebook.problems import meant
from policyservice.rulebook.read.names import REASON, FactKind
from policyservice.rulebook.read.reading import Reading
from policyservice.rulebook.text.nodes import Kind, Scalar, described

EXPECTED = {
    FactType.BOOLEAN: "true or false",
    FactType.INTEGER: "a whole number",
    FactType.MONEY: "a sum such as 12.50",
    FactType.CODE: "a code",
    FactType.DATE: "a date such as 2026-01-31",
    FactType.TEXT: "a text",
}
_WRITTEN = {
    FactType.BOOLEAN: Kind.BOOLEAN,
    FactType.INTEGER: Kind.INTEGER,
    FactType.CODE: Kind.TEXT,
    FactType.DATE: Kind.DATE,
    FactType.TEXT: Kind.TEXT,
}
_UNIT = {
    FactType.INTEGER: ParameterUnit.INTEGER,
    FactType.MONEY: ParameterUnit.MONEY,
    FactType.DATE: ParameterUnit.DATE,
    FactType.CODE: ParameterUnit.CODE,
}
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})


def value(
    reading: Reading, node: Scalar, fact: FactKind, *, parameters: bool = True, bounded: bool = False
) -> FactValue | ParameterRef | None:
    """A fact's value as written, or the parameter that stands for it; None, and a problem noted, for anything else.

    With `bounded` it must lie within the fact's own lowest and highest, too.
    """
    parameters = parameters and fact.type in _UNIT and fact.name != REASON
    if node.kind is Kind.TEXT and parameters and node.text not in fact.values:
        stated = _parameter(reading, node, fact)
        if stated is not None or reading.names.is_excused("parameters", node.text):
            return stated
    found = constant(reading, node, fact, or_parameter=parameters)
    if bounded and isinstance(found, int) and not isinstance(found, bool):
        return _within(reading, node, fact, found)
    return found


def constant(reading: Reading, node: Scalar, fact: FactKind, *, or_parameter: bool = False) -> FactValue | None:
    """A constant of the fact's type; None, and a problem noted, for anything else."""
    if fact.type is FactType.MONEY and node.kind in _NUMBERS:
        return reading.sum(node, negative=fact.is_reckoned)
    if node.kind is not _WRITTEN.get(fact.type):
        other = ", or a parameter" if or_parameter and node.kind is Kind.TEXT else ""
        reading.note(node.place, f"expected {EXPECTED[fact.type]} for `{fact.name}`{other}, found {described(node)}")
        return None
    if fact.type is FactType.CODE:
        return _code(reading, node, fact)
    if fact.type is FactType.TEXT and len(node.text) > TEXT_COMPARED:
        reading.note(
            node.place,
            f"a text is compared up to a length of at most {TEXT_COMPARED} characters, "
            f"this one {len(node.text)}; shorten it",
        )
        return None
    if isinstance(node.value, date):
        return node.value.toordinal()
    assert isinstance(node.value, (int, str))
    return node.value


def _code(reading: Reading, node: Scalar, fact: FactKind) -> str | None:
    if fact.name == REASON:
        return node.text if reading.known("reasons", node, reading.names.reasons) else None
    if node.text in fact.values:
        return node.text
    hint = meant(node.text, fact.values, kind="codes")
    reading.note(node.place, f"unknown code of `{fact.name}` `{node.text}`{hint}")
    return None


def _within(reading: Reading, node: Scalar, fact: FactKind, found: int) -> int | None:
    if fact.lowest is not None and found < fact.lowest:
        reading.note(node.place, f"{found} is below the lowest value of `{fact.name}`, {fact.lowest}")
        return None
    if fact.highest is not None and found > fact.highest:
        reading.note(node.place, f"{found} is above the highest value of `{fact.name}`, {fact.highest}")
        return None
    return found


def _parameter(reading: Reading, node: Scalar, fact: FactKind) -> ParameterRef | None:
    """The parameter of that name where there is one and it fits the fact."""
    if reading.names.is_excused("parameters", node.text):
        reading.excuse()
        return None
    parameter = reading.names.parameters.get(node.text)
    if parameter is None:
        return None
    if not fits(reading, node, parameter, _UNIT[fact.type]):
        return ParameterRef(parameter.name)
    strange = [dated.value for dated in parameter.values if dated.value is not None and dated.value not in fact.values]
    if fact.type is FactType.CODE and strange:
        reading.note(
            node.place,
            f"parameter `{parameter.name}` has the value `{strange[0]}`, which is no code of `{fact.name}`",
        )
    return ParameterRef(parameter.name)


def fits(reading: Reading, node: Scalar, parameter: Parameter, unit: ParameterUnit) -> bool:
    """Whether a parameter has the unit, and the file's currency, that its place needs; if not, it is noted."""
    if parameter.unit is not unit:
        reading.note(
            node.place,
            f"parameter `{parameter.name}` is of unit {parameter.unit.value}; here stands one of unit {unit.value}",
        )
        return False
    if unit is ParameterUnit.MONEY and parameter.currency != reading.currency:
        reading.note(
            node.place,
            f"parameter `{parameter.name}` is in {parameter.currency}, this file in {reading.currency}; sums are "
            "never converted",
        )
        return False
    return True
