from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.decisions.seal import store
from policyservice.decisions.seal.sealer import Sealer
from policyservice.domain.errors import LogUnavailable
from policyservice.outbox import events
from policyservice.reports import store as report_sums
from policyservice.reports.folding import Folder, prove
from policyservice.runtime import Runtime, SystemClock, TimeIds, make_database_folder
from tests.decisions.factories import a_key, a_shop, decide, pseudonym, settings
from tests.fakes import CountingIds, VirtualClock


def test_the_systems_clock_tells_utc():
    assert SystemClock().now().tzinfo is UTC


def test_ids_begin_with_their_kind_and_sort_by_time():
    clock = VirtualClock()
    ids = TimeIds(clock)
    earlier = ids.new("dec")
    clock.advance(milliseconds=1)
    later = TimeIds(clock).new("dec")

    assert earlier.startswith("dec_")
    assert len(earlier) == 30
    assert earlier < later


def test_ids_of_one_millisecond_are_different_and_still_sort():
    ids = TimeIds(VirtualClock())
    made = [ids.new("dec") for _ in range(1000)]

    assert made == sorted(set(made))


def test_ids_sort_on_when_the_clock_is_set_back():
    clock = VirtualClock()
    ids = TimeIds(clock)
    before = ids.new("dec")
    clock.advance(seconds=-5)

    assert ids.new("dec") > before


def test_ids_made_in_many_threads_are_different():
    ids = TimeIds(VirtualClock())
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new("dec"), range(2000)))

    assert len(set(made)) == 2000


def test_the_folder_of_a_sqlite_file_is_made(tmp_path):
    make_database_folder(f"sqlite:///{tmp_path}/var/deep/policy.db")
    make_database_folder("postgresql://db/policy")

    assert (tmp_path / "var" / "deep").is_dir()


@pytest.fixture
def sweeps(monkeypatch):
    """What the sweeper calls, as often as it is called; each call takes the next answer."""
    calls: list[object] = []
    done = Event()
    answers: list[BaseException | int] = []

    def end_due_holds(services: object) -> int:
        calls.append(services)
        answer = answers.pop(0) if answers else 0
        if not answers:
            done.set()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr("policyservice.runtime.settle.end_due_holds", end_due_holds)
    return calls, answers, done


def test_the_sweeper_outlives_a_database_that_is_away_and_whatever_else_happens(sweeps, caplog):
    calls, answers, done = sweeps
    answers += [LogUnavailable(), RuntimeError("whatever"), 3]
    runtime = Runtime(settings(sweep_seconds=0), VirtualClock(), CountingIds(), _NoDatabase())  # type: ignore[arg-type]
    runtime.start_sweeper()
    runtime.start_sweeper()

    assert done.wait(timeout=10)
    runtime.close()
    assert len(calls) >= 3
    assert "temporarily-unavailable" in caplog.text
    assert "whatever" in caplog.text


class _NoDatabase:
    """A database that is only let go of."""

    def dispose(self) -> None:
        return


def test_closing_a_runtime_whose_sweeper_never_ran_is_fine():
    Runtime(settings(), VirtualClock(), CountingIds(), _NoDatabase()).close()  # type: ignore[arg-type]


def behind(db: Database) -> int:
    """How many rows of the log no seal covers."""
    with db.reading() as conn:
        return store.backlog(conn).rows


def test_the_sealer_seals_what_is_committed_and_tells_how_far(any_db):
    shop, told, done = a_shop(any_db, seal_seconds=0.01), [], Event()

    def sealed(unsealed: int, until: datetime) -> None:
        told.append((unsealed, until))
        if unsealed == 0:
            done.set()

    key = a_key(shop)
    decide(shop, key, "first")
    shop.hooks.sealed = sealed
    shop.start_sealer()
    shop.start_sealer()

    assert done.wait(timeout=10)
    shop.close()
    assert told[-1] == (0, shop.clock.now())
    assert behind(any_db) == 0


def test_the_sealer_sums_up_for_reports_what_is_committed(any_db):
    shop = a_shop(any_db, seal_seconds=0.01)
    decide(shop, a_key(shop), "first")
    shop.start_sealer()
    until = monotonic() + 10

    def reached() -> int:
        with any_db.reading() as conn:
            head = report_sums.head(conn)
        return head.entry if head else 0

    while reached() < 1 and monotonic() < until:
        sleep(0.02)
    shop.close()

    assert reached() == 1
    assert prove(any_db).differences == ()


def test_how_far_the_log_is_summed_up_is_told_also_where_it_cannot_be(any_db, monkeypatch):
    shop, told = a_shop(any_db, seal_seconds=0.01), list[tuple[int, datetime]]()
    shop.hooks.summed_up = lambda waiting, until: told.append((waiting, until))
    decide(shop, a_key(shop), "first")
    began = shop.clock.now()
    shop.clock.advance(hours=1)

    def fails(folder: Folder) -> int:
        raise LogUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "step", fails)
        shop.start_sealer()
        assert soon(lambda: bool(told))
        assert set(told) == {(2, began)}
    assert soon(lambda: (0, shop.clock.now()) in told)
    shop.close()


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether something comes to be so within ten seconds."""
    until = monotonic() + 10
    while not is_so() and monotonic() < until:
        sleep(0.02)
    return is_so()


def test_closing_seals_what_was_committed_last(any_db):
    shop = a_shop(any_db, seal_seconds=3600)
    shop.start_sealer()
    decide(shop, a_key(shop), "last")
    assert behind(any_db) == 2

    shop.close()
    assert behind(any_db) == 0


def test_the_sealer_leaves_it_to_another_that_has_just_sealed(sqlite_db):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    decide(shop, key, "first")
    sealer = Sealer(sqlite_db)
    sealer.step(shop.clock.now())
    decide(shop, key, "second", reason="fraud.suspected")
    half = timedelta(seconds=5)

    shop._seal_once(sealer, unless_within=half)
    assert behind(sqlite_db) == 1
    shop.clock.advance(seconds=5)
    shop._seal_once(sealer, unless_within=half)
    assert behind(sqlite_db) == 0
    shop.close()


def test_the_sealer_outlives_a_database_that_is_away_and_whatever_else_happens(monkeypatch, caplog):
    answers: list[BaseException] = [LogUnavailable(), RuntimeError("whatever")]
    done = Event()

    def is_early(self: Sealer, now: datetime, least: timedelta) -> bool:
        if answers:
            raise answers.pop(0)
        done.set()
        return True

    monkeypatch.setattr(Sealer, "is_early", is_early)
    runtime = Runtime(settings(seal_seconds=0), VirtualClock(), CountingIds(), _NoDatabase())  # type: ignore[arg-type]
    runtime.start_sealer()

    assert done.wait(timeout=10)
    runtime.close()
    assert "log not sealed: temporarily-unavailable" in caplog.text
    assert "whatever" in caplog.text


def test_a_runtime_that_serves_gives_the_database_no_longer_than_set_and_every_thread_a_connection(tmp_path):
    url = f"sqlite:///{tmp_path}/policy.db"
    runtime = Runtime.start_to_serve(settings(database_url=url, lock_seconds=3, threads=40))

    with runtime.db.reading() as conn:
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 3000
    assert runtime.db.engine.pool.size() == 43
    runtime.close()


def test_a_command_waits_for_as_long_as_it_takes(tmp_path):
    runtime = Runtime.start(settings(database_url=f"sqlite:///{tmp_path}/policy.db", lock_seconds=3))

    with runtime.db.reading() as conn:
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000
    runtime.close()


def test_what_was_kept_long_enough_goes_by_itself(any_db):
    shop = a_shop(any_db, sweep_seconds=0, keep_texts_days=1, keep_references_days=2)
    decide(shop, a_key(shop), "k", justification="as agreed")
    shop.clock.advance(days=2)
    shop.start_sweeper()
    deadline = monotonic() + 20
    while kept(any_db) != (["agent"], []) and monotonic() < deadline:
        sleep(0.02)
    shop.close()

    assert kept(any_db) == (["agent"], [])  # an agent who is registered is in use


def kept(db: Database) -> tuple[list[str], list[str]]:
    """The kinds of the references that are kept, and the texts."""
    with db.reading() as conn:
        kinds = conn.execute(select(tables.personal_reference.c.kind)).scalars().all()
        return list(kinds), list(conn.execute(select(tables.personal_text.c.body)).scalars())


def test_events_are_sent_by_themselves_with_the_references_that_are_kept(any_db, receiver):
    secret = "whsec_" + "a" * 32
    shop = a_shop(any_db, sweep_seconds=0, webhook_url=receiver.address, webhook_secret=secret)
    decide(shop, a_key(shop), "k")
    heard = []
    shop.hooks.events_sent = lambda delivered, failed: heard.append((delivered, failed))
    with any_db.transaction() as conn:
        events.add(conn, kind="k", about="a", body={"customer": pseudonym(shop, "C-1")}, at=shop.clock.now())
    shop.start_sender()
    shop.start_sender()
    deadline = monotonic() + 20
    while not heard and monotonic() < deadline:
        sleep(0.02)
    shop.close()

    assert heard == [(1, 0)]
    assert b'"data":{"customer":"C-1"}' in receiver.heard[0][1]


def test_without_an_address_nothing_is_sent_and_events_wait(sqlite_db):
    shop = a_shop(sqlite_db)
    shop.start_sender()

    assert shop._sender is None
    shop.close()
