"""The database away, slow, locked, full, read-only: 503 in time, nothing held; back again, it recovers by itself."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from policyservice.db.session import Database
from tests.faults import proxy
from tests.faults.audit import audit
from tests.faults.disk import filled, small_disk
from tests.faults.load import Load, call
from tests.faults.service import Service, serving
from tests.faults.stage import a_gift, set_up

LOCK_SECONDS, TRANSACTION_SECONDS = 1, 2
BOUNDS = {
    "POLICYSERVICE_LOCK_SECONDS": str(LOCK_SECONDS),
    "POLICYSERVICE_TRANSACTION_SECONDS": str(TRANSACTION_SECONDS),
}


def assert_refuses_and_recovers(service, load, fault, *, within, check="database"):
    """While the fault lasts: 503 with Retry-After in time, and not ready. After it: ready, and all is answered."""
    load.begin()
    load.wait_for(10)
    with fault:
        load.wait_for_refusals(5)
        unready = service.wait_until_ready(is_ready=False, within=30)
        load.wait_for_refusals(2)
    service.wait_until_ready(within=30)
    load.wait_for(10, within=30)
    load.finish()

    assert check in {error["field"] for error in unready.body["errors"]}
    assert unready.headers["Retry-After"]
    assert max(each.seconds for each in load.refused) < within
    assert load.unanswered == []
    assert load.repeat() == []


def played(tmp_path, url, fault, *, within, check="database", service_url=None, **settings):
    stage = set_up(tmp_path, url)
    with serving(tmp_path, service_url or url, **{**BOUNDS, **settings}) as service:
        load = Load([service.address], stage.secret)
        assert_refuses_and_recovers(service, load, fault(service), within=within, check=check)
    assert audit(url, load) == []


def test_postgresql_that_is_stopped_for_a_while(breakable, tmp_path):
    @contextmanager
    def stopped(service):
        breakable.stop()
        yield
        breakable.start()

    played(tmp_path, breakable.url(), stopped, within=5)


@pytest.mark.parametrize("how", ["hold", "cut", "delay"])
def test_a_network_that_swallows_hangs_up_or_crawls(breakable, tmp_path, how):
    with proxy.between(breakable.port) as between:

        @contextmanager
        def broken(service):
            if how == "delay":
                between.delay = 1.5
            else:
                getattr(between, how)()
            yield
            between.mend()

        # Three transactions at most, each bounded, and connecting anew: who meets the fault in the last comes late.
        most = 3 * (TRANSACTION_SECONDS + 1) + 3
        played(tmp_path, breakable.url(), broken, within=most, service_url=breakable.url(port=between.port))


def test_postgresql_that_somebody_has_locked(breakable, tmp_path):
    @contextmanager
    def locked(service):
        somebody = Database(breakable.url())
        with somebody.transaction() as connection:
            connection.exec_driver_sql("LOCK TABLE decision, alembic_version IN EXCLUSIVE MODE")
            yield
        somebody.dispose()

    played(tmp_path, breakable.url(), locked, within=LOCK_SECONDS + 3, check="writes")


def test_postgresql_that_takes_no_writes(breakable, tmp_path):
    @contextmanager
    def read_only(service):
        breakable.change("default_transaction_read_only", "'on'")
        yield
        breakable.change("default_transaction_read_only", "'off'")

    played(tmp_path, breakable.url(), read_only, within=5, check="writes")


def test_postgresql_that_is_full(breakable, tmp_path, record_property):
    """Its tablespace on a small disk that is filled; else the server's own refusal (53100), by a trigger."""
    with small_disk(breakable.folder.parent / "small", 64) as disk:
        record_property("played on", "a PostgreSQL whose disk is full" if disk else "a PostgreSQL that says it is full")
        if disk is not None:
            breakable.move_to(disk / "space")
        fault = filled(disk) if disk is not None else says_that_it_is_full(breakable)
        played(tmp_path, breakable.url(), lambda service: fault, within=5, check="writes")
        if disk is not None:
            breakable.move_back()


@contextmanager
def says_that_it_is_full(server):
    server.run(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
        "policy",
    )
    server.run("CREATE TRIGGER full_disk BEFORE INSERT ON decision EXECUTE FUNCTION full_disk()", "policy")
    yield
    server.run("DROP TRIGGER full_disk ON decision", "policy")


@pytest.mark.long
def test_a_postgresql_that_says_it_is_full(breakable, tmp_path):
    """The same where no small disk can be had: the refusal for every new decision, and for nothing else."""
    played(tmp_path, breakable.url(), lambda service: says_that_it_is_full(breakable), within=5, check="writes")


def test_a_disk_that_is_full_under_a_sqlite_file(sqlite_url, tmp_path, record_property):
    """A small disk that is filled; else the kernel's refusal to write on, as of a full disk or a quota."""
    with small_disk(tmp_path / "small", 96) as disk:
        record_property("played on", "a SQLite file whose disk is full" if disk else "a SQLite file that cannot grow")
        if disk is None:
            played(tmp_path, sqlite_url, may_not_grow, within=5, check="writes")
        else:
            copy = shutil.copy(path_of(sqlite_url), disk / "policyservice.db")
            played(tmp_path, f"sqlite:///{copy}", lambda service: filled(disk), within=5, check="writes")


def test_a_sqlite_file_that_somebody_has_locked(sqlite_url, tmp_path):
    @contextmanager
    def locked(service):
        with closing(sqlite3.connect(path_of(sqlite_url), isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    # Four callers and readiness, each waiting for the lock once or twice: for the rate of the key, and to decide.
    played(tmp_path, sqlite_url, locked, within=3 * LOCK_SECONDS + 2, check="writes")


@contextmanager
def may_not_grow(service):
    """The processes may write no file beyond its first page."""
    pids = service.workers()
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    yield
    for pid in pids:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.long
def test_a_sqlite_file_that_may_not_grow(sqlite_url, tmp_path):
    played(tmp_path, sqlite_url, may_not_grow, within=5, check="writes")


def test_a_sqlite_file_that_takes_no_writes(sqlite_url, tmp_path):
    """`PRAGMA query_only` on every connection: the refusal of a file system mounted for reading alone."""
    flag = tmp_path / "read-only"

    @contextmanager
    def read_only(service):
        flag.touch()
        yield
        flag.unlink()

    played(tmp_path, sqlite_url, read_only, within=5, check="writes", plant="read-only", READ_ONLY_FLAG=str(flag))


def test_what_only_reads_is_answered_while_nothing_can_be_written(breakable, tmp_path):
    stage = set_up(tmp_path, breakable.url())
    asked = {name: value for name, value in a_gift(1).items() if name not in ("remedy", "amount")}
    with serving(tmp_path, breakable.url(), **BOUNDS) as service:
        breakable.change("default_transaction_read_only", "'on'")
        options = call(service.address, "/v1/options", asked, secret=stage.secret)
        alive = call(service.address, "/healthz")
        breakable.change("default_transaction_read_only", "'off'")

    assert (options.status, alive.status) == (200, 200)


def path_of(sqlite_url):
    return Path(sqlite_url.removeprefix("sqlite:///"))


def test_a_service_that_is_started_while_its_database_is_away_says_so_and_ends(breakable, tmp_path):
    breakable.stop()
    service = Service(tmp_path, breakable.url())
    began = time.monotonic()
    service.start(ready=False)
    assert service.process is not None

    assert service.process.wait(30) == 1
    assert "does not answer" in service.told()
    assert time.monotonic() - began < 20
    breakable.start()
