"""Where the parameters of an estimate came from, and what share of the estimate rests on defaults.

The cost of escalating is a sum of terms: the labour of each tier, repeat contacts, the remedy paid all the same,
customers lost, the public, outside bodies. A term rests on defaults to the share of its parameters that are defaults;
the estimate does so to the share of its terms, weighed by what they cost. All is exact and can be reckoned by hand.
Source: docs/explanation/costs.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import CostParameters
from policyservice.rulebook.model import CostValue

_MEASURED = re.compile(r"measured on ([0-9]{1,12}) cases?\b")


class Origin(StrEnum):
    """Where a parameter came from."""

    DEFAULT = "default"
    OWN = "own"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a parameter came from; `cases` is how many it was measured on, None where it was not measured."""

    origin: Origin
    cases: int | None = None


def measured_on(cases: int) -> str:
    """The source of a parameter that was measured on a number of cases."""
    return f"measured on {cases} case{'' if cases == 1 else 's'}"


def provenance(value: CostValue) -> Provenance:
    """Where a parameter came from, by its source: `default...`, `measured on N cases...`, else an own figure."""
    if value.source.startswith("default"):
        return Provenance(Origin.DEFAULT)
    found = _MEASURED.match(value.source)
    return Provenance(Origin.MEASURED, int(found[1])) if found else Provenance(Origin.OWN)


def resting_on_defaults(parameters: CostParameters, remedy_cost: Fraction) -> dict[str, Fraction]:
    """For each view the share of the stated cost of escalating that rests on defaults, 0 to 1.

    `remedy_cost` is k*A in whole currency units. A view that costs nothing rests on nothing: 0.
    """
    defaults = frozenset(parameters.defaults())
    shares, whole, resting = {}, Fraction(0), Fraction(0)
    for view in VIEWS:
        for cost, symbols in _terms(parameters, remedy_cost, view):
            whole += cost
            resting += cost * sum(symbol in defaults for symbol in symbols) / len(symbols)
        shares[view] = resting / whole if whole else Fraction(0)
    return shares


def _terms(parameters: CostParameters, remedy_cost: Fraction, view: str) -> Iterator[tuple[Fraction, tuple[str, ...]]]:
    """What a view adds to the one before: each term's cost, and the symbols it is reckoned from."""
    p = parameters.stated()
    q, g, per_minute = p["q"], p["g"], 1 / (60 * p["u"])
    if view == "cash":
        yield q * p["h1"] * p["w1"] * per_minute, ("q", "h1", "w1", "u")
        yield q * p["h2"] * p["w2"] * per_minute, ("q", "h2", "w2", "u")
        yield q * p["p3"] * p["h3"] * p["w3"] * per_minute, ("q", "p3", "h3", "w3", "u")
        yield q * p["r"] * p["hr"] * p["w1"] * per_minute, ("q", "r", "hr", "w1", "u")
        yield q * g * remedy_cost, ("q", "g")
    elif view == "churn":
        yield p["V"] * q * g * p["d_slow"], ("V", "q", "g", "d_slow")
        yield p["V"] * (1 - q * g) * p["d_none"], ("V", "q", "g", "d_none")
    else:
        yield p["p_pub"] * p["c_pub"], ("p_pub", "c_pub")
        yield p["p_ext"] * p["c_ext"], ("p_ext", "c_ext")
