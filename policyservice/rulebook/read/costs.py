"""Cost parameters that a pack states in place of the defaults."""

from __future__ import annotations

from fractions import Fraction

from policyservice.rulebook.model import CostSet, CostValue, SpeedTarget
from policyservice.rulebook.problems import meant
from policyservice.rulebook.read.reading import Reading, scalars, whole, words
from policyservice.rulebook.text.nodes import Mapped, Scalar

SHARES = frozenset({"u", "p3", "q", "g", "d_slow", "d_none", "p_pub", "p_ext"})
"""Symbols of the cost model that are shares of a whole."""

SYMBOLS = SHARES | {"w1", "w2", "w3", "hd", "h1", "h2", "h3", "r", "hr", "V", "c_pub", "c_ext", "i"}
"""Every symbol of the cost model. Source: docs/explanation/costs.md."""

LARGEST = 10**12
_DIVISOR = "u"
_ENDS = ("low", "value", "high")


def cost_set(reading: Reading, node: Mapped) -> CostSet:
    """One set of cost parameters; what is wrong with it is noted."""
    return CostSet(
        values=_values(reading, node),
        reasons=reading.patterns(node.get("reasons")),
        channels=tuple(item.text for item in scalars(node.get("channels"))),
        queues=tuple(item.text for item in scalars(node.get("queues"))),
        currency=reading.currency,
        pack=reading.pack,
        place=node.place,
    )


def speed_target(reading: Reading, node: Mapped) -> SpeedTarget:
    """One target of speed; what is wrong with it is noted."""
    minutes, share = node.get("remedy_within_minutes"), node.get("first_contact")
    if minutes is None and share is None:
        reading.note(node.place, "no target: state `remedy_within_minutes`, `first_contact` or both")
    return SpeedTarget(
        remedy_within_minutes=whole(node, "remedy_within_minutes"),
        first_contact=None if share is None else _number(reading, "first_contact", share),
        reasons=reading.patterns(node.get("reasons")),
        pack=reading.pack,
        place=node.place,
    )


def _values(reading: Reading, node: Mapped) -> dict[str, CostValue]:
    parameters = node.get("parameters")
    found: dict[str, CostValue] = {}
    for key, stated in parameters.items() if isinstance(parameters, Mapped) else ():
        if key.text not in SYMBOLS:
            hint = meant(key.text, SYMBOLS, kind="symbols")
            reading.note(key.place, f"unknown symbol of the cost model `{key.text}`{hint}")
        elif isinstance(stated, Mapped) and (value := _value(reading, key.text, stated)) is not None:
            found[key.text] = value
    return found


def _value(reading: Reading, symbol: str, node: Mapped) -> CostValue | None:
    numbers = [_number(reading, symbol, node.get(end)) for end in _ENDS]
    if any(number is None for number in numbers):
        return None
    low, value, high = (number for number in numbers if number is not None)
    if not low <= value <= high:
        reading.note(node.place, f"`{symbol}` must have low <= value <= high; put the three in that order")
    return CostValue(value, low, high, words(node, "source") or "")


def _number(reading: Reading, symbol: str, node: object) -> Fraction | None:
    if not isinstance(node, Scalar):
        return None
    number = node.value if isinstance(node.value, Fraction) else Fraction(node.text)
    if (wrong := _wrong(symbol, number)) is not None:
        reading.note(node.place, f"`{symbol}` {wrong}")
    return number


def _wrong(symbol: str, number: Fraction) -> str | None:
    if symbol == _DIVISOR and number <= 0:
        return "must be more than 0: the model divides by it"
    if number < 0:
        return "is not negative; state 0 or more"
    if symbol in (*SHARES, "first_contact") and number > 1:
        return "is a share, at most 1 (or 100 %)"
    if number > LARGEST:
        return f"is too large: at most {LARGEST}"
    return None
