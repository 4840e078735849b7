"""The store pack says what its guidelines say: over whole grids around every bound, and where facts are not known."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.rules.asking import LEFT_OUT, Pack, differences, grid, open_ends
from tests.rules.store_by_hand import ERROR, LEVEL, MEMBERS, STATUS, TRAVEL, TURNS_ON, VALIDATED, answer

BOTH = (False, True)
VALUES = {
    LEVEL: MEMBERS,
    STATUS: TRAVEL,
    ERROR: BOTH,
    "order.days_since_purchase": (0, 30, 31, 90, 91, 180, 181, 1000),
    "order.has_receipt": BOTH,
    "order.original_packaging": BOTH,
    "case.explanation_given": BOTH,
    "case.still_unhappy": BOTH,
    "refund.days_waited": (0, 6, 7, 8, 100),
    "order.days_waiting": (0, 6, 7, 8, 100),
    "bill.days_late": (-3, 0, 1, 2, 30),
    "bill.overcharge": ("0.01", "9.99", "10.00", "10.01", "250.00"),
    "bill.paid": BOTH,
    "case.dislikes_status": BOTH,
    "order.purchase_valid": BOTH,
}
PRICES = {
    "return_due_to_defect": ("order.item_price",),
    "status_mystery_fee": ("order.fee",),
    "manage_upgrade": ("order.upgrade_fee",),
    "manage_downgrade": ("order.shipping_fee",),
    "manage_create": ("order.shipping_fee",),
    "manage_cancel": ("order.item_price",),
    "status_quantity": ("order.item_price",),
    "status_service_added": ("order.service_price",),
    "status_credit_missing": ("case.credit_amount",),
    "promo_code_invalid": ("case.credit_amount",),
    "promo_code_out_of_date": ("case.credit_amount",),
    "bad_price": ("case.credit_amount",),
    "mistimed_billing_already_returned": ("case.credit_amount", "order.item_price"),
    "mistimed_billing_never_bought": ("case.credit_amount", "order.item_price"),
    "missing_item": ("order.item_price",),
    "shipping_cost": ("order.shipping_fee",),
    "initiate_refund": ("order.item_price",),
}
REMEDIES = ("refund", "waiver", "credit", "replacement", "extension", "status_change")
WITHOUT_A_SUM = ("extension", "status_change")
ASKED = (None, 1, 7_99, 8_00, 8_01, 20_00, 20_01, 40_00, 40_01, 50_00, 50_01)


@pytest.fixture(scope="module")
def pack():
    return Pack("store")


def cases(flow):
    """Every combination of what a flow turns on, with and without its prices, and of a purchase that is not valid."""
    values = {name: VALUES[name] for name in TURNS_ON[flow]}
    values |= dict.fromkeys(PRICES.get(flow, ()), (LEFT_OUT, "5.50", "45.00"))
    if flow in VALIDATED:
        values.setdefault("order.purchase_valid", (LEFT_OUT, *BOTH))
    return grid((flow,), **{name.replace(".", "__"): options for name, options in values.items()})


@pytest.mark.parametrize("flow", TURNS_ON)
def test_the_pack_answers_as_the_guidelines_say(pack, flow):
    def questions():
        for facts in cases(flow):
            for remedy in REMEDIES:
                yield facts, remedy, None
            for asked in (*ASKED[1:], 5_50, 5_51, 45_00, 45_01):
                for remedy in ("refund", "waiver", "credit", "replacement"):
                    if answer(facts, remedy, None).outcome != "escalate":
                        yield facts, remedy, asked

    asked, found = differences(pack, answer, questions())

    assert found == []
    assert asked >= 12


@pytest.mark.parametrize("flow", TURNS_ON)
def test_what_is_not_known_never_decides(pack, flow):
    wrong, seen = [], set()
    for facts in cases(flow):
        for hidden in (set(some) for size in (1, 2) for some in combinations(TURNS_ON[flow], size)):
            case = tuple(sorted((n, str(v)) for n, v in facts.items() if n not in hidden))
            if case in seen:
                continue
            seen.add(case)
            for remedy in REMEDIES:
                fault = open_ends(pack, answer, facts, remedy, {name: VALUES[name] for name in sorted(hidden)})
                wrong += [fault] if fault else []

    assert wrong == []


@pytest.mark.parametrize(
    ("flow", "remedy", "facts"),
    [
        ("return_due_to_defect", "refund", {"order.has_receipt": True}),
        ("return_due_to_defect", "refund", {LEVEL: "guest"}),
        ("return_due_to_defect", "refund", {LEVEL: "silver", "order.days_since_purchase": 181}),
        ("status_mystery_fee", "waiver", {LEVEL: "bronze"}),
        ("status_mystery_fee", "waiver", {ERROR: False}),
        ("manage_upgrade", "waiver", {LEVEL: "gold"}),
        ("manage_upgrade", "waiver", {STATUS: "order_received"}),
        ("manage_downgrade", "credit", {STATUS: "in_transit"}),
        ("manage_create", "waiver", {LEVEL: "gold"}),
        ("manage_cancel", "refund", {LEVEL: "guest"}),
        ("status_quantity", "refund", {ERROR: True}),
        ("status_quantity", "refund", {STATUS: "order_received"}),
        ("status_service_added", "refund", {}),
        ("status_credit_missing", "credit", {}),
        ("promo_code_invalid", "credit", {LEVEL: "guest"}),
        ("bad_price", "credit", {"case.still_unhappy": True}),
        ("mistimed_billing_already_returned", "credit", {LEVEL: "silver"}),
        ("mistimed_billing_never_bought", "credit", {ERROR: False}),
        ("missing_item", "replacement", {}),
        ("shipping_cost", "waiver", {}),
        ("shipping_cost", "refund", {}),
        ("manage_extension", "extension", {LEVEL: "silver"}),
        ("manage_dispute_bill", "refund", {LEVEL: "gold"}),
        ("manage_dispute_bill", "refund", {LEVEL: "silver", "bill.paid": True}),
        ("manage_dispute_bill", "refund", {LEVEL: "guest", "bill.paid": True, "bill.overcharge": "5.00"}),
        ("initiate_refund", "refund", {"order.item_price": "45.00"}),
    ],
)
def test_an_answer_waits_for_the_fact_that_would_settle_it(pack, flow, remedy, facts):
    assert pack.answer({"reason": flow, **facts}, remedy, None).outcome == "escalate"


@pytest.mark.parametrize("age", [0, 7, 8, 400])
@pytest.mark.parametrize("flow", ["promo_code_invalid", "promo_code_out_of_date"])
def test_the_age_of_a_promo_code_changes_no_answer(pack, flow, age):
    for facts in cases(flow):
        assert pack.answer({**facts, "promo.age_days": age}, "credit", None) == answer(facts, "credit", None)


@pytest.mark.parametrize("reason", ["competitor", "yesterday"])
def test_where_the_price_was_better_changes_no_answer(pack, reason):
    for facts in cases("bad_price"):
        assert pack.answer({**facts, "case.price_reason": reason}, "credit", None) == answer(facts, "credit", None)
