"""The airline pack says what its policy says: over whole grids around every bound, and where facts are not known."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.rules.airline_by_hand import TURNS_ON, answer
from tests.rules.asking import LEFT_OUT, Pack, differences, grid, open_ends

COMPLAINTS = ("complaint.flight_cancelled", "complaint.flight_delayed", "complaint.other_reason")
CANCELLATIONS = (
    "cancel.change_of_plan",
    "cancel.airline_cancelled",
    "cancel.health",
    "cancel.weather",
    "cancel.other",
)
MEMBERSHIPS = ("regular", "silver", "gold")
CABINS = ("basic_economy", "economy", "business")
STATUSES = ("on_time", "delayed", "cancelled")
BOTH = (False, True)
VALUES = {
    "customer.membership": MEMBERSHIPS,
    "customer.asked_for_compensation": BOTH,
    "booking.cabin": CABINS,
    "booking.insured": BOTH,
    "booking.minutes_since_booked": (0, 1440, 1441, 100_000),
    "booking.any_segment_flown": BOTH,
    "booking.flight_status": STATUSES,
    "booking.changed_or_cancelled": BOTH,
    "booking.passengers": (1, 2, 5),
    "booking.bags": (0, 1, 2, 3, 4, 5, 10, 20, 21),
}


@pytest.fixture(scope="module")
def pack():
    return Pack("airline")


def complaints():
    return grid(
        COMPLAINTS,
        customer__membership=MEMBERSHIPS,
        customer__asked_for_compensation=BOTH,
        booking__cabin=CABINS,
        booking__insured=BOTH,
        booking__flight_status=STATUSES,
        booking__changed_or_cancelled=BOTH,
        booking__passengers=(1, 5),
    )


def cancellations():
    return grid(
        CANCELLATIONS,
        booking__cabin=CABINS,
        booking__insured=BOTH,
        booking__minutes_since_booked=(0, 1439, 1440, 1441, 100_000),
        booking__any_segment_flown=BOTH,
        booking__flight_status=STATUSES,
        booking__paid=("431.07", LEFT_OUT),
    )


def test_certificates_are_as_the_policy_says(pack):
    def questions():
        for facts in complaints():
            passengers = int(facts["booking.passengers"])
            yield facts, "refund", None
            for asked in (None, 1, *(each * passengers + more for each in (50_00, 100_00) for more in (-1, 0, 1))):
                yield facts, "credit", asked

    asked, found = differences(pack, answer, questions())

    assert found == []
    assert asked > 11_000


def test_refunds_of_cancelled_bookings_are_as_the_policy_says(pack):
    def questions():
        for facts in cancellations():
            yield facts, "credit", None
            for asked in (None, 1, 431_07, 431_08) if "booking.paid" in facts else (None, 1):
                yield facts, "refund", asked

    asked, found = differences(pack, answer, questions())

    assert found == []
    assert asked > 7_000


def test_a_cancellation_that_nobody_says_is_the_airlines_does_not_wait_for_the_record_of_the_flight(pack):
    questions = (
        ({name: value for name, value in facts.items() if name != "booking.flight_status"}, "refund", None)
        for facts in cancellations()
        if facts["reason"] != "cancel.airline_cancelled"
    )

    assert differences(pack, answer, questions)[1] == []


def test_bags_are_free_as_the_policy_says(pack):
    questions = (
        (facts, remedy, None)
        for facts in grid(
            ("baggage.checked",),
            customer__membership=MEMBERSHIPS,
            booking__cabin=CABINS,
            booking__passengers=(1, 2, 3, 4, 5),
            booking__bags=range(22),
        )
        for remedy in ("waiver", "credit", "refund")
    )

    assert differences(pack, answer, questions)[1] == []


def test_a_change_of_cabin_is_refunded_as_the_policy_says(pack):
    fares = ("0.00", "0.01", "299.99", "300.00", "300.01", "512.50", LEFT_OUT)

    def questions():
        for facts in grid(
            ("change.cabin",),
            booking__cabin=(*CABINS, LEFT_OUT),
            booking__any_segment_flown=BOTH,
            booking__old_fare=fares[1:],
            booking__new_fare=fares,
        ):
            yield facts, "credit", None
            for asked in (None, 1, 2, 212_50, 212_51, 300_00, 300_01, 512_50, 512_51):
                yield facts, "refund", asked

    assert differences(pack, answer, questions())[1] == []


@pytest.mark.parametrize(
    ("all_facts", "remedy"),
    [
        (complaints, "credit"),
        (cancellations, "refund"),
        (lambda: grid(("baggage.checked",), **_of("baggage")), "waiver"),
        (
            lambda: grid(("change.cabin",), **_of("change"), booking__old_fare=("9.00",), booking__new_fare=("8.00",)),
            "refund",
        ),
    ],
    ids=["complaint", "cancel", "baggage", "change"],
)
def test_what_is_not_known_never_decides(pack, all_facts, remedy):
    wrong, seen, escalated = [], set(), 0
    for facts in all_facts():
        reason = str(facts["reason"])
        names = [n for n in TURNS_ON[reason.partition(".")[0]] if not _is_taken_from_the_reason(n, reason)]
        for hidden in (set(some) for size in (1, 2) for some in combinations(names, size)):
            case = tuple(sorted((n, v) for n, v in facts.items() if n not in hidden))
            if case in seen:
                continue
            seen.add(case)
            fault = open_ends(pack, answer, facts, remedy, {name: VALUES[name] for name in sorted(hidden)})
            wrong += [fault] if fault else []
            known = {name: value for name, value in facts.items() if name not in hidden}
            escalated += pack.answer(known, remedy, None).outcome == "escalate"

    assert wrong == []
    assert escalated > 0


@pytest.mark.parametrize(
    ("missing", "facts", "remedy"),
    [
        ("customer.asked_for_compensation", {"reason": "complaint.flight_cancelled"}, "credit"),
        ("booking.flight_status", {"reason": "complaint.flight_cancelled"}, "credit"),
        ("booking.passengers", {"reason": "complaint.flight_cancelled"}, "credit"),
        ("booking.changed_or_cancelled", {"reason": "complaint.flight_delayed"}, "credit"),
        ("booking.any_segment_flown", {"reason": "cancel.other", "booking.minutes_since_booked": 5}, "refund"),
        ("booking.flight_status", {"reason": "cancel.airline_cancelled"}, "refund"),
        ("booking.insured", {"reason": "cancel.health"}, "refund"),
        ("booking.minutes_since_booked", {"reason": "cancel.change_of_plan"}, "refund"),
        ("booking.cabin", {"reason": "cancel.change_of_plan"}, "refund"),
        ("booking.any_segment_flown", {"reason": "change.cabin"}, "refund"),
        ("booking.new_fare", {"reason": "change.cabin"}, "refund"),
        ("customer.membership", {"reason": "baggage.checked"}, "waiver"),
        ("booking.bags", {"reason": "baggage.checked"}, "waiver"),
    ],
)
def test_an_answer_waits_for_the_fact_that_would_settle_it(pack, missing, facts, remedy):
    delayed = facts["reason"] == "complaint.flight_delayed"
    compensated = str(facts["reason"]).startswith("complaint.")
    everything = {
        "customer.membership": "gold" if compensated else "silver",
        "customer.asked_for_compensation": True,
        "booking.cabin": "economy",
        "booking.insured": False,
        "booking.minutes_since_booked": 1441,
        "booking.any_segment_flown": False,
        "booking.passengers": 2,
        "booking.paid": "90.00",
        "booking.flight_status": "delayed" if delayed else "cancelled" if compensated else "on_time",
        "booking.changed_or_cancelled": True,
        "booking.bags": 4,
        "booking.old_fare": "90.00",
        "booking.new_fare": "80.00",
        **facts,
    }
    del everything[missing]

    assert pack.answer(everything, remedy, None).outcome == "escalate"


def _of(topic):
    return {name.replace(".", "__"): VALUES[name] for name in TURNS_ON[topic]}


def _is_taken_from_the_reason(name, reason):
    """Where the airline is not said to have cancelled, an unknown record counts as a flight that was not."""
    return name == "booking.flight_status" and reason.startswith("cancel.") and reason != "cancel.airline_cancelled"
