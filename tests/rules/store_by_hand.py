"""The shop's guidelines read from their text into plain Python, apart from the rules: what the rules are held against.

Every fact that a flow turns on is given, but for prices and sums; a purchase is taken as valid unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.rules.giving import DENY, ESCALATE, Answer, Facts, cents, give

MEMBERS = ("guest", "bronze", "silver", "gold")
TRAVEL = ("order_received", "in_transit", "out_for_delivery", "delivered")
LEVEL, STATUS, ERROR = "customer.member_level", "order.shipping_status", "case.company_error"
VALIDATED = (
    "return_due_to_defect",
    "initiate_refund",
    "refund_status",
    "mistimed_billing_already_returned",
    "mistimed_billing_never_bought",
    "missing_item",
    "shipping_cost",
)
TURNS_ON = {
    "return_due_to_defect": (LEVEL, "order.days_since_purchase", "order.has_receipt", "order.original_packaging"),
    "status_mystery_fee": (ERROR, LEVEL),
    "manage_upgrade": (STATUS, LEVEL),
    "manage_downgrade": (STATUS, LEVEL),
    "manage_create": (STATUS, LEVEL),
    "manage_cancel": (STATUS, LEVEL),
    "status_quantity": (ERROR, STATUS),
    "status_service_added": (ERROR,),
    "status_credit_missing": (ERROR,),
    "promo_code_invalid": (ERROR, LEVEL),
    "promo_code_out_of_date": (ERROR, LEVEL),
    "bad_price": ("case.explanation_given", "case.still_unhappy"),
    "mistimed_billing_already_returned": ("refund.days_waited", LEVEL),
    "mistimed_billing_never_bought": (ERROR, LEVEL),
    "missing_item": ("order.days_waiting",),
    "shipping_cost": (STATUS,),
    "manage_extension": (LEVEL, "bill.days_late"),
    "manage_dispute_bill": (LEVEL, ERROR, "bill.overcharge", "bill.paid"),
    "refund_status": ("case.dislikes_status",),
    "initiate_refund": ("order.purchase_valid",),
}


def answer(facts: Facts, remedy: str, asked: int | None) -> Answer:
    """What the guidelines say to a request; `asked` in cents, None where it is asked how much."""
    flow = str(facts["reason"])
    gives, reading = _FLOWS[flow]
    if remedy not in gives:
        return ESCALATE
    found = reading(facts, remedy, asked)
    invalid = flow in VALIDATED and facts.get("order.purchase_valid", True) is False
    if not invalid:
        return found
    return found if found == DENY else _denied_for_the_price(facts, found, flow, asked)


def _denied_for_the_price(facts: Facts, found: Answer, flow: str, asked: int | None) -> Answer:
    """More than was paid is nobody's to give, whether or not the purchase is valid."""
    price = cents(facts.get(_PRICE_OF.get(flow, "")))
    return DENY if price is not None and asked is not None and asked > price else ESCALATE


_PRICE_OF = {
    "return_due_to_defect": "order.item_price",
    "initiate_refund": "order.item_price",
    "shipping_cost": "order.shipping_fee",
}


def _money(facts: Facts, *names: str) -> int | None:
    return next((cents(facts[name]) for name in names if name in facts), None)


def _shipped(facts: Facts) -> bool:
    return facts[STATUS] != "order_received"


def _at_cost(facts: Facts, asked: int | None) -> Answer:
    price = _money(facts, "order.item_price")
    return give(price, asked, price)


def _return(facts: Facts, remedy: str, asked: int | None) -> Answer:
    level, days = facts[LEVEL], int(str(facts["order.days_since_purchase"]))
    receipt, packaging = facts["order.has_receipt"], facts["order.original_packaging"]
    if level == "gold":
        possible = True
    elif level == "silver":
        possible = days <= 6 * 30 or receipt or packaging
    elif level == "bronze":
        possible = days <= 90 or receipt or packaging
    else:
        possible = days <= 30 or receipt
    return _at_cost(facts, asked) if possible else DENY


def _mystery_fee(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if facts[ERROR] or facts[LEVEL] in ("gold", "silver"):
        return give(_money(facts, "order.fee"), asked)
    return DENY


def _upgrade(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if _shipped(facts) or facts[LEVEL] != "gold":
        return DENY
    fee = _money(facts, "order.upgrade_fee")
    return give(20_00 if fee is None else fee, asked)


def _downgrade(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if not _shipped(facts):
        return ESCALATE  # the delivery is delayed; of a credit the guidelines say nothing
    return DENY if facts[LEVEL] == "guest" else give(_money(facts, "order.shipping_fee"), asked)


def _create(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if not _shipped(facts):
        return ESCALATE  # the item is added to the order; of a fee the guidelines say nothing
    return give(_money(facts, "order.shipping_fee"), asked) if facts[LEVEL] in ("silver", "gold") else DENY


def _cancel(facts: Facts, remedy: str, asked: int | None) -> Answer:
    return DENY if _shipped(facts) and facts[LEVEL] == "guest" else _at_cost(facts, asked)


def _quantity(facts: Facts, remedy: str, asked: int | None) -> Answer:
    return DENY if not facts[ERROR] or _shipped(facts) else _at_cost(facts, asked)


def _service_added(facts: Facts, remedy: str, asked: int | None) -> Answer:
    return give(40_00, asked, _money(facts, "order.service_price")) if facts[ERROR] else DENY


def _credit_missing(facts: Facts, remedy: str, asked: int | None) -> Answer:
    amount = _money(facts, "case.credit_amount")
    return give(40_00 if amount is None else amount, asked) if facts[ERROR] else DENY


def _promo_code(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if facts[ERROR] or facts[LEVEL] != "guest":
        return give(_money(facts, "case.credit_amount"), asked)
    return DENY


def _bad_price(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if facts["case.explanation_given"] and facts["case.still_unhappy"]:
        return give(_money(facts, "case.credit_amount"), asked)
    return DENY


def _already_returned(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if int(str(facts["refund.days_waited"])) > 7 or facts[LEVEL] == "gold":
        return give(_money(facts, "case.credit_amount", "order.item_price"), asked)
    return DENY


def _never_bought(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if facts[ERROR] or facts[LEVEL] == "gold":
        return give(_money(facts, "case.credit_amount", "order.item_price"), asked)
    return DENY


def _missing_item(facts: Facts, remedy: str, asked: int | None) -> Answer:
    still_on_its_way = int(str(facts["order.days_waiting"])) <= 7
    return DENY if still_on_its_way else give(_money(facts, "order.item_price"), asked)


def _shipping_cost(facts: Facts, remedy: str, asked: int | None) -> Answer:
    fee = _money(facts, "order.shipping_fee")
    early = facts[STATUS] in ("order_received", "in_transit")
    if remedy == "waiver":
        return give(fee, asked) if early else DENY
    if early:  # the fee is waived instead; more than was paid is nobody's to give
        return DENY if fee is not None and asked is not None and asked > fee else ESCALATE
    return give(8_00, asked, fee)


def _extension(facts: Facts, remedy: str, asked: int | None) -> Answer:
    if facts[LEVEL] in ("bronze", "guest"):
        return DENY
    in_time = facts[LEVEL] == "gold" or int(str(facts["bill.days_late"])) <= 1
    return Answer("allow") if in_time else ESCALATE


def _dispute_bill(facts: Facts, remedy: str, asked: int | None) -> Answer:
    overcharge = _money(facts, "bill.overcharge")
    if not facts["bill.paid"]:
        return DENY
    if facts[LEVEL] == "silver" and overcharge is not None and overcharge >= 10_00:
        return DENY
    if facts[LEVEL] in ("guest", "bronze") and not facts[ERROR]:
        return DENY
    return give(overcharge, asked)


def _refund_status(facts: Facts, remedy: str, asked: int | None) -> Answer:
    return ESCALATE  # disliked, it goes to the manager; otherwise the guidelines say nothing of a change


def _initiate_refund(facts: Facts, remedy: str, asked: int | None) -> Answer:
    price = _money(facts, "order.item_price")
    return give(50_00 if price is None else price, asked, price)


_Reading = Callable[[Facts, str, "int | None"], Answer]
_FLOWS: dict[str, tuple[tuple[str, ...], _Reading]] = {
    "return_due_to_defect": (("refund",), _return),
    "status_mystery_fee": (("waiver",), _mystery_fee),
    "manage_upgrade": (("waiver",), _upgrade),
    "manage_downgrade": (("credit",), _downgrade),
    "manage_create": (("waiver",), _create),
    "manage_cancel": (("refund",), _cancel),
    "status_quantity": (("refund",), _quantity),
    "status_service_added": (("refund",), _service_added),
    "status_credit_missing": (("credit",), _credit_missing),
    "promo_code_invalid": (("credit",), _promo_code),
    "promo_code_out_of_date": (("credit",), _promo_code),
    "bad_price": (("credit",), _bad_price),
    "mistimed_billing_already_returned": (("credit",), _already_returned),
    "mistimed_billing_never_bought": (("credit",), _never_bought),
    "missing_item": (("replacement",), _missing_item),
    "shipping_cost": (("waiver", "refund"), _shipping_cost),
    "manage_extension": (("extension",), _extension),
    "manage_dispute_bill": (("refund",), _dispute_bill),
    "refund_status": (("status_change",), _refund_status),
    "initiate_refund": (("refund",), _initiate_refund),
}
