"""On PostgreSQL rows become visible in another order than that of their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from threading import Event, Thread
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy import Connection, func, insert, select

from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.decisions.seal import horizon, store
from policyservice.decisions.seal.sealer import Sealer, next_seal
from policyservice.runtime import Runtime
from tests import postgres
from tests.decisions.factories import a_key, a_shop, decide
from tests.decisions.seal.factories import differences_of, seal_all
from tests.fakes import NOON
from tests.postgres import PostgresServer


@pytest.fixture
def shop(postgres_db: Database) -> Iterator[Runtime]:
    """The shop on PostgreSQL, with one decision to copy, sealed."""
    yield from a_shop_with_one_decision(postgres_db)


def a_shop_with_one_decision(db: Database) -> Iterator[Runtime]:
    """The shop; gone at the end."""
    runtime = a_shop(db)
    decide(runtime, a_key(runtime), "first")
    seal_all(db)
    yield runtime
    runtime.rulebooks.close()


def write(conn: Connection, name: str) -> None:
    """Append a decision, a copy of the first, with an entry."""
    for table, key, changes in (
        (tables.decision, "id", {"id": name}),
        (tables.entry, "decision_id", {"decision_id": name}),
    ):
        row = conn.execute(select(table).where(table.c[key] == "dec_000002")).mappings().first()
        assert row is not None
        conn.execute(insert(table), {**{name: row[name] for name in row if name != "seq"}, **changes})


@contextmanager
def writing(db: Database, name: str) -> Iterator[Connection]:
    """A transaction that has appended a decision and goes on; ended by the test, at the latest at the end."""
    with db.engine.connect() as conn:
        write(conn, name)
        yield conn
        conn.rollback()


def sealed_until(db: Database) -> int:
    """The last decision that is sealed."""
    with db.reading() as conn:
        return store.end(conn).last_decision


def test_a_lower_number_that_commits_later_is_neither_lost_nor_reported(shop):
    db, sealer = shop.db, Sealer(shop.db)
    with writing(db, "slow") as slow:
        with db.transaction() as conn:
            write(conn, "fast")
        assert sealer.step(NOON) == 0
        assert sealer.is_waiting
        assert sealer.step(NOON) == 0
        slow.commit()
        assert sealer.step(NOON) == 4

    assert not sealer.is_waiting
    assert sealed_until(db) == 3
    assert differences_of(db) == []


def test_a_number_that_was_rolled_back_is_left_out(shop):
    db, sealer = shop.db, Sealer(shop.db)
    with writing(db, "given up") as slow:
        with db.transaction() as conn:
            write(conn, "fast")
        assert sealer.step(NOON) == 0
        slow.rollback()
        assert sealer.step(NOON) == 2

    assert sealed_until(db) == 3
    assert differences_of(db) == []


def test_who_begins_to_write_after_the_look_is_not_waited_for(shop):
    db, sealer = shop.db, Sealer(shop.db)
    with writing(db, "slow") as slow:
        assert sealer.step(NOON) == 0
        with writing(db, "later") as later:
            slow.commit()
            assert sealer.step(NOON) == 0  # when it looked there was nothing visible to seal
            assert not sealer.is_waiting
            assert sealer.step(NOON) == 0
            assert sealer.is_waiting
            with writing(db, "later still"):
                later.commit()
                assert sealer.step(NOON) == 2
    seal_all(db)

    assert differences_of(db) == []


def test_who_reads_or_locks_rows_without_writing_is_not_waited_for(shop):
    with shop.db.engine.connect() as conn:
        conn.execute(select(tables.decision.c.seq).with_for_update())
        assert horizon.seen(shop.db).is_final
        conn.rollback()


def test_a_server_that_took_over_is_looked_at_anew(shop):
    with writing(shop.db, "slow"):
        other = replace(horizon.seen(shop.db), server="another")

        assert horizon.looked_at_again(shop.db, other) is None


def test_what_was_seen_on_another_server_is_not_sealed(shop):
    with shop.db.transaction() as conn:
        write(conn, "one more")
    reached = horizon.seen(shop.db)
    assert reached.is_final

    assert next_seal(shop.db, reached, now=NOON) is not None
    assert next_seal(shop.db, replace(reached, server="another"), now=NOON) is None


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that can be stopped, and takes prepared transactions."""
    with postgres.running() as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_prepared_transactions = 5")
        restart(server)
        yield server


@pytest.fixture
def own_shop(own_server: PostgresServer) -> Iterator[Runtime]:
    """The shop on that server."""
    with own_server.database() as url:
        db = Database(url)
        yield from a_shop_with_one_decision(db)
        db.dispose()


def restart(server: PostgresServer) -> None:
    """Stop a server, with whoever is connected, and start it again."""
    server._server.stop()
    server._server.ensure_postgres_running()


def test_a_prepared_transaction_is_waited_for(own_shop):
    db, sealer = own_shop.db, Sealer(own_shop.db)
    with writing(db, "prepared") as slow:
        with db.transaction() as conn:
            write(conn, "fast")
        assert sealer.step(NOON) == 0
        slow.exec_driver_sql("PREPARE TRANSACTION 'slow'")
        assert sealer.step(NOON) == 0
        assert sealer.is_waiting
    with db.looking() as conn:  # outside a transaction
        conn.exec_driver_sql("COMMIT PREPARED 'slow'")

    assert sealer.step(NOON) == 4
    assert differences_of(db) == []


def test_a_server_that_was_restarted_meanwhile_is_looked_at_anew(own_server, own_shop):
    db, sealer = own_shop.db, Sealer(own_shop.db)
    with db.engine.connect() as slow:
        write(slow, "lost")
        with db.transaction() as conn:
            write(conn, "fast")
        assert sealer.step(NOON) == 0
        restart(own_server)
        slow.invalidate()

    assert sealer.step(NOON) == 0
    assert not sealer.is_waiting
    assert sealer.step(NOON) == 2
    assert differences_of(db) == []


def test_under_load_with_commits_out_of_order_the_log_stays_whole_and_every_row_is_sealed(shop):
    db, done = shop.db, Event()
    failures: list[BaseException] = []

    def keep_writing(writer: int) -> None:
        random, number = Random(writer), 0
        try:
            while not done.is_set():
                number += 1
                with db.engine.connect() as conn:
                    write(conn, f"{writer}-{number}")
                    done.wait(random.choice((0, 0, 0.001, 0.02)))
                    if random.random() < 0.2:
                        conn.rollback()
                    conn.commit()
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=keep_writing, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    sealer, sealed, until = Sealer(db, most=50), 0, monotonic() + 3
    while monotonic() < until:
        sealed += sealer.step(NOON)
        assert differences_of(db) == []
        sleep(0.002)
    done.set()
    for thread in threads:
        thread.join()
    rest = seal_all(db)

    with db.reading() as conn:
        rows = sum(conn.execute(select(func.count()).select_from(table)).scalar_one() for table in _LOG)
        highest = conn.execute(select(func.max(tables.decision.c.seq))).scalar_one()
    assert failures == []
    assert sealed > 50
    assert sealed + rest == rows - 2
    assert rows < 2 * highest  # some were rolled back
    assert differences_of(db) == []


_LOG = (tables.decision, tables.entry)
