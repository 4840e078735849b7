"""Values and conditions in the words of a pack's text."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Not,
    Op,
    ParameterRef,
    ParameterUnit,
    Rulebook,
)


class Wording:
    """The words of a rulebook's conditions, for a rule whose sums are in `currency`."""

    def __init__(self, rulebook: Rulebook, currency: str) -> None:
        self._rulebook = rulebook
        self._currency = currency

    def condition(self, condition: Condition) -> str:
        """A condition, as it could stand in a pack."""
        match condition:
            case Compare(fact=fact, op=Op.IS, value=value):
                return f"{fact}: {self._value(fact, value)}"
            case Compare(fact=fact, op=op, value=value):
                return f"{fact}: {{{op.value}: {self._value(fact, value)}}}"
            case Not(of=part):
                return f"not: {{{self.condition(part)}}}"
            case AllOf(of=parts):
                return f"all: [{', '.join(f'{{{self.condition(part)}}}' for part in parts)}]"
            case AnyOf(of=parts):
                return f"any: [{', '.join(f'{{{self.condition(part)}}}' for part in parts)}]"

    def _value(self, fact: str, value: object) -> str:
        if isinstance(value, ParameterRef):
            return value.name
        return shown(value, self._type(fact), self._currency)

    def _type(self, fact: str) -> FactType:
        if fact in self._rulebook.reckoned:
            return self._rulebook.reckoned[fact].type
        declared = self._rulebook.facts.get(fact)
        return FactType.CODE if declared is None else declared.type


def shown(value: object, type: FactType | ParameterUnit, currency: str) -> str:
    """A value: money as a decimal of `currency`, a date, a share in percent, a list, a plain word."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if type.value == "money":
            return f"-{decimal_string(-value, currency)}" if value < 0 else decimal_string(value, currency)
        case int() if type.value == "date":
            return date.fromordinal(value).isoformat()
        case Fraction() if type.value == "percent":
            return percent(value)
        case tuple():
            return f"[{', '.join(shown(one, type, currency) for one in value)}]"
    return str(value)


def percent(part: Fraction) -> str:
    """A share in percent."""
    scaled = part * 100
    return f"{scaled.numerator} %" if scaled.denominator == 1 else f"{float(scaled):g} %"
