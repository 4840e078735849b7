from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import insert, select

from policyservice.db import tables
from policyservice.decisions import publishing, record
from policyservice.decisions.replay import Replayed, replay
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.decision import Outcome
from tests.decisions.factories import RULES, decide, sources
from tests.fakes import NOON


def differences(shop, after_seq: int = 0) -> list[Replayed]:
    with shop.db.reading() as conn:
        return list(replay(conn, Rulebooks(), after_seq=after_seq))


def some_decisions(shop, key) -> None:
    decide(shop, key, "allow")
    decide(shop, key, "escalate", amount="20.01")
    decide(shop, key, "deny", reason="courtesy.other")
    decide(shop, key, "unknown", reason="delivery.missing", remedy="refund", facts={})
    decide(shop, key, "stretch", amount="21.00", justification="she waited", customer="C-2")
    decide(shop, key, "floor", given_at=(NOON - timedelta(hours=1)).isoformat(), customer="C-3")


def test_every_logged_decision_recomputes_to_the_same_answer(shop, key):
    some_decisions(shop, key)

    again = differences(shop)
    assert [replayed.differences for replayed in again] == [()] * 6
    assert [replayed.seq for replayed in differences(shop, after_seq=again[3].seq)] == [again[4].seq, again[5].seq]


def test_a_decision_is_recomputed_under_the_policy_of_its_time(lite_shop, key):
    some_decisions(lite_shop, key)
    with lite_shop.db.transaction() as conn:
        changed = sources(
            rules=RULES.replace("up_to: 300.00", "up_to: 1.00"),
            costs="costs:\n  - parameters:\n      V: {value: 90, low: 20, high: 200, source: own}\n",
        )
        publishing.publish(conn, changed, author="a", because="b", now=NOON)
    decide(lite_shop, key, "after", customer="C-5")

    assert [replayed.differences for replayed in differences(lite_shop)] == [()] * 7


def test_a_logged_fault_recomputes_to_the_same_escalation(lite_shop, key, monkeypatch):
    class Blind:
        def match(self, given, day, currency):
            return ()

        def close(self):
            return

    monkeypatch.setattr("policyservice.decisions.rulebooks.DurableMatcher", lambda rulebook: Blind())
    decide(lite_shop, key, "k")
    decide(lite_shop, key, "k2", reason="delivery.missing", remedy="refund", facts={"order.paid": "7.00"})

    assert [replayed.differences for replayed in differences(lite_shop)] == [(), ()]


def forge(shop, **columns: object) -> None:
    """Append a copy of the first row, altered: what an attacker with the database in hand could do."""
    with shop.db.transaction() as conn:
        row = dict(conn.execute(select(tables.decision).order_by(tables.decision.c.seq).limit(1)).mappings().one())
        del row["seq"]
        conn.execute(insert(tables.decision).values({**row, "id": "dec_forged", **columns}))


def test_an_altered_record_is_found_field_by_field(lite_shop, key):
    decide(lite_shop, key, "k", amount="20.01")
    with lite_shop.db.reading() as conn:
        stored = record.from_json(conn.execute(select(tables.decision.c.record)).scalar_one())
    request, context, decision = stored
    forged = replace(decision, id="dec_forged", outcome=Outcome.ALLOW)
    forge(lite_shop, record=record.as_json(request, replace(context, id="dec_forged"), forged))

    (_, altered) = differences(lite_shop)
    assert [(found.field, found.logged, found.recomputed) for found in altered.differences] == [
        ("outcome", "allow", "escalate")
    ]


def test_an_altered_column_is_found(lite_shop, key):
    decide(lite_shop, key, "k")
    forge(lite_shop, agent="teppo", goodwill_minor=1)

    (_, altered) = differences(lite_shop)
    fields = [found.field for found in altered.differences]
    assert "column agent" in fields
    assert "column goodwill_minor" in fields


def test_a_record_that_cannot_be_read_is_reported_and_the_rest_goes_on(lite_shop, key):
    decide(lite_shop, key, "k")
    forge(lite_shop, record={"format": 1, "request": {}})
    decide(lite_shop, key, "k2")

    assert [len(replayed.differences) for replayed in differences(lite_shop)] == [0, 1, 0]
    assert differences(lite_shop)[1].differences[0].recomputed == "cannot be re-computed"
