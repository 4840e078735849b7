"""What the company's own systems verified wins over what was stated; the conflict is kept; a replay needs no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from policyservice.access.keys import Role
from policyservice.cases.verified import VerifiedFacts
from policyservice.db import tables
from policyservice.decisions import log, verifying
from policyservice.decisions.options import options
from policyservice.decisions.replay import replay
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.decision import Outcome, Verified
from policyservice.domain.errors import InvalidRequest
from policyservice.domain.pseudonyms import PersonalKind
from tests.decisions.factories import RULES, a_key, a_rulebook, a_shop, body, decide, pseudonym, sources
from tests.fakes import NOON

PAID = {"reason": "delivery.missing", "remedy": "refund", "facts": {"order.paid": "250.00"}, "agent": "liisa"}


def verify(shop, ref="O-1", kind="order", at=NOON, currency="EUR", source="ERP", **facts):
    said = VerifiedFacts(source, at, currency, {name.replace("_", ".", 1): value for name, value in facts.items()})
    with shop.db.transaction() as conn:
        verifying.put(shop, conn, PersonalKind(kind), ref, said)


def asked(shop, key, number=1, **changes):
    decision_id = str(decide(shop, key, f"k{number}", **changes).decision_id)
    with shop.db.reading() as conn:
        return log.read(conn, decision_id)


def conflicts(shop):
    with shop.db.reading() as conn:
        return conn.execute(select(tables.fact_conflict)).all()


def test_a_verified_fact_is_taken_instead_of_the_stated_one_and_the_conflict_is_kept(shop, key):
    verify(shop, order_paid="5.00")
    stored = asked(shop, key, **{**PAID, "facts": {"order.paid": "7.00"}, "amount": "7.00"})

    assert stored.decision.outcome is Outcome.DENY  # more than was paid
    assert stored.request.facts == {"order.paid": 500}
    assert stored.context.sources == {"order.paid": Verified("ERP", NOON, "order", stated=700)}
    (conflict,) = conflicts(shop)
    assert (conflict.decision_id, conflict.fact, conflict.source) == (stored.id, "order.paid", "ERP")
    assert (conflict.case_ref, conflict.customer) == (pseudonym(shop, "T-1", "case"), pseudonym(shop, "C-1"))


def test_a_fact_that_was_stated_as_it_is_verified_is_no_conflict(shop, key):
    verify(shop, order_paid="7.00")
    stored = asked(shop, key, **{**PAID, "facts": {"order.paid": "7.00"}, "amount": "7.00"})

    assert stored.decision.outcome is Outcome.ALLOW
    assert stored.context.sources == {"order.paid": Verified("ERP", NOON, "order")}
    assert conflicts(shop) == []


def test_nobody_is_asked_for_what_is_verified(shop, key):
    verify(shop, order_paid="7.00")

    assert asked(shop, key, **{**PAID, "facts": {}, "amount": "7.00"}).decision.outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("amount", "is_verified", "outcome"),
    [("200.00", False, "allow"), ("200.01", False, "escalate"), ("200.01", True, "allow"), ("250.00", True, "allow")],
)
def test_above_the_sum_of_the_pack_facts_have_to_be_verified(shop, key, amount, is_verified, outcome):
    if is_verified:
        verify(shop, order_paid="250.00")

    stored = asked(shop, key, **{**PAID, "amount": amount})

    assert stored.decision.outcome.value == outcome
    assert ("verify" in [because.code for because in stored.decision.because]) is (outcome == "escalate")


@pytest.mark.parametrize(
    ("amount", "is_verified", "outcome"),
    [("50.00", False, "allow"), ("50.01", False, "escalate"), ("50.01", True, "allow")],
)
def test_a_rule_says_by_itself_above_which_sum_which_facts_have_to_be_verified(any_db, amount, is_verified, outcome):
    says = "    verify_above: {amount: 50.00, facts: [order.paid]}\n"
    shop = a_shop(any_db, rules=sources(rules=RULES.replace("  - id: came-late", f"{says}  - id: came-late")))
    if is_verified:
        verify(shop, order_paid="250.00")

    stored = asked(shop, a_key(shop), **{**PAID, "amount": amount})

    assert stored.decision.outcome.value == outcome
    told = [because.rule for because in stored.decision.because if because.code == "verify"]
    assert told == (["never-came"] if outcome == "escalate" else [])
    with shop.db.reading() as conn:
        assert [replayed.differences for replayed in replay(conn, Rulebooks())] == [()]
    shop.rulebooks.close()


def test_what_is_said_of_the_order_stands_over_what_is_said_of_the_customer(shop, key):
    verify(shop, "C-1", "customer", order_days__late=1, order_category="meal", source="CRM")
    with shop.db.transaction() as conn:
        said = VerifiedFacts("ERP", NOON, None, {"order.days_late": 9})
        verifying.put(shop, conn, PersonalKind.ORDER, "O-1", said)
    stored = asked(shop, key)

    assert stored.request.facts["order.days_late"] == 9
    assert {name: source.of for name, source in stored.context.sources.items()} == {
        "order.days_late": "order",
        "order.category": "customer",
    }


@pytest.mark.parametrize("changes", [{"order": "O-2", "customer": "C-2"}, {"order": ..., "customer": ...}])
def test_facts_of_another_order_are_not_taken(shop, key, changes):
    verify(shop, order_paid="5.00")

    assert asked(shop, key, **changes).context.sources == {}


def test_money_in_another_currency_and_facts_that_the_rulebook_does_not_know_are_not_used(shop, key):
    verify(shop, currency="SEK", order_paid="5.00", order_unknown="x", order_category="nosuch", order_returned=True)
    stored = asked(shop, key)

    assert set(stored.context.sources) == {"order.returned"}


def test_a_fact_that_only_systems_provide_reaches_the_decision(shop, key):
    verify(shop, fraud_score=70)

    assert asked(shop, key).decision.facts["fraud.score"] == 70


def test_options_rest_on_what_is_verified(shop, key):
    raw = body(reason="delivery.missing", remedy=..., amount=..., facts={}, agent="liisa")
    assert "refund" not in [option.remedy for option in options(shop, raw, key).options]
    verify(shop, order_paid="7.00")

    found = {option.remedy: option.up_to_minor for option in options(shop, raw, key).options}
    assert found["refund"] == 700


def test_a_replay_needs_nothing_but_the_log(shop, key):
    verify(shop, order_paid="5.00", note_words="secret words")
    asked(shop, key, 1, **{**PAID, "facts": {"order.paid": "7.00", "note.words": "other words"}, "amount": "5.00"})
    verify(shop, order_paid="9.99")

    with shop.db.reading() as conn:
        replayed = list(replay(conn, Rulebooks()))
        record = str(conn.execute(select(tables.decision.c.record)).scalar_one())
    assert [each.differences for each in replayed] == [()]
    assert "words" not in record.replace("note.words", "")


def test_a_fact_that_changes_between_looking_and_deciding_is_taken_as_it_is_then(shop, key, monkeypatch):
    """Standing is read twice; what differs is prepared anew."""
    verify(shop, order_paid="7.00")
    from policyservice.decisions import request

    way = request._decide_and_keep

    def changed_meanwhile(services, calls, conn):
        monkeypatch.setattr(request, "_decide_and_keep", way)
        if not shop.db.is_sqlite:
            verify(shop, order_paid="5.00")
        else:
            from policyservice.cases import verified

            said = VerifiedFacts("ERP", NOON, "EUR", {"order.paid": "5.00"})
            verified.put(conn, [(pseudonym(shop, "O-1", "order"), said)], NOON)
        return way(services, calls, conn)

    monkeypatch.setattr(request, "_decide_and_keep", changed_meanwhile)
    stored = asked(shop, key, **{**PAID, "facts": {}, "amount": "7.00"})

    assert stored.decision.outcome is Outcome.DENY


def test_who_names_neither_order_nor_customer_reads_no_record(shop, key):
    verify(shop, order_paid="5.00")
    stored = asked(shop, key, order=..., customer=...)

    assert stored.context.verified == frozenset()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"source": None}, ["source"]),
        ({"facts": None}, ["facts"]),
        ({"facts": {"order.paid": 7}}, ["facts.order.paid"]),
        ({"facts": {"order.paid": "7.001"}}, ["facts.order.paid"]),
        ({"facts": {"nosuch": 1}}, ["facts.nosuch"]),
        ({"facts": {"customer.loyal": True}}, ["facts.customer.loyal"]),
        ({"currency": None}, ["currency"]),
        ({"currency": "EURO"}, ["currency"]),
        ({"at": (NOON + timedelta(seconds=1)).isoformat()}, ["at"]),
        ({"at": "yesterday", "more": 1}, ["more", "at"]),
        ({"facts": {"note.words": "txt_" + "a" * 24}}, ["facts.note.words"]),
    ],
)
def test_what_a_system_says_is_read_as_strictly_as_what_a_caller_states(changes, fields):
    raw = {"source": "ERP", "currency": "EUR", "facts": {"order.paid": "7.00"}, **changes}

    with pytest.raises(InvalidRequest) as refused:
        verifying.taken(raw, a_rulebook(), NOON)
    assert [error.field for error in refused.value.errors] == fields


def test_a_key_may_be_made_for_the_companys_systems(lite_shop):
    assert a_key(lite_shop, Role.SYSTEM).role is Role.SYSTEM
