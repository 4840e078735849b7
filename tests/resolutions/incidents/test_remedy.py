"""One remedy for all alike: what may be set, when, and that it stays the same for all."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from policyservice.db import tables
from policyservice.domain.errors import InvalidRequest, WrongState
from tests.decisions.factories import a_key, a_shop
from tests.resolutions.incident import CREDIT, confirmed, linked, opened, rolled_out, step


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"remedy": "applause"}, ["remedy"]),
        ({"remedy": "replacement"}, ["remedy"]),
        ({"amount": "0.00"}, ["amount"]),
        ({"amount": 5, "budget": "x"}, ["amount", "budget"]),
        ({"budget": "4.99"}, ["budget"]),
        ({"currency": 5}, ["currency"]),
        ({"facts": {"order.colour": "red"}}, ["facts.order.colour"]),
    ],
)
def test_a_remedy_that_cannot_be_taken_names_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    incident_id = opened(shop, key)
    step(shop, key, "transition", incident_id, to="confirmed")
    with pytest.raises(InvalidRequest) as caught:
        step(shop, key, "set_remedy", incident_id, **{**CREDIT, **fields})
    assert [error.field for error in caught.value.errors] == named


def test_a_budget_of_one_remedy_is_enough(sqlite_db):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    incident_id = opened(shop, key)
    step(shop, key, "transition", incident_id, to="confirmed")
    step(shop, key, "set_remedy", incident_id, **{**CREDIT, "budget": "5.00"})
    with shop.db.reading() as conn:
        assert conn.execute(select(tables.incident.c.budget_minor)).scalar_one() == 500


def test_nothing_is_given_before_it_is_confirmed_nor_after_it_ended(shop, key):
    incident_id = opened(shop, key)
    with pytest.raises(WrongState, match="Confirm it first"):
        step(shop, key, "set_remedy", incident_id, **CREDIT)
    step(shop, key, "transition", incident_id, to="confirmed")
    with pytest.raises(WrongState, match="Set its remedy first"):
        rolled_out(shop, key, incident_id)
    step(shop, key, "set_remedy", incident_id, **CREDIT)
    with pytest.raises(WrongState, match="3 seconds after"):
        rolled_out(shop, key, incident_id)
    step(shop, key, "transition", incident_id, to="dismissed")
    with pytest.raises(WrongState, match="It has ended"):
        rolled_out(shop, key, incident_id)
    with pytest.raises(WrongState):
        linked(shop, key, incident_id, "T-9")


def test_what_was_given_to_some_is_what_all_get(shop, key):
    incident_id = confirmed(shop, key)
    linked(shop, key, incident_id, "T-9")
    step(shop, key, "set_remedy", incident_id, **{**CREDIT, "amount": "6.00"})
    step(shop, key, "set_remedy", incident_id, **CREDIT, facts={"order.days_late": 4})
    shop.clock.advance(seconds=3)
    assert rolled_out(shop, key, incident_id).given == 1
    with pytest.raises(InvalidRequest, match="only the budget may change"):
        step(shop, key, "set_remedy", incident_id, **{**CREDIT, "amount": "6.00"}, facts={"order.days_late": 4})
    step(shop, key, "set_remedy", incident_id, **{**CREDIT, "budget": "900.00"}, facts={"order.days_late": 4})
