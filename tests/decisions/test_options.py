from __future__ import annotations

import pytest
from sqlalchemy import func, select

from policyservice.db import tables
from policyservice.decisions.options import Options, options
from policyservice.domain.errors import InvalidRequest, NotAllowed, UnknownAgent
from policyservice.domain.limits import Scope
from policyservice.domain.vocabulary import Basis
from tests.decisions.factories import a_key, body, decide


def offered(shop, key, **changes: object) -> Options:
    return options(shop, body(remedy=..., amount=..., **changes), key)


def test_what_may_be_given_comes_best_first_with_what_binds(shop, key):
    found = offered(shop, key)

    assert [(option.remedy, option.up_to_minor) for option in found.options] == [("credit", 2000), ("gift", 500)]
    credit, gift = found.options
    assert credit.binding_limit is not None
    assert (credit.binding_limit.limit, credit.binding_limit.scope) == ("per-decision", Scope.DECISION)
    assert gift.binding_limit is None
    assert (credit.currency, credit.basis) == ("EUR", Basis.GOODWILL)
    assert credit.cost is not None
    assert credit.cost.remedy_minor == 1600
    assert [because.rule for because in credit.because] == ["came-late"]


def test_what_is_offered_is_allowed_and_one_cent_more_is_not(shop, key):
    decide(shop, key, "before", amount="20.00", customer="C-0")
    decide(shop, key, "before2", amount="15.00", customer="C-0")
    (credit, *_) = offered(shop, key).options

    assert credit.up_to_minor == 1500
    assert "escalated" in decide(shop, key, "above", amount="15.01").body
    assert "reserved" in decide(shop, key, "at", amount="15.00").body


def test_a_limit_for_one_remedy_bounds_that_one_alone(shop, key):
    for number in range(3):
        decide(shop, key, f"k{number}", amount="1.00", order=f"O-{number}")
    found = offered(shop, key)

    assert [option.remedy for option in found.options] == ["gift"]
    (credit,) = found.escalate_only
    assert credit.remedy == "credit"
    assert credit.binding_limit is not None
    assert credit.binding_limit.limit == "credit-times"


def test_a_remedy_without_a_sum_is_offered_without_one(shop, key):
    found = offered(shop, key, reason="delivery.missing", facts={"order.paid": "7.00"})

    assert [(option.remedy, option.up_to_minor) for option in found.options] == [("refund", 700), ("replacement", None)]


def test_what_waits_for_a_fact_is_named_with_the_fact(shop, key):
    found = offered(shop, key, reason="delivery.missing", facts={})

    assert [(only.remedy, only.missing) for only in found.escalate_only] == [("refund", ("order.paid",))]


def test_what_no_rule_mentions_is_not_listed(shop, key):
    assert offered(shop, key, reason="courtesy.other") == Options((), ())


def test_options_hold_and_log_nothing(shop, key):
    offered(shop, key)
    with shop.db.reading() as conn:
        for table in (tables.decision, tables.entry, tables.counter, tables.reply):
            assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_options_are_refused_as_a_decision_would_be(lite_shop, key):
    with pytest.raises(InvalidRequest) as caught:
        options(lite_shop, body(), key)
    assert sorted(error.field for error in caught.value.errors) == ["amount", "remedy"]
    with pytest.raises(UnknownAgent):
        offered(lite_shop, key, agent="stranger")
    with pytest.raises(NotAllowed):
        offered(lite_shop, a_key(lite_shop, agents=("teppo",)))
