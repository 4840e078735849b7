from __future__ import annotations

from fractions import Fraction

from policyservice.costs.parameters import for_case
from policyservice.costs.remedy import deciding


def test_deciding_at_once_costs_two_minutes_and_the_remedy_with_what_it_induces() -> None:
    line = deciding(for_case((), "a").stated())

    assert line.fixed == Fraction(2 * 32) / 42
    assert line.slope == Fraction("1.1")
