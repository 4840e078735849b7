"""Escalations whose question answered itself."""

from __future__ import annotations

import pytest

from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.resolutions.tidying import withdraw_answered
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, render
from tests.resolutions.desk import announced, escalated, history, read


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


def given(shop: Runtime, key, **changes: object) -> str:
    """A credit by Liisa in the same case and order, given to the customer."""
    asked = {"agent": "liisa", "amount": "40.00", **changes}
    decision_id = str(decide(shop, key, f"give {asked}", **asked).decision_id)
    settle.commit(shop, decision_id, key, Idempotency("p", decision_id, "f"), render)
    return decision_id


def test_what_was_given_since_leaves_the_queue_and_names_what_answered_it(shop, key):
    escalation_id = escalated(shop, key)
    decision_id = given(shop, key)

    assert withdraw_answered(shop) == 1
    closed = read(shop, escalation_id)
    assert (closed.status, closed.result, closed.resolved_by) == (EscalationStatus.RESOLVED, Result.WITHDRAWN, None)
    assert closed.result_decision_id == decision_id
    assert [event.by for event in history(shop, key, escalation_id).events] == [None]
    assert [kind for kind, _, _ in announced(shop)] == ["escalation.resolved"]
    assert withdraw_answered(shop) == 0


@pytest.mark.parametrize(
    "changes",
    [{"amount": "39.99"}, {"case": "T-2"}, {"order": "O-2"}, {"remedy": "gift", "amount": "5.00"}],
    ids=["less", "another case", "another order", "another remedy"],
)
def test_anything_else_that_was_given_answers_nothing(shop, key, changes):
    escalation_id = escalated(shop, key)
    given(shop, key, **changes)
    assert withdraw_answered(shop) == 0
    assert read(shop, escalation_id).status is EscalationStatus.OPEN


def test_what_is_only_held_may_yet_be_voided_and_answers_nothing(shop, key):
    escalated(shop, key)
    decide(shop, key, "held", agent="liisa", amount="40.00")
    assert withdraw_answered(shop) == 0


def test_what_was_given_before_it_was_asked_answers_nothing(shop, key):
    given(shop, key)
    escalated(shop, key)
    assert withdraw_answered(shop) == 0
