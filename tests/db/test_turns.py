"""Turns of writers on one SQLite file."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from policyservice.db import turns
from policyservice.domain.errors import LogUnavailable

_DIES_IN_ITS_TURN = (
    "import os, sys\nfrom policyservice.db import turns\nwith turns.taken(sys.argv[1], longest_wait=10): os._exit(0)\n"
)


def test_one_writer_has_its_turn_at_a_time(tmp_path):
    database, inside, entered = str(tmp_path / "x.db"), Event(), []

    def second():
        inside.wait(10)
        with turns.taken(database, longest_wait=10):
            entered.append("second")

    with ThreadPoolExecutor(1) as pool:
        with turns.taken(database, longest_wait=10):
            after = pool.submit(second)
            inside.set()
            entered.append("first")
        after.result(10)

    assert entered == ["first", "second"]


def test_a_process_that_dies_gives_its_turn_back(tmp_path):
    database = str(tmp_path / "x.db")
    subprocess.run([sys.executable, "-c", _DIES_IN_ITS_TURN, database], check=True, timeout=60)

    with turns.taken(database, longest_wait=10):
        assert (tmp_path / f"x.db{turns.SUFFIX}").exists()


def test_a_turn_that_comes_too_late_is_refused(tmp_path, monkeypatch):
    instants = iter([0.0, 10.1])
    monkeypatch.setattr(turns, "monotonic", lambda: next(instants))

    with pytest.raises(LogUnavailable), turns.taken(str(tmp_path / "x.db"), longest_wait=10):
        pass


def test_without_a_place_for_the_lock_nothing_is_written(tmp_path):
    with pytest.raises(LogUnavailable), turns.taken(str(tmp_path / "nowhere" / "x.db"), longest_wait=10):
        pass
