"""The service killed with SIGKILL again and again under load: what was answered is kept, once."""

from __future__ import annotations

import os
import random
import signal

import pytest

from tests.faults.audit import audit
from tests.faults.load import Load
from tests.faults.service import Service
from tests.faults.stage import set_up


def kill_again_and_again(tmp_path, url, rounds, answers):
    """Every round: load, SIGKILL at a moment drawn at random, start again; the differences found."""
    stage = set_up(tmp_path, url)
    service = Service(tmp_path, url).start()
    load = Load([service.address], stage.secret).begin()
    try:
        for _ in range(rounds):
            load.wait_for(random.randint(answers // 2, answers))
            service.kill()
            assert audit(url, load) == []  # before anything is mended, too
            service.start()
        load.wait_for(answers // 2)
        load.finish()
        assert load.repeat() == []
    finally:
        service.kill()
    return load, audit(url, load)


def test_killed_under_load_it_keeps_every_answered_decision_once(any_url, tmp_path):
    load, found = kill_again_and_again(tmp_path, any_url, rounds=3, answers=40)

    assert found == []
    assert load.unanswered == []
    assert load.broken.total() > 0  # calls were under way when it was killed


@pytest.mark.long
def test_killed_many_times_under_load_it_keeps_every_answered_decision_once(any_url, tmp_path):
    load, found = kill_again_and_again(tmp_path, any_url, rounds=25, answers=150)

    assert found == []
    assert load.unanswered == []


def test_a_worker_that_is_killed_is_replaced_and_loses_nothing(any_url, tmp_path):
    stage = set_up(tmp_path, any_url)
    service = Service(tmp_path, any_url).start()
    load = Load([service.address], stage.secret).begin()
    try:
        for _ in range(3):
            load.wait_for(20)
            os.kill(random.choice(service.workers()), signal.SIGKILL)
        load.wait_for(20)
        load.finish()
        assert load.repeat() == []
    finally:
        service.kill()

    assert audit(any_url, load) == []
    assert load.unanswered == []
