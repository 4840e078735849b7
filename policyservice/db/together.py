"""Work that comes while a transaction of this process is under way shares the next one: one commit for all of it.

A durable commit waits for the disk, however little it writes, and writers of one file, or of one hot row, wait for each
other's. Nobody waits for company: who comes first begins at once, and takes along whoever came meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Generic, TypeVar

from policyservice.domain.errors import Unconfirmed

_Job = TypeVar("_Job")
_Done = TypeVar("_Done")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[_Job, _Done]):
    """A job of one caller; woken when it is done, or when this caller is to lead."""

    job: _Job
    keys: frozenset[Hashable]
    size: int
    woken: Event = field(default_factory=Event)
    done: _Done | None = None
    failed: BaseException | None = None
    is_settled: bool = False

    def succeed(self, done: _Done) -> None:
        self.done, self.is_settled = done, True

    def fail(self, error: BaseException) -> None:
        self.failed, self.is_settled = error, True


class Together:
    """Hands the jobs of several threads to one of them; safe between threads.

    `most` is the size of all jobs that are done in one go, unless one alone is larger; `at_once` is how many threads do
    jobs at the same time.
    """

    def __init__(self, most: int, at_once: int = 1) -> None:
        self._most = most
        self._at_once = at_once
        self._lock = Lock()
        self._leading = 0
        self._queue: deque[_Waiting[Any, Any]] = deque()

    def run(
        self,
        job: _Job,
        work: Callable[[Sequence[_Job]], Sequence[_Done]],
        *,
        keys: frozenset[Hashable],
        size: int = 1,
        shared: tuple[type[Exception], ...] = (),
    ) -> _Done:
        """What `work` gives for a job, once it was done, alone or with the jobs of other callers.

        `work` does several jobs, all or none, and gives a result for each. Jobs with a key in common are never done
        together. An error of the types in `shared` is everybody's; after any other each job is done by itself, so that
        none suffers from its company.
        """
        mine = _Waiting[_Job, _Done](job, keys, size)
        if not self._leads(mine):
            mine.woken.wait()
        if not mine.is_settled:
            self._lead(mine, work, shared)
        if mine.failed is not None:
            raise mine.failed
        return mine.done  # type: ignore[return-value]

    def _leads(self, mine: _Waiting[Any, Any]) -> bool:
        with self._lock:
            self._queue.append(mine)
            if self._leading >= self._at_once:
                return False
            self._leading += 1
            return True

    def _lead(
        self,
        mine: _Waiting[Any, Any],
        work: Callable[[Sequence[Any]], Sequence[Any]],
        shared: tuple[type[Exception], ...],
    ) -> None:
        group = self._group(mine)
        try:
            _do(group, work, shared)
        finally:
            self._pass_on()
            for other in group:
                if not other.is_settled:  # the leader was stopped in the midst of it
                    other.fail(Unconfirmed())
                if other is not mine:
                    other.woken.set()

    def _group(self, mine: _Waiting[Any, Any]) -> list[_Waiting[Any, Any]]:
        """The leader's job, and of those that wait as many as may go with it, in the order they came."""
        with self._lock:
            self._queue.remove(mine)
            group, keys, size = [mine], set(mine.keys), mine.size
            for other in [each for each in self._queue if not each.woken.is_set()]:
                if size + other.size > self._most:
                    break
                if keys.isdisjoint(other.keys):
                    self._queue.remove(other)
                    group.append(other)
                    keys |= other.keys
                    size += other.size
            return group

    def _pass_on(self) -> None:
        """Whoever has waited longest leads next."""
        with self._lock:
            waiting = next((each for each in self._queue if not each.woken.is_set()), None)
            if waiting is None:
                self._leading -= 1
            else:
                waiting.woken.set()


def _do(
    group: Sequence[_Waiting[Any, Any]],
    work: Callable[[Sequence[Any]], Sequence[Any]],
    shared: tuple[type[Exception], ...],
) -> None:
    try:
        done = work([each.job for each in group])
    except shared as error:
        for each in group:
            each.fail(error)
    except Exception as error:
        if len(group) == 1:
            group[0].fail(error)
            return
        for each in group:
            _do([each], work, shared)
    else:
        for each, result in zip(group, done, strict=True):
            each.succeed(result)
