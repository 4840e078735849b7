"""Sets of cost parameters as JSON and back, for the versions kept in the database.

    {"sets": [{"reasons": ["delivery.*"], "channels": ["phone"], "queues": ["lead"], "measured": true,
               "values": {"V": {"value": "60", "low": "20", "high": "200", "source": "..."}}}]}

`channels`, `queues` and `measured` are left out where they say nothing. Numbers are text, since they are exact: a
decimal where it ends, else a quotient ("1/3").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from policyservice.costs.parameters import check_sets
from policyservice.domain.errors import InvalidCostParameter
from policyservice.rulebook.model import CostSet, CostValue

_EXACT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40}|/[1-9][0-9]{0,39})?\Z")
_KEYS = frozenset({"value", "low", "high", "source"})
_NARROWING = ("channels", "queues")
_OF_SET = frozenset({"reasons", "values", "measured", *_NARROWING})


def to_json(sets: tuple[CostSet, ...]) -> dict[str, object]:
    """The sets in their order, for `json`; where they stood in a file is left out."""
    return {"sets": [_set_to_json(found) for found in sets]}


def from_json(body: Mapping[str, object]) -> tuple[CostSet, ...]:
    """The sets that `to_json` wrote, checked.

    Raises:
        InvalidCostParameter: the shape is another, or a value is one that its symbol cannot have.
    """
    sets = body.get("sets")
    if set(body) != {"sets"} or not isinstance(sets, list):
        raise InvalidCostParameter("sets", "a list of sets and nothing else was expected.")
    found = tuple(_set_from_json(one) for one in sets)
    check_sets(found)
    return found


def _set_to_json(found: CostSet) -> dict[str, object]:
    values = {
        symbol: {
            "value": _exact_text(one.value),
            "low": _exact_text(one.low),
            "high": _exact_text(one.high),
            "source": one.source,
        }
        for symbol, one in found.values.items()
    }
    narrowed = {name: list(names) for name in _NARROWING if (names := getattr(found, name))}
    return {
        "reasons": list(found.reasons),
        **narrowed,
        **({"measured": True} if found.measured else {}),
        "values": values,
    }


def _set_from_json(body: object) -> CostSet:
    if not isinstance(body, Mapping) or not {"reasons", "values"} <= set(body) <= _OF_SET:
        raise InvalidCostParameter("sets", "each set has `reasons` and `values`, perhaps `channels` and `queues`.")
    names = {name: _names(name, body.get(name, [])) for name in ("reasons", *_NARROWING)}
    values, measured = body["values"], body.get("measured", False)
    if not isinstance(values, Mapping):
        raise InvalidCostParameter("sets", "`values` is an object of symbols.")
    if not isinstance(measured, bool):
        raise InvalidCostParameter("sets", "`measured` is true or left out.")
    found = {symbol: _value_from_json(symbol, one) for symbol, one in values.items()}
    return CostSet(found, names["reasons"], channels=names["channels"], queues=names["queues"], measured=measured)


def _names(what: str, found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise InvalidCostParameter("sets", f"`{what}` is a list of names.")
    return tuple(found)


def _value_from_json(symbol: str, body: object) -> CostValue:
    if not isinstance(body, Mapping) or set(body) != _KEYS or not isinstance(body["source"], str):
        raise InvalidCostParameter(symbol, "value, low, high and source were expected, each as text.")
    value, low, high = (_exact_number(symbol, body[key]) for key in ("value", "low", "high"))
    return CostValue(value, low, high, body["source"])


def _exact_number(symbol: str, text: object) -> Fraction:
    if not isinstance(text, str) or _EXACT.match(text) is None:
        raise InvalidCostParameter(symbol, f"{str(text)[:40]!r} is not a number as text, such as '0.04'.")
    return Fraction(text)


def _exact_text(number: Fraction) -> str:
    """The shortest exact text: "0.04", "60", or "1/3" where no decimal ends."""
    for decimals in range(19):
        scaled = number * 10**decimals
        if scaled.denominator == 1:
            sign, digits = "-" * (number < 0), str(abs(scaled.numerator)).rjust(decimals + 1, "0")
            return sign + digits if decimals == 0 else f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
    return f"{number.numerator}/{number.denominator}"
