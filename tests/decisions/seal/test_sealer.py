from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from threading import Event, Thread

import pytest
from sqlalchemy import event

from policyservice.db.session import Database
from policyservice.decisions.seal import horizon, store
from policyservice.decisions.seal.chain import NOTHING, Seal, header_hash
from policyservice.decisions.seal.sealer import Sealer, next_seal
from tests.decisions.factories import decide
from tests.decisions.seal.factories import differences_of, seal_all
from tests.fakes import NOON


def chain(db: Database) -> list[Seal]:
    """Every seal."""
    with db.reading() as conn:
        return list(store.in_order(conn))


def behind(db: Database) -> int:
    """How many rows no seal covers."""
    with db.reading() as conn:
        return store.backlog(conn).rows


def test_nothing_logged_is_nothing_sealed(shop):
    assert seal_all(shop.db) == 0
    assert chain(shop.db) == []


def test_every_row_is_sealed_once_in_batches_chained_to_each_other(shop, logged):
    sealed = seal_all(shop.db, most=3)
    seals = chain(shop.db)

    assert behind(shop.db) == 0
    assert sealed == sum(seal.decisions + seal.entries for seal in seals)
    assert [seal.number for seal in seals] == list(range(1, len(seals) + 1))
    assert [seal.previous for seal in seals] == [NOTHING, *(seal.hash for seal in seals[:-1])]
    assert all(seal.hash == header_hash(seal.header()) for seal in seals)
    assert max(max(seal.decisions, seal.entries) for seal in seals) == 3
    assert [seal.first_decision for seal in seals[1:]] == [seal.last_decision + 1 for seal in seals[:-1]]
    assert differences_of(shop.db) == []


def test_sealing_again_makes_no_seal_until_something_is_logged(shop, key, sealed):
    before = chain(shop.db)

    assert seal_all(shop.db) == 0
    decide(shop, key, "one more")
    assert seal_all(shop.db) == 2

    assert chain(shop.db)[:-1] == before


def test_the_backlog_tells_how_many_rows_wait_and_since_when(shop, key, sealed):
    with shop.db.reading() as conn:
        assert store.backlog(conn) == (0, None)
    first = shop.clock.now()
    decide(shop, key, "one more")
    shop.clock.advance(minutes=5)
    decide(shop, key, "another", reason="fraud.suspected")

    with shop.db.reading() as conn:
        assert store.backlog(conn) == (3, first)


def test_of_two_sealers_at_the_same_rows_one_comes_too_late(shop, logged):
    reached = horizon.seen(shop.db)
    mine, others = (next_seal(shop.db, reached, now=NOON + timedelta(seconds=each)) for each in range(2))
    assert mine is not None
    assert others is not None

    with shop.db.transaction() as conn:
        assert store.append(conn, mine)
        assert not store.append(conn, others)

    assert chain(shop.db) == [mine]


def test_sealers_side_by_side_make_one_chain_while_decisions_are_made(shop, key):
    done = Event()
    failures: list[BaseException] = []

    def keep_sealing() -> None:
        sealer = Sealer(shop.db, most=2)
        try:
            while not done.wait(0.002):
                sealer.step(NOON)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=keep_sealing) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(25):
        decide(shop, key, str(number), agent="liisa", case=f"T-{number}", customer=f"C-{number}")
    done.set()
    for thread in threads:
        thread.join()
    seal_all(shop.db)

    assert failures == []
    assert behind(shop.db) == 0
    assert differences_of(shop.db) == []


class Killed(BaseException):
    """What stops a process between two steps."""


@contextmanager
def killed_at(db: Database, step: int) -> Iterator[None]:
    """Nothing goes through any more from the given statement, or commit, on."""
    steps = count(1)

    def stop(*_: object) -> None:
        if next(steps) >= step:
            raise Killed

    for name in ("before_cursor_execute", "commit"):
        event.listen(db.engine, name, stop)
    try:
        yield
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(db.engine, name, stop)


def test_a_sealer_killed_between_any_two_steps_leaves_a_whole_chain_and_the_next_one_goes_on(shop, key):
    kills = 0
    for step in count(1):
        decide(shop, key, str(step), reason="fraud.suspected")
        decide(shop, key, f"{step} again", reason="fraud.suspected")
        try:
            with killed_at(shop.db, step):
                Sealer(shop.db, most=1).step(NOON)
            break
        except Killed:
            kills += 1
            assert differences_of(shop.db) == []
            seal_all(shop.db)
            assert behind(shop.db) == 0

    assert kills >= 10
    assert behind(shop.db) == 0
    assert differences_of(shop.db) == []


_SEALING = """
import sys
from policyservice.db.session import Database
from policyservice.decisions.seal import horizon, store
from policyservice.decisions.seal.sealer import next_seal
from tests.fakes import NOON
db = Database(sys.argv[1])
while True:
    seal = next_seal(db, horizon.seen(db), now=NOON, most=1)
    with db.transaction() as conn:
        store.append(conn, seal)
    print(seal.number, flush=True)
"""


def test_a_process_killed_while_it_seals_leaves_a_whole_chain(shop, logged):
    url = shop.db.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", _SEALING, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(3)]
        os.kill(process.pid, signal.SIGKILL)

    assert told == ["1\n", "2\n", "3\n"]
    assert len(chain(shop.db)) >= 3
    assert differences_of(shop.db) == []
    seal_all(shop.db)
    assert behind(shop.db) == 0
    assert differences_of(shop.db) == []


@pytest.mark.parametrize(
    ("later", "least", "early"), [(0, 0, False), (4, 5, True), (5, 5, False), (-1, 5, False), (0, 5, True)]
)
def test_a_seal_made_less_than_so_long_ago_makes_the_next_one_early(shop, sealed, later, least, early):
    now = NOON + timedelta(seconds=later)

    assert Sealer(shop.db).is_early(now, timedelta(seconds=least)) is early


def test_nothing_is_early_before_the_first_seal(lite_shop):
    assert not Sealer(lite_shop.db).is_early(NOON, timedelta(seconds=5))
