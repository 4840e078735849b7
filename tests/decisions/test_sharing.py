"""Decisions that come while one is being written share the next transaction, each with its own answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from sqlalchemy import select, text

from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.db.together import Together
from policyservice.runtime import Runtime
from tests.db.test_together import PATIENCE, wait_until
from tests.decisions.factories import a_key, a_shop, decide


class Counted:
    """The transactions of a shop's database that write; the first holds on until it is told to go on."""

    def __init__(self, shop: Runtime) -> None:
        self.begun, self.go_on, self.number = Event(), Event(), 0
        self._real = shop.db.transaction
        shop.db.transaction = self._transaction  # type: ignore[method-assign]

    @contextmanager
    def _transaction(self):
        with self._real() as connection:
            self.number += 1
            if self.number == 1:
                self.begun.set()
                assert self.go_on.wait(PATIENCE)
            yield connection


def decided_at_once(shop: Runtime, key, *asked: dict[str, object]) -> tuple[list[str], int]:
    """A first decision and, while it is under way, others: the status of each, and how many transactions."""
    shop.db.together = Together(50)  # in which nobody loses patience
    counted = Counted(shop)
    with ThreadPoolExecutor(len(asked) + 1) as pool:
        first = pool.submit(decide, shop, key, "first", case="T-first", order="O-first")
        assert counted.begun.wait(PATIENCE)
        others = []
        for number, changes in enumerate(asked, start=1):
            others.append(pool.submit(decide, shop, key, f"other {number}", **changes))
            wait_until(lambda number=number: len(shop.db.together._queue) == number)
        counted.go_on.set()
    return [each.result().body.split()[1] for each in (first, *others)], counted.number


def test_three_that_come_while_one_is_written_are_one_transaction(shop, key):
    statuses, transactions = decided_at_once(
        shop, key, *({"case": f"T-{n}", "order": f"O-{n}", "customer": f"C-{n}"} for n in range(3))
    )

    assert statuses == ["reserved"] * 4
    assert transactions == 2
    with shop.db.reading() as conn:
        assert len(conn.execute(select(tables.decision.c.id)).all()) == 4
        assert len(conn.execute(select(tables.reply.c.key)).all()) == 4


def test_the_second_of_one_transaction_has_what_the_first_left(shop, key):
    like = {"reason": "delivery.missing", "remedy": "refund", "amount": "20.00", "facts": {"order.paid": "30.00"}}

    statuses, transactions = decided_at_once(shop, key, like, like)

    assert transactions == 2
    assert statuses == ["reserved", "reserved", "denied"]  # of what was paid for the order 10.00 is left


def test_a_decision_that_waits_for_a_locked_counter_keeps_no_others_waiting(postgres_db: Database):
    shop = a_shop(postgres_db)
    key = a_key(shop)
    decide(shop, key, "makes the counters")  # of maija

    with ThreadPoolExecutor(1) as pool:
        with postgres_db.transaction() as conn:
            assert conn.execute(select(tables.counter.c.key).with_for_update()).all()
            waiting = pool.submit(decide, shop, key, "waits", case="T-2", order="O-2")
            wait_until(lambda: is_waiting_for_a_lock(postgres_db))
            other = decide(shop, key, "does not wait", agent="liisa", customer="C-2", case="T-3", order="O-3")
            assert other.body.split()[1] == "reserved"
            assert not waiting.done()
        assert waiting.result(PATIENCE).body.split()[1] == "reserved"


def is_waiting_for_a_lock(db: Database) -> bool:
    with db.reading() as conn:
        return conn.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first() is not None
