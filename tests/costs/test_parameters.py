from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from policyservice.costs.compare import CostModel
from policyservice.costs.parameters import DEFAULTS, SYMBOLS, check_sets, for_case
from policyservice.domain.errors import InvalidCostParameter
from policyservice.rulebook.model import CostSet
from tests.costs.factories import a_set, a_value


def test_without_any_set_every_parameter_is_its_default() -> None:
    found = for_case((), "delivery.late")

    assert dict(found.items()) == dict(DEFAULTS)
    assert found.defaults() == SYMBOLS


def test_the_defaults_pass_their_own_check() -> None:
    check_sets((a_set(**DEFAULTS),))


def test_every_default_says_that_it_is_one_and_what_it_stands_on() -> None:
    assert all(value.source.startswith("default: ") for value in DEFAULTS.values())


def test_a_set_replaces_only_what_it_names() -> None:
    found = for_case((a_set(w1="35"),), "delivery.late")

    assert found["w1"].value == 35
    assert found["w2"] == DEFAULTS["w2"]
    assert "w1" not in found.defaults()
    assert len(found.defaults()) == len(SYMBOLS) - 1


@pytest.mark.parametrize(
    ("reason", "minutes"),
    [("delivery.late", 3), ("delivery.lost", 2), ("deliveries", 1), ("delivery", 1), ("product.defect", 1)],
)
def test_a_reason_overrides_its_group_and_the_group_every_case_in_whichever_order(reason: str, minutes: int) -> None:
    exact, group, every = a_set("delivery.late", h1="3"), a_set("delivery.*", h1="2"), a_set(h1="1")

    assert for_case((exact, group, every), reason)["h1"].value == minutes
    assert for_case((every, group, exact), reason)["h1"].value == minutes


def test_the_longer_of_two_groups_is_narrower() -> None:
    sets = (a_set("delivery.abroad.*", h1="3"), a_set("delivery.*", h1="2"))

    assert for_case(sets, "delivery.abroad.late")["h1"].value == 3
    assert for_case(sets, "delivery.late")["h1"].value == 2


def test_a_set_of_several_reasons_counts_by_the_narrowest_that_matches() -> None:
    sets = (a_set("delivery.*", "delivery.late", h1="3"), a_set("delivery.*", h1="2"))

    assert for_case(sets, "delivery.late")["h1"].value == 3
    assert for_case(sets, "delivery.lost")["h1"].value == 2


def test_of_two_sets_equally_narrow_the_later_stands() -> None:
    one, other = a_set("delivery.*", h1="1", h2="10"), a_set("delivery.*", h1="2")

    found = for_case((one, other), "delivery.late")

    assert (found["h1"].value, found["h2"].value) == (2, 10)
    assert for_case((other, one), "delivery.late")["h1"].value == 1


def test_parameters_of_equal_values_are_equal_and_hash_alike() -> None:
    assert for_case((a_set(V="70"),), "a") == for_case((a_set(V="70"),), "b")
    assert hash(for_case((a_set(V="70"),), "a")) == hash(for_case((a_set(V="70"),), "b"))


@pytest.mark.parametrize(
    ("symbol", "value", "words"),
    [
        ("V", a_value("10", "20", "200"), "the value 10 must lie within 20 to 200"),
        ("V", a_value("201", "20", "200"), "the value 201 must lie within 20 to 200"),
        ("V", a_value("60", "200", "20"), "must lie within"),
        ("V", a_value("10", "-1", "20"), "must not be negative, -1 is"),
        ("V", a_value("10", "0", "1000000000001"), "must be at most 1000000000000"),
        ("V", a_value("1" + "0" * 400), "a larger number is more"),
        ("q", a_value("0.9", "0.5", "1.01"), "is a share and must be at most 1, 1.01 is more"),
        ("p_ext", a_value("1.5"), "is a share"),
        ("u", a_value("0.5", "0", "0.9"), "must be more than 0 over its whole range"),
        ("u", a_value("1", "0.5", "1.1"), "is a share"),
        ("i", a_value("0", "-0.1", "0.4"), "must not be negative"),
        ("zz", a_value("1"), "is not a symbol of the cost model"),
    ],
)
def test_a_value_its_symbol_cannot_have_is_refused_by_name(symbol: str, value: object, words: str) -> None:
    with pytest.raises(InvalidCostParameter) as raised:
        check_sets((a_set(**{symbol: value}),))  # type: ignore[arg-type]

    assert raised.value.symbol == symbol
    assert raised.value.message.startswith(f"{symbol}: ")
    assert words in raised.value.message


@pytest.mark.parametrize(
    ("symbol", "value"),
    [
        ("q", a_value("1", "0", "1")),
        ("q", a_value("0", "0", "0")),
        ("u", a_value("0.01", "0.01", "1")),
        ("V", a_value("0")),
        ("V", a_value("1000000000000")),
        ("i", a_value("1.5")),
        ("r", a_value("3")),
    ],
)
def test_a_value_at_its_bound_is_taken(symbol: str, value: object) -> None:
    check_sets((a_set(**{symbol: value}),))  # type: ignore[arg-type]


def test_a_set_that_does_not_apply_is_checked_all_the_same() -> None:
    with pytest.raises(InvalidCostParameter):
        check_sets((a_set("some.other", q="2"),))


def test_values_stay_exact() -> None:
    assert DEFAULTS["p_pub"].low == Fraction(1, 2000)


def _of(found: CostSet, **names: tuple[str, ...]) -> CostSet:
    return replace(found, **names)  # type: ignore[arg-type]


def test_a_set_for_a_channel_or_a_queue_speaks_of_these_alone() -> None:
    by_phone = _of(a_set(h1="3"), channels=("phone",))
    of_leads = _of(a_set(h2="9"), queues=("lead", "billing"))

    assert for_case((by_phone, of_leads), "a", "phone", "lead").stated().items() >= {"h1": 3, "h2": 9}.items()
    assert for_case((by_phone, of_leads), "a", "chat", "billing").stated()["h1"] == DEFAULTS["h1"].value
    assert for_case((by_phone, of_leads), "a", "phone", "legal").stated()["h2"] == DEFAULTS["h2"].value
    assert for_case((by_phone, of_leads), "a") == for_case((), "a")


def test_for_one_reason_the_queue_outranks_the_channel_and_a_narrower_reason_both() -> None:
    plain, phone = a_set("a", h1="1"), _of(a_set("a", h1="2"), channels=("phone",))
    lead, every = _of(a_set("a", h1="3"), queues=("lead",)), _of(a_set(h1="4"), queues=("lead",), channels=("phone",))

    assert for_case((lead, phone, plain, every), "a", "phone", "lead")["h1"].value == 3
    assert for_case((lead, phone, plain, every), "a", "phone", "legal")["h1"].value == 2
    assert for_case((lead, phone, plain, every), "a", "chat", "legal")["h1"].value == 1
    assert for_case((lead, phone, plain, every), "b", "phone", "lead")["h1"].value == 4


def test_an_estimate_follows_channel_and_queue_and_keeps_one_table_for_those_no_set_names() -> None:
    model = CostModel((_of(a_set(h2="60"), queues=("legal",)), _of(a_set(h1="40"), channels=("phone",))), 3)
    usual, by_phone, in_legal = (
        model.estimate("a", 700, 0, "EUR", channel, queue).escalation.expected
        for channel, queue in (("chat", "lead"), ("phone", "lead"), ("chat", "legal"))
    )

    assert model.by_queue
    assert usual < by_phone < in_legal
    for number in range(50):
        assert model.estimate("a", 700, 0, "EUR", f"made-up-{number}", f"queue-{number}").escalation.expected == usual
    assert len(model._tables) == 3
