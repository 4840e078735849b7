"""PostgreSQL restarted under load, and lost to a standby: no answered decision is lost, and callers need do nothing."""

from __future__ import annotations

import time

import pytest

from tests.faults.audit import audit
from tests.faults.load import Load
from tests.faults.service import serving
from tests.faults.stage import set_up

BOUNDS = {"POLICYSERVICE_LOCK_SECONDS": "2", "POLICYSERVICE_TRANSACTION_SECONDS": "3"}


def restarted_under_load(tmp_path, server, rounds, modes=("fast", "immediate")):
    stage = set_up(tmp_path, server.url())
    with serving(tmp_path, server.url(), **BOUNDS) as service:
        load = Load([service.address], stage.secret).begin()
        for number in range(rounds):
            load.wait_for(15)
            server.stop(modes[number % len(modes)])
            server.start()
        load.wait_for(15)
        load.finish()
        assert load.repeat() == []
    return load, audit(server.url(), load)


def test_postgresql_is_restarted_in_order_and_by_a_crash_under_load(breakable, tmp_path):
    load, found = restarted_under_load(tmp_path, breakable, rounds=2)

    assert found == []
    assert load.unanswered == []
    assert load.refused  # some came while it was away


@pytest.mark.long
def test_postgresql_is_restarted_many_times_under_load(breakable, tmp_path):
    load, found = restarted_under_load(tmp_path, breakable, rounds=16)

    assert found == []
    assert load.unanswered == []


def failed_over(tmp_path, server, url_of, callers, answers):
    """A standby that every commit waits for; the server is killed under load and the standby takes over."""
    stage = set_up(tmp_path, server.url())
    standby = server.followed_by(server.folder.parent / "standby")
    with serving(tmp_path, url_of(server, standby), **BOUNDS) as service:
        load = Load([service.address], stage.secret).begin(callers)
        load.wait_for(answers)
        standby.change("primary_conninfo", "''")  # the standby falls behind: what is committed now is on one machine
        time.sleep(0.7)
        server.kill()
        standby.promote()
        load.wait_for(answers)
        service.wait_until_ready()
        load.finish()
        assert load.repeat(most=3 * answers) == []
    return load, audit(standby.url(), load)


def both(server, standby):
    """The URL that names both servers; whichever takes writes is used."""
    hosts = f"host=127.0.0.1:{server.port}&host=127.0.0.1:{standby.port}"
    return f"postgresql://postgres@/policy?{hosts}&target_session_attrs=read-write"


@pytest.mark.parametrize(
    ("callers", "answers"), [(4, 30), pytest.param(12, 600, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_a_standby_takes_over_and_no_answered_decision_is_lost(own_server, tmp_path, callers, answers):
    load, found = failed_over(tmp_path, own_server, both, callers, answers)

    assert found == []
    assert load.unanswered == []


def test_a_commit_that_waits_for_a_standby_that_is_gone_is_in_doubt_and_repeating_it_settles_it(own_server, tmp_path):
    stage = set_up(tmp_path, own_server.url())
    standby = own_server.followed_by(own_server.folder.parent / "standby")
    with serving(tmp_path, own_server.url(), **BOUNDS) as service:
        load = Load([service.address], stage.secret)
        standby.kill()
        load.most = 2
        load.begin(2)
        load.wait_for_refusals(2)
        unready = service.wait_until_ready(is_ready=False)
        own_server.change("synchronous_standby_names", "''")
        service.wait_until_ready()
        load.wait()

    assert {refused.body["code"] for refused in load.refused} >= {"unconfirmed"}
    assert [error["field"] for error in unready.body["errors"]] == ["writes"]
    assert load.unanswered == []
    assert audit(own_server.url(), load) == []
