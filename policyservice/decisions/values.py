"""Single raw values of a request to the service's own; strict, nothing is coerced."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime

from policyservice.domain.errors import FieldProblem
from policyservice.domain.money import decimal_string, parse_minor
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.rulebook.model import Fact

LONGEST_REFERENCE = 200
LONGEST_TEXT = 500
LONGEST_JUSTIFICATION = 2000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
)
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def a_reference(field: str, value: object) -> str:
    """A reference to something outside: 1 to 200 printable characters, not blank at either end."""
    text = _a_string(field, value)
    if not 0 < len(text) <= LONGEST_REFERENCE or not text.isprintable() or text != text.strip():
        raise FieldProblem(field, f"expected 1 to {LONGEST_REFERENCE} printable characters, none blank at an end.")
    return text


def a_text(field: str, value: object, longest: int = LONGEST_TEXT, lines: bool = False) -> str:
    """A text in NFC without control characters; line breaks and tabs only where `lines`."""
    text = _a_string(field, value)
    if len(text) > longest:
        raise FieldProblem(field, f"is longer than {longest} characters.")
    allowed = "\n\r\t" if lines else ""
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in allowed for sign in text):
        raise FieldProblem(field, "holds control characters.")
    return text


def a_sum(field: str, value: object, currency: str, *, zero: bool) -> int:
    """Minor units of a decimal string in the request's currency; never negative, 0 only where `zero`."""
    if not isinstance(value, str):
        raise FieldProblem(field, f"expected a decimal string such as '7.00', not {_kind(value)}.")
    minor = parse_minor(value, currency, field)
    if value.startswith("-"):
        raise FieldProblem(field, "is negative.")
    if minor == 0 and not zero:
        raise FieldProblem(field, "is zero; ask for a sum above it.")
    return minor


def an_instant(field: str, value: object) -> datetime:
    """An instant of RFC 3339 with its offset, in UTC."""
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise FieldProblem(field, "expected an instant with its offset, such as '2026-11-22T10:15:00+02:00'.")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldProblem(field, "is not an instant of the calendar.") from None


def a_fact(field: str, fact: Fact, value: object, currency: str) -> FactValue:
    """A fact's value as the engine takes it: money in minor units, a date as its ordinal.

    Raises:
        FieldProblem: another type than the vocabulary declares, or outside its bounds.
    """
    return _OF_TYPE[fact.type](field, fact, value, currency)


def _a_boolean(field: str, fact: Fact, value: object, currency: str) -> bool:
    if not isinstance(value, bool):
        raise FieldProblem(field, f"expected true or false, not {_kind(value)}.")
    return value


def _an_integer(field: str, fact: Fact, value: object, currency: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldProblem(field, f"expected an integer, not {_kind(value)}.")
    lowest = _SMALLEST if fact.lowest is None else fact.lowest
    highest = _LARGEST if fact.highest is None else fact.highest
    if not lowest <= value <= highest:
        raise FieldProblem(field, f"expected {lowest} up to and including {highest}.")
    return value


def _a_money_fact(field: str, fact: Fact, value: object, currency: str) -> int:
    minor = a_sum(field, value, currency, zero=True)
    if fact.lowest is not None and minor < fact.lowest:
        raise FieldProblem(field, f"is less than {decimal_string(fact.lowest, currency)}.")
    if fact.highest is not None and minor > fact.highest:
        raise FieldProblem(field, f"is more than {decimal_string(fact.highest, currency)}.")
    return minor


def _a_code(field: str, fact: Fact, value: object, currency: str) -> str:
    if not isinstance(value, str) or value not in fact.values:
        raise FieldProblem(field, f"expected one of {', '.join(fact.values)}.")
    return value


def _a_date(field: str, fact: Fact, value: object, currency: str) -> int:
    if not isinstance(value, str) or not _DATE.match(value):
        raise FieldProblem(field, "expected a date such as '2026-11-22'.")
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        raise FieldProblem(field, "is not a date of the calendar.") from None


def _a_text_fact(field: str, fact: Fact, value: object, currency: str) -> str:
    return a_text(field, value)


_OF_TYPE: dict[FactType, Callable[[str, Fact, object, str], FactValue]] = {
    FactType.BOOLEAN: _a_boolean,
    FactType.INTEGER: _an_integer,
    FactType.MONEY: _a_money_fact,
    FactType.CODE: _a_code,
    FactType.DATE: _a_date,
    FactType.TEXT: _a_text_fact,
}


def _a_string(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise FieldProblem(field, f"expected a text, not {_kind(value)}.")
    return unicodedata.normalize("NFC", value)


def _kind(value: object) -> str:
    """What a JSON value is, for a message; never the value itself."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
