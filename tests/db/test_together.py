"""Jobs of several threads are done in one go where one of them is already at work, and each has its own outcome."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock

import pytest

from policyservice.db.together import Together
from policyservice.domain.errors import LogUnavailable, Unconfirmed

PATIENCE = 20


class Work:
    """Notes what is done in one go; holds on in the first until it is told to go on."""

    def __init__(self) -> None:
        self.done: list[list[str]] = []
        self.begun, self.go_on = Event(), Event()
        self.failing: dict[str, Exception] = {}
        self._lock = Lock()

    def __call__(self, jobs):
        with self._lock:
            self.done.append(list(jobs))
            is_first = len(self.done) == 1
        if is_first:
            self.begun.set()
            assert self.go_on.wait(PATIENCE)
        for job in jobs:
            if job in self.failing:
                raise self.failing[job]
        return [job.upper() for job in jobs]


def run_beside_a_first(together: Together, work: Work, jobs, *, shared=(), keys=lambda job: {job}, size=1):
    """Run a first job and, while it is under way, others; the futures of the others, in order, and of the first."""
    pool = ThreadPoolExecutor(len(jobs) + 1)
    first = pool.submit(together.run, "first", work, keys=frozenset({"first"}))
    assert work.begun.wait(PATIENCE)
    others = []
    for number, job in enumerate(jobs, start=1):
        others.append(pool.submit(together.run, job, work, keys=frozenset(keys(job)), size=size, shared=shared))
        wait_until(lambda number=number: len(together._queue) == number)
    work.go_on.set()
    pool.shutdown(wait=True)
    return others, first


def wait_until(holds):
    for _ in range(PATIENCE * 1000):
        if holds():
            return
        Event().wait(0.001)
    raise AssertionError("it never came to that")


def test_who_comes_alone_begins_at_once():
    work = Work()
    work.go_on.set()
    together = Together(50)

    assert together.run("a", work, keys=frozenset()) == "A"
    assert together.run("b", work, keys=frozenset()) == "B"
    assert work.done == [["a"], ["b"]]


def test_those_who_come_meanwhile_are_done_in_one_go_in_the_order_they_came():
    work = Work()
    others, first = run_beside_a_first(Together(50), work, ["a", "b", "c"])

    assert first.result() == "FIRST"
    assert [each.result() for each in others] == ["A", "B", "C"]
    assert work.done == [["first"], ["a", "b", "c"]]


def test_jobs_with_a_key_in_common_are_never_done_together():
    work = Work()
    others, _ = run_beside_a_first(Together(50), work, ["a1", "b1", "a2"], keys=lambda job: {job[0]})

    assert [each.result() for each in others] == ["A1", "B1", "A2"]
    assert work.done == [["first"], ["a1", "b1"], ["a2"]]


@pytest.mark.parametrize(
    ("most", "done"), [(4, [["a", "b"], ["c"]]), (6, [["a", "b", "c"]]), (1, [["a"], ["b"], ["c"]])]
)
def test_no_more_is_done_in_one_go_than_is_allowed_but_a_large_job_is_done_by_itself(most, done):
    work = Work()
    run_beside_a_first(Together(most), work, ["a", "b", "c"], size=2)

    assert work.done[1:] == done


def test_who_has_waited_long_enough_begins_beside_whom_he_waits_for():
    work = Work()
    together = Together(50, at_once=2, patience=0.02)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(together.run, "first", work, keys=frozenset())
        assert work.begun.wait(PATIENCE)
        assert together.run("second", work, keys=frozenset()) == "SECOND"
        assert not first.done()
        work.go_on.set()
    assert work.done == [["first"], ["second"]]


def test_no_more_are_at_work_at_once_than_are_allowed():
    work = Work()
    together = Together(50, at_once=1, patience=0.001)
    with ThreadPoolExecutor(2) as pool:
        pool.submit(together.run, "first", work, keys=frozenset())
        assert work.begun.wait(PATIENCE)
        second = pool.submit(together.run, "second", work, keys=frozenset())
        Event().wait(0.05)
        assert work.done == [["first"]]
        work.go_on.set()
    assert second.result() == "SECOND"


def test_who_waits_takes_along_whoever_waits_with_him_and_then_one_leads_again():
    work = Work()
    together = Together(50, at_once=2, patience=0.2)
    with ThreadPoolExecutor(3) as pool:
        pool.submit(together.run, "first", work, keys=frozenset({"first"}))
        assert work.begun.wait(PATIENCE)
        others = [pool.submit(together.run, job, work, keys=frozenset({job})) for job in ("a", "b")]
        assert [each.result() for each in others] == ["A", "B"]
        assert sorted(work.done[1]) == ["a", "b"]
        work.go_on.set()

    assert together._leading == 0
    assert not together._queue


class Turn:
    """A turn that comes when it is told to, or never."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked, self.come, self.error = Event(), Event(), error

    @contextmanager
    def __call__(self):
        self.asked.set()
        assert self.come.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        yield


def test_who_comes_while_the_turn_is_waited_for_goes_along():
    work, turn = Work(), Turn()
    work.go_on.set()
    done = run_while_the_turn_is_waited_for(Together(50, turn=turn), turn, work, ["a", "b", "c"])

    assert [each.result() for each in done] == ["A", "B", "C"]
    assert work.done == [["a", "b", "c"]]


def test_a_turn_that_does_not_come_is_the_end_for_all_who_waited_for_it_but_not_for_the_next():
    work, turn = Work(), Turn(LogUnavailable())
    work.go_on.set()
    together = Together(50, turn=turn)
    done = run_while_the_turn_is_waited_for(together, turn, work, ["a", "b"])

    for each in done:
        with pytest.raises(LogUnavailable):
            each.result()
    assert work.done == []
    turn.error = None
    assert together.run("c", work, keys=frozenset()) == "C"


def run_while_the_turn_is_waited_for(together: Together, turn: Turn, work: Work, jobs):
    """Run jobs that come one after another before the turn comes; their futures."""
    pool = ThreadPoolExecutor(len(jobs))
    futures = []
    for number, job in enumerate(jobs):
        futures.append(pool.submit(together.run, job, work, keys=frozenset({job})))
        assert turn.asked.wait(PATIENCE)
        wait_until(lambda number=number: len(together._queue) == number)
    turn.come.set()
    pool.shutdown(wait=True)
    return futures


def test_none_suffers_from_a_job_that_fails_in_its_company():
    work = Work()
    work.failing["b"] = ValueError("b is wrong")
    (a, b, c), _ = run_beside_a_first(Together(50), work, ["a", "b", "c"])

    assert (a.result(), c.result()) == ("A", "C")
    with pytest.raises(ValueError, match="b is wrong"):
        b.result()
    assert work.done == [["first"], ["a", "b", "c"], ["a"], ["b"], ["c"]]


def test_where_the_database_is_away_everybody_is_told_and_nobody_tries_again_by_himself():
    work = Work()
    work.failing["b"] = LogUnavailable()
    others, _ = run_beside_a_first(Together(50), work, ["a", "b"], shared=(LogUnavailable,))

    for each in others:
        with pytest.raises(LogUnavailable):
            each.result()
    assert work.done == [["first"], ["a", "b"]]


def test_when_the_one_at_work_is_stopped_the_others_are_told_that_nobody_knows():
    work = Work()
    work.failing["a"] = KeyboardInterrupt()  # type: ignore[assignment]
    (a, b), _ = run_beside_a_first(Together(50), work, ["a", "b"])

    with pytest.raises(KeyboardInterrupt):
        a.result()
    with pytest.raises(Unconfirmed):
        b.result()


def test_after_a_failure_the_next_is_served():
    work = Work()
    work.go_on.set()
    work.failing["a"] = ValueError()
    together = Together(50)
    with pytest.raises(ValueError):
        together.run("a", work, keys=frozenset())

    assert together.run("b", work, keys=frozenset()) == "B"


@pytest.mark.parametrize("at_once", [1, 3])
def test_under_many_callers_every_job_is_done_exactly_once(at_once):
    done: list[int] = []

    def work(jobs):
        done.extend(jobs)
        return [job * 2 for job in jobs]

    together = Together(5, at_once, patience=0.001)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: together.run(n, work, keys=frozenset({n % 7})), range(2000)))

    assert results == [n * 2 for n in range(2000)]
    assert sorted(done) == list(range(2000))
