"""Turns of writers on one SQLite file."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from policyservice.db import turns
from policyservice.db.turns import Turns
from policyservice.domain.errors import LogUnavailable

_DIES_IN_ITS_TURN = """
import os, sys
from policyservice.db.turns import Turns
with Turns(sys.argv[1], longest_wait=10).taken():
    os._exit(0)
"""


def test_one_writer_has_its_turn_at_a_time(tmp_path):
    database, inside, entered = str(tmp_path / "x.db"), Event(), []

    def second():
        inside.wait(10)
        with Turns(database, longest_wait=10).taken():
            entered.append("second")

    with ThreadPoolExecutor(1) as pool:
        with Turns(database, longest_wait=10).taken():
            after = pool.submit(second)
            inside.set()
            entered.append("first")
        after.result(10)

    assert entered == ["first", "second"]


def test_a_process_that_dies_gives_its_turn_back(tmp_path):
    database = str(tmp_path / "x.db")
    subprocess.run([sys.executable, "-c", _DIES_IN_ITS_TURN, database], check=True, timeout=60)

    with Turns(database, longest_wait=10).taken():
        assert (tmp_path / f"x.db{turns.SUFFIX}").exists()


def test_a_turn_that_comes_too_late_is_refused(tmp_path, monkeypatch):
    instants = iter([0.0, 10.1])
    monkeypatch.setattr(turns, "monotonic", lambda: next(instants))

    with pytest.raises(LogUnavailable), Turns(str(tmp_path / "x.db"), longest_wait=10).taken():
        pass


def test_without_a_place_for_the_lock_nothing_is_written(tmp_path):
    with pytest.raises(LogUnavailable), Turns(str(tmp_path / "nowhere" / "x.db"), longest_wait=10).taken():
        pass


def test_within_its_turn_a_thread_needs_no_other_and_keeps_it_to_the_end(tmp_path):
    mine = Turns(str(tmp_path / "x.db"), longest_wait=10)

    with mine.taken():
        with mine.taken():
            pass
        assert not is_free(tmp_path / "x.db")
    assert is_free(tmp_path / "x.db")


def test_another_thread_of_the_process_waits_for_its_own_turn(tmp_path):
    mine, entered = Turns(str(tmp_path / "x.db"), longest_wait=10), []

    def another():
        with mine.taken():
            entered.append("another")

    with ThreadPoolExecutor(1) as pool:
        with mine.taken():
            after = pool.submit(another)
            Event().wait(0.05)
            entered.append("first")
        after.result(10)

    assert entered == ["first", "another"]


def test_a_turn_that_ended_in_an_error_has_ended_and_can_be_taken_anew(tmp_path):
    mine = Turns(str(tmp_path / "x.db"), longest_wait=10)
    with pytest.raises(ValueError), mine.taken():
        raise ValueError
    assert is_free(tmp_path / "x.db")

    with mine.taken():
        assert not is_free(tmp_path / "x.db")


def is_free(database: Path) -> bool:
    """Whether nobody has the turn, as another process would find it."""
    with open(f"{database}{turns.SUFFIX}") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
