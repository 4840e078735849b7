"""Whole packs: catalogue, parameters, limits, costs, tests, several packs together, the digest."""

from __future__ import annotations

import time
from datetime import date
from fractions import Fraction

import pytest

from policyservice.domain.decision import Outcome
from policyservice.domain.errors import RulebookRefused
from policyservice.domain.limits import Bound, Counts, GuardRails, Measure, Scope, Window, WindowKind
from policyservice.domain.vocabulary import Basis, FactType, RemedyKind, Text
from policyservice.rulebook.digest import digest
from policyservice.rulebook.load import load
from policyservice.rulebook.model import CostValue, DatedValue, Fixed, ParameterUnit, ProvidedBy, Stretch, WhenHoldEnds

from .factories import a_pack, a_rule, load_with, problems_of, rules, sources

TITLE = "title: {en: a, fi: b}"


def test_a_packs_settings_are_read() -> None:
    pack = load_with(
        {
            "base/pack.yaml": (
                f"pack: base\n{TITLE}\ncurrency: EUR\notherwise: forbid\nverify_above: 200.00\n"
                "stretch: {hard_cap: 60.00, margin: 5.00}\nsafe_floor: {refund: 10.00}\nhold_minutes: 30\n"
                "answer_within_minutes: 60\nbeyond: claims\n"
                "answer_within_by_amount: [{at_least: 500.00, minutes: 15}, {at_least: 100.00, minutes: 30}]\n"
            )
        }
    ).pack("base")

    assert pack.closed
    assert pack.verify_above_minor == 20000
    assert pack.stretch == Stretch(6000, 500)
    assert pack.safe_floor == {"refund": 1000}
    assert (pack.hold_seconds, pack.answer_within_minutes, pack.beyond) == (1800, 60, "claims")
    assert pack.answer_within_by_amount == ((10000, 30), (50000, 15))


def test_facts_are_read() -> None:
    facts = load_with().facts

    assert (facts["order.days_late"].lowest, facts["order.days_late"].highest) == (0, 3650)
    assert facts["order.returned"].presume is False
    assert facts["customer.tier"].values == ("new", "regular", "loyal")
    assert facts["customer.tier"].ordered
    assert facts["case.severe"].provided_by is ProvidedBy.RULES
    assert facts["order.paid"].type is FactType.MONEY
    assert "reason" not in facts


def test_the_role_paid_is_for_every_reason_of_the_pack_unless_it_names_them() -> None:
    assert load_with().facts["order.paid"].paid_for == ("shop.late", "shop.lost", "other")
    vocabulary = sources()["base"]["vocabulary.yaml"].replace("role: paid", "role: {paid: [shop.*]}")
    book = load_with({"base/vocabulary.yaml": vocabulary})
    assert book.facts["order.paid"].paid_for == ("shop.*",)


def test_remedies_and_reasons_are_read() -> None:
    book = load_with(
        {
            "base/catalogue/more.yaml": (
                f"remedies:\n  new-one: {{kind: replacement, {TITLE}, cost: order.paid, cost_factor: 60 %, fee: 0.25,"
                " when_hold_ends: commit, hold_minutes: 30}\n"
                f"reasons:\n  shop.stolen: {{{TITLE}, otherwise: forbid, answer_within_minutes: 240}}\n"
            )
        }
    )

    new_one = book.remedies["new-one"]
    assert (new_one.kind, new_one.cost_factor, new_one.fee_minor) == (RemedyKind.REPLACEMENT, Fraction(3, 5), 25)
    assert (new_one.when_hold_ends, new_one.hold_seconds) == (WhenHoldEnds.COMMIT, 1800)
    assert not book.remedies["reconnection"].has_amount
    assert book.remedies["reconnection"].cost == Fixed(200)
    assert (book.reasons["shop.stolen"].closed, book.reasons["shop.stolen"].answer_within_minutes) == (True, 240)
    assert not book.reasons["shop.late"].closed
    assert [(level.name, level.rank) for level in book.trust_levels] == [("new", 0), ("lead", 1)]


def test_a_reason_of_a_closed_pack_is_closed_unless_it_says_otherwise() -> None:
    book = load_with(
        {
            "base/pack.yaml": f"pack: base\n{TITLE}\ncurrency: EUR\notherwise: forbid\n",
            "base/catalogue/more.yaml": f"reasons:\n  shop.open: {{{TITLE}, otherwise: escalate}}\n",
        }
    )

    assert book.reasons["shop.late"].closed
    assert not book.reasons["shop.open"].closed


def test_a_reason_may_close_its_list_for_some_remedies_alone_and_say_why() -> None:
    otherwise = "otherwise: {forbid: [credit], because: {en: Not owed, fi: Ei kuulu}}"
    book = load_with({"base/catalogue/more.yaml": f"reasons:\n  shop.listed: {{{TITLE}, {otherwise}}}\n"})

    listed = book.reasons["shop.listed"]
    assert (listed.closed, listed.closes, listed.because) == (False, {"credit"}, Text("Not owed", "Ei kuulu"))


def test_a_reason_that_closes_some_remedies_is_open_for_others_in_a_closed_pack() -> None:
    book = load_with(
        {
            "base/pack.yaml": f"pack: base\n{TITLE}\ncurrency: EUR\notherwise: forbid\n",
            "base/catalogue/more.yaml": f"reasons:\n  shop.listed: {{{TITLE}, otherwise: {{forbid: [credit]}}}}\n",
        }
    )

    assert (book.reasons["shop.listed"].closed, book.reasons["shop.listed"].because) == (False, None)


def test_codes_may_be_written_in_capitals() -> None:
    book = load_with({"base/vocabulary/more.yaml": f"facts:\n  a.b: {{type: code, values: [DR15, dr15], {TITLE}}}\n"})

    assert book.facts["a.b"].values == ("DR15", "dr15")


def test_codes_may_have_titles_and_go_without() -> None:
    more = f"facts:\n  a.b: {{type: code, values: [x, y], titles: {{x: {{en: An x, fi: Äks}}}}, {TITLE}}}\n"

    book = load_with({"base/vocabulary/more.yaml": more})

    assert book.facts["a.b"].titles == {"x": Text("An x", "Äks")}


def test_packs_may_call_the_codes_of_a_fact_otherwise_and_the_first_by_name_stands() -> None:
    def vocabulary(words: str) -> str:
        return f"facts:\n  a.b: {{type: code, values: [x], titles: {{x: {{en: {words}, fi: b}}}}, {TITLE}}}\n"

    book = load_with(
        {
            "base/vocabulary/more.yaml": vocabulary("first"),
            "other/pack.yaml": f"pack: other\n{TITLE}\ncurrency: EUR\n",
            "other/vocabulary.yaml": vocabulary("second"),
        }
    )

    assert book.facts["a.b"].titles["x"].en == "first"


def test_a_parameter_changes_by_date_and_may_be_expected() -> None:
    share = load_with().parameters["late-share"]

    assert share.unit is ParameterUnit.PERCENT
    assert share.values == (
        DatedValue(date(2024, 9, 1), Fraction(15, 100)),
        DatedValue(date(2025, 3, 1), Fraction(1, 5)),
        DatedValue(date(2026, 1, 1), None),
    )
    assert (share.lowest, share.highest) == (0, Fraction(3, 10))
    assert share.at(date(2025, 2, 28).toordinal()) == Fraction(3, 20)
    assert share.at(date(2025, 3, 1).toordinal()) == Fraction(1, 5)
    assert share.at(date(2024, 8, 31).toordinal()) is None


def test_a_parameter_may_have_a_date_of_its_own() -> None:
    text = (
        "currency: GBP\nofcom-repair:\n  what: a\n  unit: money\n  in_force_by: order.date\n"
        "  values: {2026-04-01: 10.34, 2019-04-01: 8.00, 2025-04-01: {value: 9.98, because: Rise, reference: R}}\n"
    )

    repair = load_with({"base/parameters/ofcom.yaml": text}).parameters["ofcom-repair"]

    assert (repair.in_force_by, repair.currency) == ("order.date", "GBP")
    assert [dated.value for dated in repair.values] == [800, 998, 1034]
    assert (repair.values[1].because, repair.values[1].reference) == ("Rise", "R")


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("integer", "-3", -3),
        ("date", "2025-01-01", date(2025, 1, 1).toordinal()),
        ("code", "expected-later", "expected-later"),
    ],
)
def test_a_parameter_has_a_value_of_its_unit(unit: str, text: str, value: object) -> None:
    more = f"one:\n  what: a\n  unit: {unit}\n  values: {{2024-01-01: {text}}}\n"

    assert load_with({"base/parameters/more.yaml": more}).parameters["one"].values[0].value == value


def test_limits_are_read() -> None:
    text = (
        "limits:\n"
        f"  - {{id: per-decision, {TITLE}, scope: decision, amount: {{new: 15.00, lead: 50.00}}, count: 2}}\n"
        f"  - {{id: customer-year, {TITLE}, scope: customer, window: rolling, days: 365, amount: 60.00, measure: cost,"
        " counts: all, remedies: [credit], reasons: [shop.*],"
        " guard_rails: {amount: {lowest: 0, highest: 60.00}, count: {highest: 5}}}\n"
    )

    book = load_with({"base/limits/more.yaml": text})

    each, year = book.opening_limits.by_id("per-decision"), book.opening_limits.by_id("customer-year")
    assert each is not None
    assert year is not None
    assert (each.scope, each.window.kind) == (Scope.DECISION, WindowKind.ONCE)
    assert each.bounds == {"new": Bound(1500, 2), "lead": Bound(5000, 2), "": Bound(None, 2)}
    assert (year.window, year.bounds) == (Window(WindowKind.ROLLING, 365), {"": Bound(6000, None)})
    assert (year.measure, year.counts, year.remedies, year.reasons) == (
        Measure.COST,
        Counts.ALL,
        ("credit",),
        ("shop.*",),
    )
    assert (year.amount_rails, year.count_rails) == (GuardRails(0, 6000), GuardRails(0, 5))


def test_cost_parameters_are_read() -> None:
    text = "costs:\n  - reasons: [shop.*]\n    parameters:\n      q: {value: 70 %, low: 0.4, high: 1, source: Own}\n"

    costs = load_with({"base/costs/own.yaml": text}).costs

    assert costs[0].reasons == ("shop.*",)
    assert costs[0].values == {"q": CostValue(Fraction(7, 10), Fraction(2, 5), Fraction(1), "Own")}
    assert (costs[0].currency, costs[0].pack) == ("EUR", "base")


def test_policy_tests_are_read() -> None:
    text = (
        "as_of: 2025-06-01\ncases:\n"
        "  - name: all of it\n"
        "    facts: {reason: shop.late, order.paid: 50.00, order.date: 2025-05-01}\n"
        "    agent: {trust_level: lead}\n"
        "    ask: {remedy: credit}\n"
        '    justification: ""\n'
        "    received: {refunded: 5.00, owed: {late-credit: 7.00}}\n"
        "    used: {agent-day: {amount: 1.00, count: 2}}\n"
        "    as_of: 2024-01-01\n"
        "    expect: {outcome: allow, basis: goodwill, amount: null, reasons: [late-credit], limit: agent-day,"
        " stretched: true, missing: [order.days_late], alternatives: []}\n"
        "  - name: a remedy without a sum\n"
        "    facts: {reason: shop.late}\n"
        "    ask: {remedy: reconnection}\n"
        "    expect: {outcome: escalate, amount: 7.00}\n"
    )

    _, full, other = load_with({"base/tests/more.yaml": text}).tests

    assert full.facts == {"reason": "shop.late", "order.paid": 5000, "order.date": date(2025, 5, 1).toordinal()}
    assert (full.remedy, full.amount_minor, full.open_amount, full.trust_level) == ("credit", None, True, "lead")
    assert (full.as_of, full.justification) == (date(2024, 1, 1), "")
    assert full.received == {"refunded": 500, "owed": {"late-credit": 700}}
    assert full.used == {"agent-day": {"amount": 100, "count": 2}}
    assert full.expect == {
        "outcome": Outcome.ALLOW,
        "basis": Basis.GOODWILL,
        "amount": None,
        "reasons": ["late-credit"],
        "limit": "agent-day",
        "stretched": True,
        "missing": ["order.days_late"],
        "alternatives": [],
    }
    assert (other.open_amount, other.as_of, other.expect["amount"]) == (False, date(2025, 6, 1), 700)


# --- several packs


def test_packs_that_declare_alike_stand_together_and_the_first_packs_texts_stand() -> None:
    other = {
        **a_pack(),
        "other/vocabulary.yaml": (
            "facts:\n"
            "  order.days_late: {type: integer, unit: days, lowest: 0, highest: 3650, title: {en: Other, fi: Muu}}\n"
            "  other.paid: {type: money, role: paid, title: {en: a, fi: b}}\n"
        ),
        "other/catalogue.yaml": (
            "remedies:\n  credit: {kind: credit, title: {en: Other, fi: Muu}}\n"
            "reasons:\n  third.thing: {title: {en: a, fi: b}}\n"
            "trust_levels:\n  lead: {title: {en: a, fi: b}}\n"
        ),
        "other/rules/a.yaml": "rules:\n" + a_rule(when="{reason: third.*}"),
    }

    book = load_with(other)

    assert [pack.name for pack in book.packs] == ["base", "other"]
    assert book.facts["order.days_late"].title.en == "Days late"
    assert book.remedies["credit"].title.en == "Credit"
    assert book.facts["other.paid"].paid_for == ("third.thing",)
    assert [level.name for level in book.trust_levels] == ["new", "lead"]
    assert book.rules[-1].pack == "other"


def test_the_order_in_which_packs_are_named_does_not_matter() -> None:
    found = sources({**a_pack("zoo"), **a_pack("ape"), "ape/rules/a.yaml": "rules:\n" + a_rule()})

    assert load(found) == load(dict(reversed(found.items())))


def test_a_fact_of_two_packs_may_say_what_was_paid_for_the_reasons_of_both() -> None:
    other = {
        **a_pack(),
        "other/vocabulary.yaml": "facts:\n  order.paid: {type: money, role: paid, title: {en: a, fi: b}}\n",
        "other/catalogue.yaml": "reasons:\n  third.thing: {title: {en: a, fi: b}}\n",
    }

    assert load_with(other).facts["order.paid"].paid_for == ("shop.late", "shop.lost", "other", "third.thing")


def test_what_was_paid_may_bound_refunds_of_some_reasons_only_where_it_is_known() -> None:
    role = "role: {paid: [shop.late], paid_where_known: [shop.lost]}"
    vocabulary = sources()["base"]["vocabulary.yaml"].replace("role: paid", role)
    other = {
        **a_pack(),
        "base/vocabulary.yaml": vocabulary,
        "other/vocabulary.yaml": (
            "facts:\n  order.paid: {type: money, role: {paid_where_known: [third.thing]}, title: {en: a, fi: b}}\n"
        ),
        "other/catalogue.yaml": "reasons:\n  third.thing: {title: {en: a, fi: b}}\n",
    }

    fact = load_with(other).facts["order.paid"]
    assert (fact.paid_for, fact.paid_where_known) == (("shop.late",), ("shop.lost", "third.thing"))
    assert fact.bounds_refunds_of == ("shop.late", "shop.lost", "third.thing")


def test_limits_stated_alike_by_two_packs_are_one() -> None:
    other = {**a_pack(), "other/limits.yaml": sources()["base"]["limits.yaml"]}

    assert len(load_with(other).opening_limits.limits) == 1


# --- currencies


def test_a_file_may_state_a_currency_of_its_own() -> None:
    assert load_with({"base/rules/uk.yaml": "currency: GBP\nrules:\n" + a_rule()}).rules[-1].currency == "GBP"


def test_sums_can_be_read_in_another_currency_with_as_many_decimals() -> None:
    book = load_with(currency="GBP")

    assert (book.rules[0].currency, book.pack("base").currency) == ("GBP", "GBP")
    assert book.opening_limits.limits[0].currency == "GBP"
    assert book.parameters["late-cap"].currency == "GBP"
    assert book.tests[0].currency == "GBP"


def test_sums_cannot_be_read_in_a_currency_with_other_decimals() -> None:
    with pytest.raises(RulebookRefused, match="sums in EUR cannot be read as JPY: the number of decimals differs"):
        load_with(currency="JPY")


def test_sums_cannot_be_read_in_a_currency_that_is_none() -> None:
    with pytest.raises(RulebookRefused, match="'XXX' is not an ISO 4217 currency code"):
        load_with(currency="XXX")


# --- the digest


def test_the_digest_is_over_what_decides() -> None:
    good = sources()
    with_test = sources({"base/tests/more.yaml": "as_of: 2025-01-01\ncases: []\n"})
    with_rule = sources(rules(a_rule()))
    with_line_ends = {"base": {path: text.replace("\n", "\r\n") for path, text in good["base"].items()}}

    assert digest(with_test) == digest(good) == digest(with_line_ends) == load(good).digest
    assert digest(with_rule) != digest(good)
    assert digest({"other": good["base"]}) != digest(good)


def test_the_digest_of_a_text_stays_for_ever() -> None:
    assert digest({"a": {"pack.yaml": "pack: ä\r\n"}}) == (
        "sha256:ab611887ebb699db584d217c4b03bb8e68953c30aeee4664e33020185a513a5e"
    )


def test_problems_of_a_pack_that_is_none_do_not_hide_those_of_another() -> None:
    problems = problems_of({"other/rules/a.yaml": "rules: 5\n", **rules(a_rule(when="{reason: shop.lte}"))})

    assert len(problems) == 3


# --- speed


def _generated(count: int) -> dict[str, str]:
    return rules(
        *(
            a_rule(
                f"rule-{number}",
                when=f"{{reason: shop.late, order.days_late: {{at_least: {number}}}, any: [{{order.items: 1}}, "
                "{order.category: {one_of: [meal, apparel]}}]}",
                then="[{permit: {remedy: credit, up_to: {share: late-share, of: order.paid, at_most: 12.35}}}]",
            )
            for number in range(count)
        )
    )


def _seconds(found: dict[str, dict[str, str]]) -> float:
    """The least of three runs: another process on the machine makes one longer, never shorter."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        load(found)
        taken.append(time.process_time() - start)
    return min(taken)


def test_loading_ten_times_as_many_rules_takes_about_ten_times_as_long() -> None:
    few, many = sources(_generated(100)), sources(_generated(1000))

    assert _seconds(many) < 25 * _seconds(few)
