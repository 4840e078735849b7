from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from policyservice.decisions.validate import Purpose, instant_of, still_valid, validate
from policyservice.domain.case import Request
from policyservice.domain.errors import InvalidRequest
from policyservice.rulebook.model import Rulebook
from tests.decisions.factories import a_rulebook, body
from tests.fakes import NOON


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return a_rulebook()


def read(rulebook: Rulebook, purpose: Purpose = Purpose.DECISION, **changes: object) -> Request:
    return validate(body(**changes), rulebook, now=NOON, purpose=purpose)


def refused(rulebook: Rulebook, purpose: Purpose = Purpose.DECISION, **changes: object) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        read(rulebook, purpose, **changes)
    return sorted(error.field for error in caught.value.errors)


def test_a_request_becomes_values_of_the_service(rulebook):
    facts = {
        "order.paid": "7.5",
        "order.days_late": 4,
        "order.category": "meal",
        "order.returned": True,
        "order.date": "2026-05-15",
        "note.words": "it was cold",
    }
    request = read(rulebook, facts=facts, justification="  she waited an hour\n")

    assert request == Request(
        reason="delivery.late",
        remedy="credit",
        currency="EUR",
        amount_minor=700,
        agent="maija",
        case="T-1",
        customer="C-1",
        channel="chat",
        order="O-1",
        justification="she waited an hour",
        facts={
            "order.paid": 750,
            "order.days_late": 4,
            "order.category": "meal",
            "order.returned": True,
            "order.date": date(2026, 5, 15).toordinal(),
            "note.words": "it was cold",
        },
    )


def test_what_may_be_left_out_may_be_null_too(rulebook):
    request = read(rulebook, customer=None, order=..., incident=None, facts=..., justification=" ")

    assert (request.customer, request.order, request.incident, request.facts) == (None, None, None, {})
    assert request.justification is None


@pytest.mark.parametrize("field", ["agent", "case", "channel", "reason", "remedy", "currency", "amount"])
@pytest.mark.parametrize("absent", [None, ...])
def test_what_is_required_is_named_when_it_is_left_out(rulebook, field, absent):
    assert refused(rulebook, **{field: absent}) == [field]


def test_every_field_at_fault_is_named_at_once(rulebook):
    fields = refused(
        rulebook,
        agent=7,
        remedy="bribe",
        reason="delivery.early",
        approved_by="liisa",
        facts={"order.paid": 7.0, "order.colour": "red", "order.days_late": 4},
    )

    assert fields == ["agent", "approved_by", "facts.order.colour", "facts.order.paid", "reason", "remedy"]


@pytest.mark.parametrize("name", ["trust_level", "limits", "role", "policy", "verified"])
def test_a_caller_cannot_set_its_own_authority(rulebook, name):
    assert refused(rulebook, **{name: "lead"}) == [name]


@pytest.mark.parametrize(
    "amount",
    [
        "0",
        "0.00",
        "-7.00",
        "-0.00",
        "7.001",
        "7,00",
        "1e3",
        "NaN",
        "Infinity",
        " 7.00",
        "٧",
        "07.00",
        "",
        "92233720368547758.08",
    ],
)
def test_an_amount_that_is_no_positive_sum_of_the_currency_is_refused(rulebook, amount):
    assert refused(rulebook, amount=amount) == ["amount"]


@pytest.mark.parametrize("amount", [7, 7.0, True, float("nan"), ["7.00"], {"minor": 700}])
def test_money_is_never_a_json_number(rulebook, amount):
    assert refused(rulebook, amount=amount) == ["amount"]


@pytest.mark.parametrize(("amount", "minor"), [("0.01", 1), ("7", 700), ("92233720368547758.07", 2**63 - 1)])
def test_amounts_are_exact_up_to_64_bits(rulebook, amount, minor):
    assert read(rulebook, amount=amount).amount_minor == minor


def test_the_currency_decides_how_many_decimals_a_sum_has(rulebook):
    assert read(rulebook, amount="700", currency="JPY").amount_minor == 700
    assert refused(rulebook, amount="7.00", currency="JPY") == ["amount"]


@pytest.mark.parametrize("currency", ["EURO", "eur", "XXX", 978, "", ["EUR"]])
def test_an_unknown_currency_is_refused(rulebook, currency):
    assert refused(rulebook, currency=currency) == ["currency"]


def test_a_remedy_without_a_sum_takes_no_amount(rulebook):
    assert refused(rulebook, remedy="replacement") == ["amount"]
    request = read(rulebook, remedy="replacement", amount=...)
    assert (request.amount_minor, request.open_amount) == (None, False)


@pytest.mark.parametrize("value", ["4", 4.0, True, None, -1, 3651, 2**63, [4], {}])
def test_an_integer_fact_is_an_integer_within_its_bounds(rulebook, value):
    assert refused(rulebook, facts={"order.days_late": value}) == ["facts.order.days_late"]


@pytest.mark.parametrize("value", [0, 3650])
def test_the_bounds_of_an_integer_fact_are_included(rulebook, value):
    assert read(rulebook, facts={"order.days_late": value}).facts == {"order.days_late": value}


@pytest.mark.parametrize("value", [7, 7.0, "7.001", "-1", "-0", True, None])
def test_a_money_fact_is_a_decimal_string_of_nothing_negative(rulebook, value):
    assert refused(rulebook, facts={"order.paid": value}) == ["facts.order.paid"]


def test_a_money_fact_may_be_zero(rulebook):
    assert read(rulebook, facts={"order.paid": "0"}).facts == {"order.paid": 0}


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_a_boolean_fact_is_true_or_false(rulebook, value):
    assert refused(rulebook, facts={"order.returned": value}) == ["facts.order.returned"]


@pytest.mark.parametrize("value", ["Meal", "", "meals", 1, True, None, ["meal"]])
def test_a_code_is_among_those_declared(rulebook, value):
    assert refused(rulebook, facts={"order.category": value}) == ["facts.order.category"]


@pytest.mark.parametrize("value", ["2026-02-30", "2026-5-1", "20260501", "2026-05-15T00:00", 738000, True])
def test_a_date_is_a_day_of_the_calendar(rulebook, value):
    assert refused(rulebook, facts={"order.date": value}) == ["facts.order.date"]


@pytest.mark.parametrize("value", ["a\x00b", "line\nbreak", "\ud800", "x" * 501, 5, None])
def test_a_text_has_no_control_characters_nor_lone_surrogates_and_ends(rulebook, value):
    assert refused(rulebook, facts={"note.words": value}) == ["facts.note.words"]


def test_a_text_is_normalised(rulebook):
    assert read(rulebook, facts={"note.words": "a\u0308"}).facts == {"note.words": "ä"}
    assert read(rulebook, facts={"note.words": "x" * 500}).facts == {"note.words": "x" * 500}


@pytest.mark.parametrize("field", ["agent", "case", "customer", "channel", "order", "incident"])
@pytest.mark.parametrize("value", ["", " ", " T", "T\n", "x" * 201, 5, "\ud800", "a\u200bb"])
def test_a_reference_is_1_to_200_printable_characters(rulebook, field, value):
    assert refused(rulebook, **{field: value}) == [field]
    assert getattr(read(rulebook, **{field: "x" * 200}), field) == "x" * 200


def test_facts_that_callers_may_not_provide_are_refused(rulebook):
    facts = {"customer.loyal": True, "fraud.score": 3, "order.weeks_late": 1, "reason": "delivery.late"}

    assert refused(rulebook, facts=facts) == [
        "facts.customer.loyal",
        "facts.fraud.score",
        "facts.order.weeks_late",
        "facts.reason",
    ]


def test_the_companys_own_systems_may_provide_their_facts(rulebook):
    request = validate(body(facts={"fraud.score": 3}), rulebook, now=NOON, from_systems=True)

    assert request.facts == {"fraud.score": 3}


@pytest.mark.parametrize("facts", [[], "x", 5, True])
def test_facts_are_an_object(rulebook, facts):
    assert refused(rulebook, facts=facts) == ["facts"]


def test_a_fact_name_that_cannot_be_printed_is_named_safely(rulebook):
    (field,) = refused(rulebook, facts={"\ud800" * 500: 1})

    assert field.encode()
    assert len(field) <= 86


def test_a_remedy_may_have_been_given_up_to_31_days_ago(rulebook):
    start = NOON - timedelta(days=31)
    assert read(rulebook, given_at=start.isoformat()).given_at == start
    assert read(rulebook, given_at=NOON.isoformat()).given_at == NOON
    assert refused(rulebook, given_at=(start - timedelta(seconds=1)).isoformat()) == ["given_at"]
    assert refused(rulebook, given_at=(NOON + timedelta(seconds=1)).isoformat()) == ["given_at"]


@pytest.mark.parametrize("value", ["2026-05-15", "2026-05-15T12:00:00", "yesterday", 5, "2026-02-30T00:00:00Z"])
def test_given_at_is_an_instant_with_its_offset(rulebook, value):
    assert refused(rulebook, given_at=value) == ["given_at"]


def test_a_request_is_decided_at_the_instant_it_was_given(rulebook):
    assert instant_of({"given_at": "2026-05-31T12:00:00+03:00"}, NOON) == datetime(2026, 5, 31, 9, tzinfo=UTC)
    assert instant_of({}, NOON) == NOON
    assert instant_of({"given_at": "soon"}, NOON) == NOON


def test_options_take_neither_remedy_nor_amount(rulebook):
    assert refused(rulebook, Purpose.OPTIONS) == ["amount", "remedy"]
    request = read(rulebook, Purpose.OPTIONS, remedy=..., amount=...)
    assert (request.remedy, request.amount_minor, request.open_amount) == ("", None, True)


def test_a_case_line_needs_reason_remedy_and_currency_alone(rulebook):
    raw = {"reason": "delivery.late", "remedy": "credit", "currency": "EUR"}
    request = validate(raw, rulebook, now=NOON, purpose=Purpose.EVALUATION)

    assert (request.amount_minor, request.open_amount, request.agent) == (None, True, None)


def test_a_case_line_for_a_remedy_without_a_sum_does_not_ask_how_much(rulebook):
    raw = {"reason": "delivery.late", "remedy": "replacement", "currency": "EUR"}

    assert not validate(raw, rulebook, now=NOON, purpose=Purpose.EVALUATION).open_amount


def test_a_request_validated_before_is_refused_once_its_words_are_gone(rulebook):
    request = read(rulebook, facts={"order.category": "meal"})
    still_valid(request, rulebook)

    with pytest.raises(InvalidRequest) as caught:
        still_valid(Request("old.reason", "old", "EUR", facts={"order.category": "hats", "old.fact": 1}), rulebook)
    assert [e.field for e in caught.value.errors] == [
        "reason",
        "remedy",
        "facts.order.category",
        "facts.old.fact",
    ]
