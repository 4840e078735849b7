from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyservice.costs.compare import CostModel
from policyservice.costs.curves import curves
from policyservice.costs.escalation import escalating
from policyservice.costs.parameters import for_case
from policyservice.costs.remedy import deciding
from policyservice.domain.decision import CostEstimate, Range
from policyservice.domain.errors import FieldProblem, InvalidCostParameter
from tests.costs.factories import a_set, a_value

DEFAULT = CostModel()
SUMS = st.integers(min_value=0, max_value=100_000_00)


def estimate(model: CostModel, minor: int, fee: int = 0, currency: str = "EUR") -> CostEstimate:
    return model.estimate("delivery.late", minor, fee, currency)


def ranges(found: CostEstimate) -> list[Range]:
    return [one for view in found.views.values() for one in view]


# --- the check values --------------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "tenths"), [("cash", 105), ("full", 143)])
def test_at_the_defaults_settling_7_euros_at_once_saves_10_50_in_cash_and_14_30_in_full(view: str, tenths: int) -> None:
    saving = estimate(DEFAULT, 7_00).views[view][1]

    assert round(saving.expected, -1) == tenths * 10


@pytest.mark.parametrize(
    ("minor", "view", "low", "high"),
    [
        (7_00, "cash", 4_70, 26_20),
        (7_00, "full", 11_30, 35_60),
        (20_00, "cash", -5_70, 19_00),
        (50_00, "full", -23_60, 12_30),
    ],
)
def test_the_interval_of_the_saving_has_the_check_values(minor: int, view: str, low: int, high: int) -> None:
    saving = estimate(DEFAULT, minor).views[view][1]

    assert (saving.low, saving.high) == pytest.approx((low, high), abs=25)


def test_the_expected_figures_are_the_formula_by_hand() -> None:
    found = estimate(DEFAULT, 7_00)

    # L = 962/42; C0 = 0.7*(L + 0.75*7) = 19.71, + 3.54 churn, + 0.30 outside; C1 = 64/42 + 7*1.1 = 9.22
    assert [found.views[view][0].expected for view in ("cash", "churn", "full")] == [19_71, 23_25, 23_55]
    assert [found.views[view][1].expected for view in ("cash", "churn", "full")] == [10_48, 14_02, 14_32]


# --- its shape ---------------------------------------------------------------------------------------


def test_the_estimate_states_the_remedy_the_full_view_and_the_version() -> None:
    found = CostModel((), version=3).estimate("a", 7_00, 25, "EUR")

    assert (found.remedy_minor, found.parameters) == (7_00, 3)
    assert (found.escalation, found.saving) == found.views["full"]
    assert list(found.views) == ["cash", "churn", "full"]


def test_a_payment_fee_lowers_the_saving_by_itself_and_leaves_the_escalation() -> None:
    without, with_fee = estimate(DEFAULT, 7_00), estimate(DEFAULT, 7_00, fee=35)

    for view, (escalation, saving) in without.views.items():
        assert with_fee.views[view][0] == escalation
        assert with_fee.views[view][1] == Range(saving.expected - 35, saving.low - 35, saving.high - 35)


def test_a_narrower_reason_has_its_own_estimate() -> None:
    model = CostModel((a_set("service.*", V=a_value("300", "200", "400")),))

    assert model.estimate("service.rude", 7_00, 0, "EUR").saving.expected > estimate(model, 7_00).saving.expected
    assert estimate(model, 7_00) == estimate(DEFAULT, 7_00)


def test_where_only_churn_costs_anything_cash_shows_none_of_it() -> None:
    nothing = dict.fromkeys(("w1", "w2", "w3", "p_pub", "p_ext"), "0")
    found = CostModel((a_set(**nothing),)).estimate("a", 0, 0, "EUR")

    assert found.views["cash"] == (Range(0, 0, 0), Range(0, 0, 0))
    assert found.views["churn"][0].expected == 3_54
    assert found.views["churn"] == found.views["full"]


def test_yen_have_no_decimals_and_parameters_are_in_whole_yen() -> None:
    wages = a_set(w1="2400", w2="2850", w3="4500", V="4500", c_pub="7500")  # the defaults at 75 yen
    found = CostModel((wages,)).estimate("a", 525, 0, "JPY")

    # 75 times the 23.548 and 14.325 of the defaults for EUR 7
    assert found.escalation.expected == 1766
    assert found.saving.expected == 1074


def test_three_decimals_are_a_thousandth_of_the_unit() -> None:
    assert estimate(DEFAULT, 7_000, currency="KWD").saving.expected == 14_325


def test_an_unknown_currency_is_a_field_problem() -> None:
    with pytest.raises(FieldProblem):
        estimate(DEFAULT, 7_00, currency="XXX")


def test_a_set_that_cannot_be_used_is_refused_when_the_model_is_made() -> None:
    with pytest.raises(InvalidCostParameter):
        CostModel((a_set("some.reason", u="0"),))


def test_preparing_changes_no_answer() -> None:
    prepared = CostModel()
    prepared.prepare(["delivery.late"], "EUR")

    assert estimate(prepared, 7_00) == estimate(DEFAULT, 7_00)


# --- properties --------------------------------------------------------------------------------------


@given(SUMS, st.integers(0, 10_00))
def test_every_interval_holds_its_expected_figure(minor: int, fee: int) -> None:
    assert all(one.low <= one.expected <= one.high for one in ranges(estimate(DEFAULT, minor, fee)))


@given(SUMS, st.integers(0, 10_00))
def test_the_expected_figure_is_the_exact_model_rounded(minor: int, fee: int) -> None:
    stated = for_case((), "delivery.late").stated()
    direct = deciding(stated)
    for view, line in escalating(stated).items():
        escalated = line.fixed * 100 + line.slope * minor
        saved = escalated - (direct.fixed * 100 + direct.slope * minor + fee)
        found = estimate(DEFAULT, minor, fee).views[view]
        assert abs(found[0].expected - escalated) <= Fraction(1, 2)
        assert abs(found[1].expected - saved) <= Fraction(1, 2)


@given(SUMS, st.integers(1, 1_000_00))
def test_a_larger_sum_saves_less_and_costs_more_to_escalate(minor: int, more: int) -> None:
    # here 1 + i is more than q*g, for the defaults and over their whole ranges
    smaller, larger = estimate(DEFAULT, minor), estimate(DEFAULT, minor + more)

    for view in smaller.views:
        escalation, saving = smaller.views[view]
        after_escalation, after_saving = larger.views[view]
        assert all(getattr(after_saving, part) <= getattr(saving, part) for part in ("expected", "low", "high"))
        assert all(getattr(after_escalation, p) >= getattr(escalation, p) for p in ("expected", "low", "high"))


@given(SUMS)
def test_each_view_adds_to_the_one_before(minor: int) -> None:
    cash, churn, full = estimate(DEFAULT, minor).views.values()

    assert cash[0].expected <= churn[0].expected <= full[0].expected
    assert cash[1].low <= churn[1].low <= full[1].low


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(["w1", "h2", "q", "g", "V", "i", "d_none", "u"]),
    st.fractions(min_value=0, max_value=1, max_denominator=20),
    st.sampled_from([0, 7_00, 50_00, 300_00]),
)
def test_what_becomes_certain_narrows_the_interval(symbol: str, part: Fraction, minor: int) -> None:
    default = for_case((), "a")[symbol]
    narrowed = a_value(
        str(default.value),
        str(default.value + (default.low - default.value) * part),
        str(default.value + (default.high - default.value) * part),
    )
    wide, narrow = estimate(DEFAULT, minor).saving, estimate(CostModel((a_set(**{symbol: narrowed}),)), minor).saving

    # leave what one parameter of many adds by chance
    assert narrow.high - narrow.low <= (wide.high - wide.low) * 1.02 + 2


def test_two_fresh_models_give_the_same_figures() -> None:
    sets = (a_set(V=a_value("75", "20", "250")),)
    first = [estimate(CostModel(sets), minor) for minor in (0, 1, 7_00, 123_45, 10**9)]
    curves.cache_clear()

    assert [estimate(CostModel(sets), minor) for minor in (0, 1, 7_00, 123_45, 10**9)] == first


@pytest.mark.parametrize("minor", [0, 1, 10**9, 2**53 + 1, 2**62])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_no_sum_is_too_large_to_estimate(minor: int, currency: str) -> None:
    found = estimate(DEFAULT, minor, fee=minor, currency=currency)

    assert all(one.low <= one.expected <= one.high for one in ranges(found))
    assert found.saving.high <= estimate(DEFAULT, 0, currency=currency).saving.high


def test_far_beyond_the_grid_the_interval_follows_the_share_paid_after_an_escalation() -> None:
    huge = estimate(DEFAULT, 10**15).escalation

    # q*g is 0.525, and lies within 0.4*0.5 to 0.95*0.95
    assert huge.expected == pytest.approx(0.525 * 10**15, rel=1e-9)
    assert 0.2 < huge.low / 10**15 < 0.525 < huge.high / 10**15 < 0.9025


def test_a_default_at_the_end_of_its_range_stays_inside_the_interval() -> None:
    at_the_end = a_set(h2=a_value("6", "6", "60"), V=a_value("20", "20", "500"), q=a_value("0.4", "0.4", "0.95"))

    for minor in (0, 7_00, 300_00):
        found = estimate(CostModel((at_the_end,)), minor)
        assert all(one.low <= one.expected <= one.high for one in ranges(found))


def test_a_model_whose_parameters_are_extreme_still_answers() -> None:
    extreme = a_set(w1=a_value("1000000000000"), V=a_value("0"), u=a_value("0.0001"), q=a_value("1"), g=a_value("1"))

    assert estimate(CostModel((extreme,)), 2**62).saving.expected
