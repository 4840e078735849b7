"""Many callers at once, on both databases: what was answered is in the log once, and no limit is overspent."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from policyservice.db import tables
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.domain.errors import WrongStatus
from policyservice.ledger.reconcile import reconcile
from tests.decisions.factories import decide, render

CALLERS = 8


def at_once(work) -> list:
    """What `work(number)` returns in threads that begin together."""
    together = Barrier(CALLERS)

    def started(number: int):
        together.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(started, range(CALLERS)))


def rows(shop, table) -> int:
    with shop.db.reading() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def test_concurrent_duplicates_of_one_key_get_one_answer(shop, key):
    replies = at_once(lambda number: decide(shop, key, "same"))

    assert len({reply.body for reply in replies}) == 1
    assert Counter(reply.replayed for reply in replies) == {True: CALLERS - 1, False: 1}
    assert [rows(shop, table) for table in (tables.decision, tables.reservation, tables.reply)] == [1, 1, 1]


def test_the_last_euros_of_a_limit_are_given_once(shop, key):
    replies = at_once(lambda number: decide(shop, key, f"k{number}", amount="15.00", customer=f"C-{number}"))

    statuses = Counter(reply.body.split()[1] for reply in replies)
    assert statuses == {"reserved": 3, "escalated": CALLERS - 3}  # 3 times 15.00 of the 50.00 a day
    assert rows(shop, tables.decision) == CALLERS
    with shop.db.reading() as conn:
        assert reconcile(conn, shop.zone) == []


def test_an_entitlement_is_owed_once_to_an_order(shop, key):
    wanted = {"reason": "delivery.missing", "remedy": "refund", "amount": "7.00", "facts": {"order.paid": "7.00"}}
    replies = at_once(lambda number: decide(shop, key, f"k{number}", **wanted))

    assert Counter(reply.body.split()[1] for reply in replies)["reserved"] == 1


def test_of_many_who_settle_at_once_one_does(shop, key):
    decision_id = str(decide(shop, key, "held").decision_id)

    def attempt(number: int) -> str:
        idempotency = Idempotency("p", f"k{number}", "f")
        try:
            if number % 2:
                return settle.commit(shop, decision_id, key, idempotency, render).body.split()[1]
            return settle.void(shop, decision_id, key, idempotency, render, reason="no").body.split()[1]
        except WrongStatus:
            return "refused"

    answers = Counter(at_once(attempt))
    assert answers["refused"] == CALLERS - 1


def test_a_hold_that_many_end_at_once_ends_once(shop, key):
    decide(shop, key, "held")
    shop.clock.advance(hours=1)

    assert sum(at_once(lambda number: settle.end_due_holds(shop))) == 1
    assert rows(shop, tables.entry) == 2
