"""The airline's policy read from its text into plain Python, apart from the rules: what the rules are held against.

Every fact that a reason turns on is given, but for prices and, where the airline is not said to have cancelled, the
record of the flight.
"""

from __future__ import annotations

from tests.rules.giving import DENY, ESCALATE, Answer, Facts, cents, give

TURNS_ON = {
    "complaint": (
        "customer.membership",
        "customer.asked_for_compensation",
        "booking.cabin",
        "booking.insured",
        "booking.flight_status",
        "booking.changed_or_cancelled",
        "booking.passengers",
    ),
    "cancel": (
        "booking.cabin",
        "booking.insured",
        "booking.minutes_since_booked",
        "booking.any_segment_flown",
        "booking.flight_status",
    ),
    "baggage": ("customer.membership", "booking.cabin", "booking.passengers", "booking.bags"),
    "change": ("booking.any_segment_flown",),
}


def answer(facts: Facts, remedy: str, asked: int | None) -> Answer:
    """What the policy says to a request; `asked` in cents, None where it is asked how much."""
    topic = str(facts["reason"]).partition(".")[0]
    if remedy == "credit":
        return _compensation(facts, asked) if topic == "complaint" else DENY
    if topic == "complaint":
        return DENY
    if remedy == "refund" and topic == "cancel":
        return _cancellation(facts, asked)
    if remedy == "refund" and topic == "change":
        return _cabin(facts, asked)
    if remedy == "waiver" and topic == "baggage":
        return _bags(facts)
    return ESCALATE


def _compensation(facts: Facts, asked: int | None) -> Answer:
    if facts["reason"] == "complaint.other_reason":
        return DENY
    if not facts["customer.asked_for_compensation"]:
        return DENY
    valued = facts["customer.membership"] in ("silver", "gold")
    if not (valued or facts["booking.insured"] or facts["booking.cabin"] == "business"):
        return DENY
    passengers = int(str(facts["booking.passengers"]))
    if facts["reason"] == "complaint.flight_cancelled":
        confirmed = facts["booking.flight_status"] == "cancelled"
        return give(100_00 * passengers, asked) if confirmed else DENY
    confirmed = facts["booking.flight_status"] == "delayed"
    return give(50_00 * passengers, asked) if confirmed and facts["booking.changed_or_cancelled"] else DENY


def _cancellation(facts: Facts, asked: int | None) -> Answer:
    paid = cents(facts.get("booking.paid"))
    if facts["booking.any_segment_flown"]:  # whoever takes over can give back no more than was paid either
        return DENY if paid is not None and asked is not None and asked > paid else ESCALATE
    covered = facts["reason"] in ("cancel.health", "cancel.weather")
    grounds = (
        int(str(facts["booking.minutes_since_booked"])) <= 24 * 60,
        facts.get("booking.flight_status") == "cancelled",
        facts["booking.cabin"] == "business",
        covered and facts["booking.insured"],
    )
    if not any(grounds):
        return DENY
    return give(paid, asked, paid)


def _cabin(facts: Facts, asked: int | None) -> Answer:
    if facts["booking.any_segment_flown"]:
        return DENY
    old, new = cents(facts.get("booking.old_fare")), cents(facts.get("booking.new_fare"))
    if old is None or new is None:
        beyond = old is not None and asked is not None and asked > old
        return DENY if beyond else ESCALATE
    if new >= old:
        return DENY
    return give(old - new, asked, old)


_FREE = {
    "regular": {"basic_economy": 0, "economy": 1, "business": 2},
    "silver": {"basic_economy": 1, "economy": 2, "business": 3},
    "gold": {"basic_economy": 2, "economy": 3, "business": 4},
}


def _bags(facts: Facts) -> Answer:
    each = _FREE[str(facts["customer.membership"])][str(facts["booking.cabin"])]
    within = int(str(facts["booking.bags"])) <= each * int(str(facts["booking.passengers"]))
    return Answer("allow") if within else DENY
