"""Parameters: named values that change by date."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import DatedValue, Parameter, ParameterUnit
from policyservice.rulebook.problems import an
from policyservice.rulebook.read.conditions import fact_named
from policyservice.rulebook.read.names import Names
from policyservice.rulebook.read.reading import Reading, words
from policyservice.rulebook.text.nodes import Kind, Mapped, Node, Scalar, described

_EXPECTED = "expected"
_WHAT = {
    ParameterUnit.PERCENT: "a percentage such as 12.5 %",
    ParameterUnit.INTEGER: "a whole number",
    ParameterUnit.DATE: "a date such as 2026-01-31",
    ParameterUnit.CODE: "a code",
}

Value = int | str | Fraction


def parameter(reading: Reading, key: Scalar, node: Mapped) -> Parameter | None:
    """A parameter; None where its unit is not known."""
    written = words(node, "unit")
    if written is None:
        reading.excuse()
        return None
    unit = ParameterUnit(written)
    lowest, highest = _rails(reading, node, unit)
    return Parameter(
        name=key.text,
        what=words(node, "what") or "",
        unit=unit,
        currency=reading.currency,
        values=_values(reading, node, unit, lowest, highest),
        lowest=lowest,
        highest=highest,
        in_force_by=date_fact(reading, node),
        pack=reading.pack,
        place=key.place,
    )


def date_fact(reading: Reading, node: Mapped) -> str | None:
    """The date fact named under `in_force_by`; None where there is none, noted where it is none."""
    named = node.get("in_force_by")
    if not isinstance(named, Scalar):
        return None
    fact = fact_named(reading, named)
    if fact is not None and fact.type is not FactType.DATE:
        reading.note(named.place, f"`{fact.name}` is {an(fact.type.value)} fact; what is in force goes by a date")
        return None
    return None if fact is None else fact.name


def _rails(reading: Reading, node: Mapped, unit: ParameterUnit) -> tuple[int | Fraction | None, int | Fraction | None]:
    rails = node.get("guard_rails")
    if not isinstance(rails, Mapped):
        return None, None
    if unit is ParameterUnit.CODE:
        reading.note(node.entries["guard_rails"].key.place, "codes have no guard rails; take them out")
        return None, None
    lowest, highest = _rail(reading, rails.get("lowest"), unit), _rail(reading, rails.get("highest"), unit)
    if lowest is not None and highest is not None and highest < lowest:
        reading.note(rails.place_of("highest"), "the highest guard rail is below the lowest; nothing would fit")
        return None, None
    return lowest, highest


def _rail(reading: Reading, node: Node | None, unit: ParameterUnit) -> int | Fraction | None:
    found = _value(reading, node, unit) if isinstance(node, Scalar) else None
    return None if isinstance(found, str) else found


def _values(
    reading: Reading,
    node: Mapped,
    unit: ParameterUnit,
    lowest: int | Fraction | None,
    highest: int | Fraction | None,
) -> tuple[DatedValue, ...]:
    """The values by date, the earliest first."""
    values = node.get("values")
    if not isinstance(values, Mapped):
        return ()
    found: list[DatedValue] = []
    for key, dated in values.items():
        assert isinstance(key.value, date)
        written = dated.get("value") if isinstance(dated, Mapped) else dated
        if not isinstance(written, Scalar):
            continue
        value = _dated(reading, written, unit)
        if isinstance(value, (int, Fraction)) and not _between(value, lowest, highest):
            reading.note(written.place, f"`{written.text}` is outside the guard rails of this parameter")
        because, reference = (
            (words(dated, w) for w in ("because", "reference")) if isinstance(dated, Mapped) else (None,) * 2
        )
        found.append(DatedValue(key.value, value, because, reference))
    return tuple(sorted(found, key=lambda dated: dated.start))


def _between(value: int | Fraction, lowest: int | Fraction | None, highest: int | Fraction | None) -> bool:
    return (lowest is None or value >= lowest) and (highest is None or value <= highest)


def _dated(reading: Reading, node: Scalar, unit: ParameterUnit) -> Value | None:
    if node.kind is Kind.TEXT and node.text == _EXPECTED:
        return None
    return _value(reading, node, unit)


def _value(reading: Reading, node: Scalar, unit: ParameterUnit) -> Value | None:
    """A value of the unit; None, and a problem noted, for anything else."""
    match unit, node.kind, node.value:
        case ParameterUnit.MONEY, _, _:
            return reading.sum(node)
        case ParameterUnit.PERCENT, Kind.PERCENT, Fraction() as share:
            return share
        case ParameterUnit.PERCENT, (Kind.INTEGER | Kind.DECIMAL), _ if not node.text.startswith("-"):
            return Fraction(node.text) / 100
        case ParameterUnit.INTEGER, Kind.INTEGER, int() as number:
            return number
        case ParameterUnit.DATE, Kind.DATE, date() as day:
            return day.toordinal()
        case ParameterUnit.CODE, Kind.TEXT, str() as code:
            return code
    reading.note(node.place, f"expected {_WHAT[unit]}, found {described(node)}")
    return None


def check_names(names: Names) -> None:
    """Note parameters that are called as a code of a fact is: in a condition the two could not be told apart."""
    codes = {code: fact.name for fact in reversed(names.facts.values()) for code in fact.values}
    for parameter in names.parameters.values():
        if parameter.name in codes and parameter.place is not None:
            names.problems.add(
                parameter.place, f"`{parameter.name}` is a code of `{codes[parameter.name]}`, too; rename the parameter"
            )
