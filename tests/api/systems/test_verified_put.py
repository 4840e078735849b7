"""PUT /v1/orders/{ref} and /v1/customers/{ref}: what the company's systems know wins, and the conflict shows."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Service, assert_problem

SAID = {"source": "ERP", "at": "2026-06-01T08:00:00Z", "currency": "EUR", "facts": {"order.paid": "6.50"}}
CONFLICT = {
    "fact": "order.paid",
    "stated": "7.00",
    "verified": "6.50",
    "source": "ERP",
    "at": "2026-06-01T08:00:00Z",
}


@pytest.fixture
def system(service: Service):
    return service.caller(Role.SYSTEM)


def test_what_a_system_says_is_answered_as_it_is_kept(system):
    assert system.put("/v1/orders/O-55", SAID).get_json() == {"ref": "O-55", **SAID}


def test_a_verified_fact_wins_and_the_conflict_is_in_the_answer_the_history_and_the_explanation(system, ui):
    system.put("/v1/orders/O-55", SAID)
    denied = ui.decided()
    assert (denied["outcome"], denied["conflicts"]) == ("deny", [CONFLICT])  # more is asked than was paid

    told = ui.get(f"/v1/decisions/{denied['id']}/explanation").get_json()["facts"]
    paid, category = (next(fact for fact in told if fact["fact"] == f"order.{name}") for name in ("paid", "category"))
    assert (paid["value"], paid["source"], paid["by"], paid["stated"]) == ("6.50", "verified", "ERP", "7.00")
    assert (category["source"], category["by"]) == ("stated", None)
    case = ui.get("/v1/cases/T-1001").get_json()
    assert case["items"][0]["conflicts"] == [CONFLICT]
    assert [entry["details"] for entry in case["timeline"] if entry["kind"] == "conflict"] == [
        {"fact": "order.paid", "source": "ERP"}
    ]
    known = {fact["fact"]: fact for fact in case["known"]}
    assert (known["order.paid"]["value"], known["order.paid"]["by"]) == ("6.50", "ERP")
    assert (known["order.category"]["value"], known["order.category"]["agent"]) == ("meal", "maija")


def test_facts_of_a_customer_are_taken_too(system, ui):
    system.put("/v1/customers/C-77", SAID)

    assert ui.decided(amount="6.50", facts={"order.paid": ...})["outcome"] == "allow"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"facts": {"order.paid": 6.5}}, ["facts.order.paid"]),
        ({"facts": {"nosuch": "x"}, "source": ""}, ["facts.nosuch", "source"]),
        ({"facts": []}, ["facts"]),
        ({"currency": None}, ["currency"]),
        ({"at": "2026-06-01T09:00:01Z"}, ["at"]),
        ({"approved_by": "me"}, ["approved_by"]),
    ],
)
def test_what_is_at_fault_is_named_and_nothing_is_kept(service, system, changes, fields):
    assert_problem(system.put("/v1/orders/O-55", {**SAID, **changes}), 422, "invalid-request", *fields)
    assert service.rows("verified_facts") == 0


def test_a_bound_key_verifies_nothing(service: Service):
    bound = service.bound(Role.SYSTEM, teams=("desk",))

    assert_problem(bound.put("/v1/orders/O-55", SAID), 403, "not-allowed")


@pytest.mark.parametrize("ref", ["%00", "x" * 201])
def test_what_cannot_be_a_reference_is_refused(system, ref):
    assert_problem(system.put(f"/v1/customers/{ref}", SAID), 422, "invalid-request", "ref")
