from __future__ import annotations

from fractions import Fraction

import pytest

from policyservice.costs.escalation import escalating
from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import DEFAULTS, for_case
from policyservice.costs.provenance import Origin, Provenance, _terms, measured_on, provenance, resting_on_defaults
from tests.costs.factories import a_set, a_value

_OWN = {symbol: a_value(str(found.value), str(found.low), str(found.high)) for symbol, found in DEFAULTS.items()}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("default: assumption", Provenance(Origin.DEFAULT)),
        ("own ledger 2025", Provenance(Origin.OWN)),
        ("measured on 240 cases", Provenance(Origin.MEASURED, 240)),
        (measured_on(1), Provenance(Origin.MEASURED, 1)),
        ("measured on the phone", Provenance(Origin.OWN)),
    ],
)
def test_the_source_of_a_parameter_says_where_it_came_from(source: str, expected: Provenance) -> None:
    assert provenance(a_value("1", source=source)) == expected


def test_an_estimate_of_defaults_alone_rests_on_defaults_wholly_and_one_of_own_figures_not_at_all() -> None:
    assert resting_on_defaults(for_case((), "a"), Fraction(7)) == dict.fromkeys(VIEWS, Fraction(1))
    assert resting_on_defaults(for_case((a_set(**_OWN),), "a"), Fraction(7)) == dict.fromkeys(VIEWS, Fraction(0))


@pytest.mark.parametrize("cost", [0, 7, 50])
def test_the_terms_add_up_to_the_model(cost: int) -> None:
    parameters = for_case((a_set(p_ext="0.01", c_ext="700"),), "a")
    lines, added = escalating(parameters.stated()), Fraction(0)

    for view in VIEWS:
        added += sum((term for term, _ in _terms(parameters, Fraction(cost), view)), Fraction(0))
        assert added == lines[view].fixed + lines[view].slope * cost


def test_the_share_of_a_known_remedy_is_reckoned_by_hand() -> None:
    # only q is known: labour of 16.03 rests on three or four of four or five symbols, the remedy on g alone
    shares = resting_on_defaults(for_case((a_set(q="0.7"),), "a"), Fraction(0))

    tier_1, tier_2, tier_3, repeats = (Fraction(n) for n in (160, 570, 120, 112))
    by_hand = ((tier_1 + tier_2) * Fraction(3, 4) + (tier_3 + repeats) * Fraction(4, 5)) / 962
    assert shares["cash"] == by_hand


def test_nothing_that_costs_anything_rests_on_nothing() -> None:
    nothing = a_set(h1="0", h2="0", h3="0", r="0", V="0", p_pub="0")

    assert resting_on_defaults(for_case((nothing,), "a"), Fraction(0)) == dict.fromkeys(VIEWS, Fraction(0))
