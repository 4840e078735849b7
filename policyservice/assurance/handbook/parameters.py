"""A parameter in words: its value on the day, from when it changes, or the values that a date picks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from policyservice.assurance.handbook.writing import Writer
from policyservice.rulebook.model import DatedValue, Parameter, ParameterUnit


def parameter(writer: Writer, name: str, fact: str | None = None) -> str:
    """The value of a parameter; `fact` is what it is held against, whose unit it then has."""
    found = writer.rulebook.parameters[name]
    if found.in_force_by is not None:
        listed = "; ".join(_from_then(writer, found, dated, fact) for dated in found.values)
        return writer.say("by_date_of", fact=writer.title(found.in_force_by), listed=listed)
    now = _value(writer, found, found.at(writer.day.toordinal()), fact)
    changes = [_from_then(writer, found, dated, fact) for dated in found.values if dated.start > writer.day]
    return writer.say("with_changes", value=now, listed="; ".join(changes)) if changes else now


def is_plain(writer: Writer, name: str) -> bool:
    """Whether a parameter is told as one value, and not as a list."""
    found = writer.rulebook.parameters[name]
    return found.in_force_by is None and all(dated.start <= writer.day for dated in found.values)


def _from_then(writer: Writer, found: Parameter, dated: DatedValue, fact: str | None) -> str:
    return writer.say("from_then", value=_value(writer, found, dated.value, fact), day=writer.date(dated.start))


def _value(writer: Writer, found: Parameter, value: int | str | Fraction | None, fact: str | None) -> str:
    if value is None:
        return writer.say("not_decided")
    match found.unit:
        case ParameterUnit.PERCENT:
            return writer.percent(Fraction(value))
        case ParameterUnit.MONEY:
            return writer.money(int(value), found.currency)
        case ParameterUnit.DATE:
            return writer.date(date.fromordinal(int(value)))
        case ParameterUnit.INTEGER:
            declared = writer.rulebook.facts.get(fact or "")
            return writer.quantity(int(value), declared.unit if declared is not None else None)
        case ParameterUnit.CODE:
            return writer.code(str(value), fact)
