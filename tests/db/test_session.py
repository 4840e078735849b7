"""Transactions and readings on both databases, and what an unreachable one looks like."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event
from time import monotonic

import pytest
from sqlalchemy import event, exc, insert, select, text

from policyservice.db.patience import Patience
from policyservice.db.prepared import Prepared, pipelined
from policyservice.db.session import Database
from policyservice.db.tables import agent
from policyservice.db.turns import SUFFIX
from policyservice.domain.errors import InvalidSettings, LogUnavailable, Unconfirmed
from tests.ledger.factories import NOON, rows


def an_agent(ref="maija"):
    return insert(agent).values(ref=ref, name="Maija", trust_level="new", kind="human", changed_at=NOON)


def test_a_transaction_is_kept_and_one_that_fails_leaves_nothing(any_db):
    with any_db.transaction() as connection:
        connection.execute(an_agent())

    def fail():
        with any_db.transaction() as connection:
            connection.execute(an_agent("ville"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert rows(any_db, "agent") == 1


def test_a_reading_sees_one_snapshot_and_keeps_no_writer_waiting(any_db):
    with any_db.reading() as reading:
        assert reading.execute(select(agent)).all() == []
        with any_db.transaction() as writing:
            writing.execute(an_agent())
        assert reading.execute(select(agent)).all() == []

    assert rows(any_db, "agent") == 1


def test_the_isolation_is_the_services_own_whatever_the_servers_default_is(postgres_db):
    wanted = {"options": "-c default_transaction_isolation=serializable"}
    db = Database(postgres_db.url.update_query_dict(wanted))
    shown = {}
    for name, use in (("write", db.transaction), ("read", db.reading), ("write again", db.transaction)):
        with use() as connection:
            asked = text("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
            shown[name] = tuple(connection.execute(asked).one())
    db.dispose()

    assert shown == {
        "write": ("read committed", "off"),
        "read": ("repeatable read", "on"),
        "write again": ("read committed", "off"),
    }


def test_that_no_turn_came_is_noted_as_any_refusal(sqlite_db):
    place = Path(f"{sqlite_db.url.database}{SUFFIX}")
    place.unlink(missing_ok=True)
    place.mkdir()  # so that there is none for the lock

    with pytest.raises(LogUnavailable):
        sqlite_db.together.run("job", lambda jobs: jobs, keys=frozenset())

    assert sqlite_db.refused_within(5)


def test_connections_to_a_server_are_kept_alive_as_the_address_says_or_as_is_usual(postgres_db):
    slower = Database(postgres_db.url.update_query_dict({"keepalives_idle": "77"}))
    told = []
    for db in (postgres_db, slower):
        with db.looking() as connection:
            told.append(connection.connection.driver_connection.info.get_parameters()["keepalives_idle"])
    slower.dispose()

    assert told == ["60", "77"]


def test_what_is_looked_at_leaves_no_transaction_open(any_db):
    with any_db.looking() as connection:
        assert connection.execute(select(agent)).all() == []
        with any_db.transaction() as writing:
            writing.execute(an_agent())
        assert len(connection.execute(select(agent)).all()) == 1  # no snapshot is kept from the first look
        driver = connection.connection.driver_connection
        assert not (driver.in_transaction if any_db.is_sqlite else driver.info.transaction_status)


def test_whoever_needs_a_connection_gets_the_one_that_was_used_last(any_db):
    def driver(connection):
        return connection.connection.driver_connection

    with any_db.looking() as one, any_db.looking() as other:
        first, last = driver(one), driver(other)
        assert first is not last

    for use in (any_db.looking, any_db.transaction, any_db.reading):
        with use() as connection:
            assert driver(connection) is first  # it was given back after the other


def test_a_connection_that_read_can_write_in_the_next_transaction(any_db):
    for number in range(3):
        with any_db.reading() as connection:
            connection.execute(select(agent)).all()
        with any_db.transaction() as connection:
            connection.execute(an_agent(f"agent-{number}"))

    assert rows(any_db, "agent") == 3


def test_a_postgresql_reading_refuses_to_write(postgres_db):
    with pytest.raises(exc.DBAPIError, match="read-only"), postgres_db.reading() as connection:
        connection.execute(an_agent())


def test_writers_in_many_threads_lose_no_update(any_db):
    with any_db.transaction() as connection:
        connection.execute(an_agent())
    together = Barrier(4)

    def add(_):
        together.wait()
        for _ in range(5):
            with any_db.transaction() as connection:
                (name,) = connection.execute(text("SELECT name FROM agent" + _for_update(any_db))).one()
                connection.execute(text("UPDATE agent SET name = :name"), {"name": name + "."})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))

    with any_db.reading() as connection:
        assert connection.execute(select(agent.c.name)).scalar_one() == "Maija" + 20 * "."


def _for_update(db):
    return "" if db.is_sqlite else " FOR UPDATE"


def test_a_writer_on_sqlite_queues_before_it_reads(sqlite_db):
    writing, looked = Event(), []

    def second():
        writing.wait(10)
        with sqlite_db.transaction() as connection:
            looked.extend(connection.execute(select(agent.c.ref)).scalars())

    with ThreadPoolExecutor(1) as pool:
        with sqlite_db.transaction() as connection:
            after = pool.submit(second)
            writing.set()
            connection.execute(an_agent())
        after.result(10)

    assert looked == ["maija"]


def test_sqlite_is_opened_to_survive_a_power_cut(sqlite_url):
    db = Database(sqlite_url)
    with db.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "busy_timeout",
                "wal_autocheckpoint",
                "recursive_triggers",
            )
        }
    db.dispose()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "wal_autocheckpoint": 200,
        "recursive_triggers": 1,
    }


def test_the_folder_of_a_sqlite_file_is_made(tmp_path):
    db = Database(f"sqlite:///{tmp_path}/var/new/policyservice.db")

    with db.reading() as connection:
        connection.execute(text("SELECT 1"))
    db.dispose()

    assert (tmp_path / "var/new/policyservice.db").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "not a url", ""])
def test_a_url_of_no_database_we_know_is_refused(url):
    with pytest.raises(InvalidSettings, match="POLICYSERVICE_DATABASE_URL"):
        Database(url)


def test_a_postgresql_url_needs_no_driver_name():
    assert Database("postgresql://localhost/x").url.drivername == "postgresql+psycopg"


def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    db = Database(f"postgresql:///x?host={tmp_path}")

    with pytest.raises(LogUnavailable), db.transaction():
        pass
    with pytest.raises(LogUnavailable), db.reading():
        pass


def test_a_server_that_goes_away_is_unavailable_and_used_again_when_it_is_back(postgres_db):
    def lose():
        with postgres_db.transaction() as connection:
            _end_backend_of(postgres_db, connection)
            connection.execute(text("SELECT 1"))

    with pytest.raises(LogUnavailable):
        lose()

    assert rows(postgres_db, "agent") == 0


def test_a_connection_that_broke_while_nobody_used_it_is_replaced(postgres_db):
    with postgres_db.transaction() as connection:
        broken = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = Database(postgres_db.url)
    with other.transaction() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": broken})
    other.dispose()

    assert rows(postgres_db, "agent") == 0


def _end_backend_of(db, connection):
    pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = Database(db.url)
    with other.transaction() as ending:
        ending.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.dispose()


def test_a_file_that_is_no_database_is_unavailable(tmp_path):
    path = tmp_path / "policyservice.db"
    path.write_bytes(b"this is a text, and quite a long one, " * 100)

    with pytest.raises(LogUnavailable), Database(f"sqlite:///{path}").reading():
        pass


def test_a_sqlite_file_that_stays_locked_is_unavailable(sqlite_db):
    with sqlite_db.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    path = Path(str(sqlite_db.url.database))

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogUnavailable), sqlite_db.transaction():
            pass
        other.execute("ROLLBACK")


def test_a_mistake_of_ours_is_not_called_unavailable(any_db):
    with pytest.raises(exc.DBAPIError), any_db.transaction() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


def test_a_commit_that_nobody_confirmed_is_told_apart(postgres_db):
    def lose():
        with postgres_db.transaction() as connection:
            connection.execute(an_agent())
            _end_backend_of(postgres_db, connection)

    with pytest.raises(Unconfirmed):
        lose()

    assert rows(postgres_db, "agent") == 0


def test_a_commit_that_is_broken_off_leaves_nothing_open_for_the_next(any_db):
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    event.listen(any_db.engine, "commit", break_off)
    with pytest.raises(KeyboardInterrupt), any_db.transaction() as connection:
        connection.execute(an_agent())
    event.remove(any_db.engine, "commit", break_off)

    assert rows(any_db, "agent") == 0
    with any_db.transaction() as connection:
        connection.execute(an_agent())


def test_a_deferred_refusal_of_a_commit_is_no_doubt(sqlite_db):
    def break_a_promise():
        with sqlite_db.transaction() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            connection.execute(text("INSERT INTO rate (api_key, full_at) VALUES ('nobody', 0)"))

    with pytest.raises(exc.IntegrityError):
        break_a_promise()

    assert rows(sqlite_db, "rate") == 0


def test_a_database_that_takes_no_writes_is_unavailable(postgres_db, postgres_server):
    read_only = Database(postgres_db.url.update_query_dict({"options": "-c default_transaction_read_only=on"}))

    with read_only.reading() as connection:
        assert connection.execute(select(agent)).all() == []
    with pytest.raises(LogUnavailable), read_only.transaction() as connection:
        connection.execute(an_agent())

    assert read_only.refused_within(5)
    assert not read_only.wrote_within(5)
    read_only.dispose()


@pytest.mark.parametrize(
    ("patience", "statement", "lasts"),
    [
        (Patience(transaction=1), "SELECT pg_sleep(20)", 1),  # the server ends it
        (Patience(transaction=1), "SET statement_timeout = 0; SELECT pg_sleep(20)", 2),  # the caller hangs up
    ],
)
def test_a_statement_that_takes_too_long_is_given_up(postgres_db, patience, statement, lasts):
    db = Database(postgres_db.url, patience)
    began = monotonic()

    with pytest.raises(LogUnavailable), db.transaction() as connection:
        connection.exec_driver_sql(statement)

    assert lasts * 0.9 <= monotonic() - began < lasts + 1
    assert rows(db, "agent") == 0
    db.dispose()


def test_many_statements_that_are_each_quick_may_not_take_too_long_together(postgres_db):
    db = Database(postgres_db.url, Patience(transaction=1))
    began = monotonic()

    def hurry():
        with db.transaction() as connection:
            for _ in range(20):
                connection.exec_driver_sql("SELECT pg_sleep(0.4)")

    with pytest.raises(LogUnavailable):
        hurry()

    assert 1.9 <= monotonic() - began < 3
    with db.transaction() as connection:
        connection.execute(an_agent())
    db.dispose()


def test_a_lock_that_is_not_given_is_unavailable_in_time(postgres_db):
    db = Database(postgres_db.url, Patience(lock=1))
    with postgres_db.transaction() as holding:
        holding.exec_driver_sql("LOCK TABLE agent")
        began = monotonic()
        with pytest.raises(LogUnavailable), db.transaction() as connection:
            connection.execute(an_agent())
    db.dispose()

    assert 0.9 <= monotonic() - began < 2


def test_who_stands_still_in_a_transaction_keeps_nothing_locked(postgres_db):
    still = Database(postgres_db.url, Patience(transaction=1))

    def stand_still():
        with still.transaction() as connection:
            connection.exec_driver_sql("LOCK TABLE agent")
            with postgres_db.transaction() as waiting:
                waiting.execute(an_agent())
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(LogUnavailable):
        stand_still()
    still.dispose()

    assert rows(postgres_db, "agent") == 1


def test_who_stands_still_between_statements_that_were_sent_ahead_keeps_nothing_locked(postgres_db):
    """Within a pipeline the server waits for the next statement, and neither of its other bounds runs."""
    still = Database(postgres_db.url, Patience(transaction=1))
    waiting = Database(postgres_db.url, Patience(lock=10))
    lock = Prepared(text("LOCK TABLE agent"))

    def stand_still():
        with still.transaction() as connection, pipelined(connection):
            lock.run(connection, {})
            with waiting.transaction() as other:
                other.execute(an_agent())
            lock.run(connection, {})

    with pytest.raises(LogUnavailable):
        stand_still()
    still.dispose()
    waiting.dispose()

    assert rows(postgres_db, "agent") == 1


def test_without_a_bound_a_transaction_takes_as_long_as_it_takes(postgres_db):
    with postgres_db.reading() as connection:
        found = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")
        ]

    assert found == ["0", "0", "10s"]


@pytest.mark.parametrize(("theirs", "expected"), [("", "on"), ("-c synchronous_commit=remote_apply", "remote_apply")])
def test_what_is_committed_is_on_disk_whatever_the_server_does_by_default(postgres_db, theirs, expected):
    with postgres_db.transaction() as connection:
        connection.exec_driver_sql("SELECT set_config('synchronous_commit', 'off', false)")
    db = Database(postgres_db.url.update_query_dict({"options": theirs} if theirs else {}))

    with db.reading() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == expected
    db.dispose()


def test_a_connection_that_was_not_used_for_long_is_as_good_as_a_new_one(postgres_db):
    db = Database(postgres_db.url, Patience(transaction=1))
    for _ in range(2):
        with db.reading() as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            connection.exec_driver_sql("SELECT pg_sleep(0.7)")  # twice this is more than one transaction may take

    with db.reading() as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() == pid
    db.dispose()


def test_the_write_ahead_log_is_emptied_unless_somebody_reads(sqlite_db):
    ahead = Path(f"{sqlite_db.url.database}-wal")
    with sqlite_db.transaction() as connection:
        connection.execute(text("CREATE TABLE note (words TEXT)"))
    with sqlite_db.reading() as reader:
        reader.execute(text("SELECT * FROM note")).all()
        with sqlite_db.transaction() as connection:
            connection.execute(text("INSERT INTO note VALUES ('planted')"))
        assert not sqlite_db.clear_traces()
        assert b"planted" in ahead.read_bytes()

    assert sqlite_db.clear_traces()
    assert ahead.read_bytes() == b""
    with sqlite_db.transaction() as connection:
        connection.execute(text("INSERT INTO note VALUES ('again')"))


def test_postgresql_has_nothing_to_empty(postgres_db):
    assert postgres_db.clear_traces()
