"""Under any number of concurrent callers no budget is overspent, and none of it is lost."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from policyservice.domain.errors import WrongStatus
from policyservice.domain.limits import Scope, WindowKind
from policyservice.ledger import settle
from policyservice.ledger.reconcile import reconcile
from policyservice.ledger.sql import SqlLedger
from policyservice.limits import versions
from tests.ledger.factories import (
    HELSINKI,
    NOON,
    a_footprint,
    a_limit,
    limits_of,
    prepare,
    used,
)
from tests.races.draw import BOUND, LIMITS, draw


def team_used(db):
    return used(db, LIMITS, a_footprint())["team-day"].goodwill_face


def differences(db):
    with db.reading() as connection:
        return reconcile(connection, HELSINKI)


def test_eight_threads_that_draw_on_one_budget_use_it_up_and_not_a_cent_more(any_db):
    prepare(any_db, LIMITS)
    together = Barrier(8)

    def start(worker):
        together.wait()
        return draw(any_db, f"agent-{worker}", 400)

    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(start, range(8)))

    assert sum(drawn) == BOUND == team_used(any_db)
    assert differences(any_db) == []


def test_four_processes_that_draw_on_one_budget_use_it_up_and_not_a_cent_more(any_db):
    prepare(any_db, LIMITS)
    url = any_db.url.render_as_string(hide_password=False)

    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.draw", url, f"agent-{number}", "500"],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    drawn = [int(worker.communicate(timeout=120)[0]) for worker in workers]

    assert sum(drawn) == BOUND == team_used(any_db)
    assert differences(any_db) == []


def test_two_agents_who_want_the_last_euro_get_it_once(any_db):
    prepare(any_db, LIMITS)
    draw(any_db, "agent-0", BOUND - 100)
    together = Barrier(2)

    def start(worker):
        together.wait()
        return draw(any_db, f"agent-{worker}", 100)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, (1, 2))) == [0, 100]


def test_of_many_who_settle_one_decision_one_does(any_db):
    prepare(any_db, LIMITS)
    draw(any_db, "agent-0", BOUND)
    together = Barrier(6)

    def start(number):
        together.wait()
        step = (settle.commit, settle.void)[number % 2]
        try:
            with any_db.transaction() as connection:
                return step(SqlLedger(connection, HELSINKI), "dec_agent-0_1", now=NOON).head.status
        except WrongStatus:
            return None

    with ThreadPoolExecutor(6) as pool:
        done = [status for status in pool.map(start, range(6)) if status]

    assert len(done) == 1
    assert team_used(any_db) == (BOUND if done == ["committed"] else 0)
    assert differences(any_db) == []


@pytest.mark.parametrize("rounds", [6])
def test_limits_published_while_decisions_are_booked_miss_none_of_them(any_db, rounds):
    prepare(any_db, LIMITS)
    extra = [
        a_limit(f"extra-{n}", Scope.ORGANISATION, WindowKind.ONCE, remedies=("credit", f"r{n}")) for n in range(rounds)
    ]
    together = Barrier(5)

    def book(worker):
        together.wait()
        return draw(any_db, f"agent-{worker}", 100)

    def publish():
        together.wait()
        for n in range(rounds):
            with any_db.transaction() as connection:
                now = NOON + timedelta(seconds=n)
                limits = limits_of(*LIMITS.limits, extra[n])
                versions.publish(connection, limits, effective_from=now, author="a", because="b", now=now)
            used(any_db, limits, a_footprint(agent="looker"))

    with ThreadPoolExecutor(5) as pool:
        drawn = [pool.submit(book, worker) for worker in range(4)]
        pool.submit(publish).result()
        assert sum(each.result() for each in drawn) == BOUND

    last = limits_of(*LIMITS.limits, extra[-1])
    assert used(any_db, last, a_footprint())[extra[-1].id].goodwill_face == BOUND
    assert differences(any_db) == []
