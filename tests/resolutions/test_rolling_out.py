"""One remedy for every case linked: once for each, within the budget, and not beside what was given in conversation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from policyservice.cases import incident_cases
from policyservice.db import tables
from policyservice.decisions import compensation, log, settle
from policyservice.decisions.options import options
from policyservice.decisions.replay import replay
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.request import answer, item_of
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.decision import Outcome
from policyservice.domain.limits import Scope
from policyservice.ledger.reconcile import reconcile
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, body, decide, pseudonym, render
from tests.resolutions.desk import announced
from tests.resolutions.incident import CREDIT, confirmed, linked, rolled_out, step
from tests.statements import seen


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


FACTS = {"order.days_late": 4}


def an_incident(shop: Runtime, key, cases: int, **remedy: object) -> str:
    """An incident with a credit of EUR 5 for each of some cases of as many customers, ready to be rolled out."""
    incident_id = confirmed(shop, key)
    step(shop, key, "set_remedy", incident_id, **{**CREDIT, **remedy}, facts=FACTS)
    shop.clock.advance(seconds=3)
    for number in range(cases):
        linked(shop, key, incident_id, f"T-{number}", customer=f"C-{number}")
    return incident_id


def allowed(shop: Runtime) -> int:
    """How many decisions gave something."""
    table = tables.decision
    with shop.db.reading() as conn:
        return conn.execute(select(func.count()).select_from(table).where(table.c.outcome == "allow")).scalar_one()


def asked(shop: Runtime, key, name: str, **changes: object) -> log.StoredDecision:
    """A credit of EUR 5 asked for in conversation."""
    reply = decide(shop, key, name, **{"case": "T-0", "customer": "C-0", "order": ..., "amount": "5.00", **changes})
    with shop.db.reading() as conn:
        return log.read(conn, str(reply.decision_id))


def test_each_case_gets_it_once_however_often_it_is_rolled_out(shop, key):
    incident_id = an_incident(shop, key, 3)
    first, again = rolled_out(shop, key, incident_id), rolled_out(shop, key, incident_id)
    assert (first.given, first.counts.left, again.given, again.counts.given) == (3, 0, 0, 3)
    with shop.db.reading() as conn:
        links = incident_cases.page(conn, incident_id)
        decisions = [log.read(conn, str(link.outcome_decision_id)) for link in links]
    assert {stored.request.incident for stored in decisions} == {incident_id}
    assert {stored.standing_minor for stored in decisions} == {500}
    assert [kind for kind, _, _ in announced(shop)].count("incident.remedy_given") == 3


def test_a_batch_does_no_more_than_it_is_told_and_the_next_goes_on(shop, key):
    incident_id = an_incident(shop, key, 3)
    assert [rolled_out(shop, key, incident_id, most=2).given for _ in range(3)] == [2, 1, 0]


def test_the_budget_is_spent_to_the_last_cent_and_not_beyond(shop, key):
    incident_id = an_incident(shop, key, 3, budget="10.00")
    done = rolled_out(shop, key, incident_id)
    assert (done.given, done.not_given, done.counts.left) == (2, 1, 1)
    with shop.db.reading() as conn:
        assert [link.why for link in incident_cases.page(conn, incident_id) if link.why] == [compensation.BUDGET]
    assert allowed(shop) == 2  # what could not be given is not in the log either

    step(shop, key, "set_remedy", incident_id, **{**CREDIT, "budget": "15.00"}, facts=FACTS)
    shop.clock.advance(seconds=3)
    assert rolled_out(shop, key, incident_id).given == 1


def test_a_conversation_meets_the_budget_as_a_limit_that_is_named(shop, key):
    incident_id = an_incident(shop, key, 3, budget="12.00")
    rolled_out(shop, key, incident_id)
    answer = asked(shop, key, "more", case="T-9", customer="C-9", incident=incident_id, amount="2.01")
    assert answer.decision.binding_limit is not None
    bound = answer.decision.binding_limit
    assert (answer.decision.outcome, bound.limit, bound.scope) == (Outcome.ESCALATE, "incident-budget", Scope.INCIDENT)
    assert (bound.left_minor, bound.bound_minor) == (200, 1200)
    at_the_bound = asked(shop, key, "enough", case="T-9", customer="C-9", incident=incident_id, amount="2.00")
    assert at_the_bound.decision.outcome is Outcome.ALLOW


def test_the_roll_out_counts_for_no_agent_or_team_and_the_books_agree(shop, key):
    incident_id = an_incident(shop, key, 3)
    rolled_out(shop, key, incident_id)
    with shop.db.reading() as conn:
        rows = conn.execute(select(tables.entry.c.agent, tables.entry.c.team)).all()
        assert {tuple(row) for row in rows} == {(None, None)}
        assert [again.differences for again in replay(conn, Rulebooks())] == [()] * 3
    with shop.db.transaction() as conn:
        assert reconcile(conn, shop.zone) == []


def test_what_the_agents_level_does_not_admit_is_not_given(shop, key):
    incident_id = an_incident(shop, key, 1, amount="25.00")
    assert rolled_out(shop, key, incident_id, agent="maija").not_given == 1  # her cap is 20.00
    shop.clock.advance(seconds=1)
    assert rolled_out(shop, key, incident_id, agent="teppo").given == 1


def test_what_was_given_in_conversation_is_not_given_again(shop, key):
    incident_id = an_incident(shop, key, 2)
    given = asked(shop, key, "in conversation")
    assert given.decision.outcome is Outcome.ALLOW
    done = rolled_out(shop, key, incident_id)
    assert (done.given, done.had) == (1, 1)


def test_what_was_not_given_after_all_is_given(shop, key):
    incident_id = an_incident(shop, key, 1)
    given = asked(shop, key, "in conversation")
    settle.void(shop, given.id, key, Idempotency("p", "v", "f"), render, reason="mistake")
    assert rolled_out(shop, key, incident_id).given == 1


def test_what_was_given_proactively_is_not_given_again_in_conversation(shop, key):
    incident_id = an_incident(shop, key, 1)
    rolled_out(shop, key, incident_id)
    for name, changes in (
        ("the case", {}),
        ("the customer, in another case that names it", {"case": "T-8", "incident": incident_id}),
        ("the case, for another customer", {"customer": ...}),
    ):
        answer = asked(shop, key, name, **changes)
        assert answer.decision.outcome is Outcome.DENY
        assert [because.code for because in answer.decision.because] == ["compensated"]
        assert "credit" not in [each.remedy for each in answer.decision.alternatives]
    assert "credit" not in offered(shop, key)
    elsewhere = asked(shop, key, "another matter", case="T-7", customer="C-0")
    assert elsewhere.decision.outcome is Outcome.ALLOW
    with shop.db.reading() as conn:
        assert {again.differences for again in replay(conn, Rulebooks())} == {()}


def offered(shop: Runtime, key) -> list[str]:
    """The remedies that Maija may give in the case."""
    raw = body(order=..., case="T-0", customer="C-0", remedy=..., amount=...)
    return [option.remedy for option in options(shop, raw, key).options]


def test_another_remedy_and_another_customer_are_not_held_back(shop, key):
    incident_id = an_incident(shop, key, 1)
    rolled_out(shop, key, incident_id)
    assert asked(shop, key, "gift", remedy="gift", amount="4.00").decision.outcome is Outcome.ALLOW
    assert asked(shop, key, "else", case="T-9", customer="C-9").decision.outcome is Outcome.ALLOW


def test_several_who_roll_out_and_converse_at_once_give_it_to_nobody_twice(shop, key):
    incident_id = an_incident(shop, key, 8)
    together = Barrier(4)

    def work(number: int) -> None:
        together.wait(timeout=30)
        if number < 2:
            rolled_out(shop, key, incident_id)
            return
        for case in range(8):
            asked(shop, key, f"{number} {case}", case=f"T-{case}", customer=f"C-{case}", agent="liisa")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    table = tables.decision
    with shop.db.reading() as conn:
        query = select(table.c.case_ref, func.count()).where(table.c.outcome == "allow").group_by(table.c.case_ref)
        given = {row[0]: row[1] for row in conn.execute(query)}
    assert given == {pseudonym(shop, f"T-{number}", "case"): 1 for number in range(8)}


def test_while_no_incident_has_a_remedy_a_decision_asks_nothing_about_incidents(shop, key, monkeypatch):
    decide(shop, key, "first")
    looked: list[object] = []
    monkeypatch.setattr(compensation, "_behind", lambda *given, **named: looked.append(given) or [])
    monkeypatch.setattr(compensation, "KNOWN_SECONDS", 60.0)
    with seen(shop.db.engine) as statements:
        decide(shop, key, "second", order="O-2")
    assert len(statements) > 5
    assert (looked, [sql for sql in statements if "incident_case" in sql or "FROM incident" in sql]) == ([], [])


def test_a_batch_in_one_transaction_spends_the_budget_once_and_gives_nobody_twice(shop, key):
    incident_id = an_incident(shop, key, 1, budget="12.00")
    mine = {"order": ..., "amount": "5.00", "incident": incident_id}
    raws = [
        body(case="T-0", customer="C-0", **mine),
        body(case="T-0", customer="C-0", **mine),
        body(case="T-5", customer="C-0", **mine),
        body(case="T-6", customer="C-6", **mine),
        body(case="T-7", customer="C-7", **mine),
    ]
    items = [
        item_of(shop, raw, key, Idempotency.of("/v1/decisions", str(number), raw)) for number, raw in enumerate(raws)
    ]
    answers = answer(shop, items, lambda stored: stored.decision.outcome.value)
    assert [each.body for each in answers if isinstance(each, Reply)] == ["allow", "deny", "deny", "allow", "escalate"]
