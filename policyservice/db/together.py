"""Work that comes while a transaction of this process is under way shares the next one: one commit for all of it.

A durable commit waits for the disk, however little it writes; a transaction on a server waits for its answers; writers
of one file, or of one hot row, wait for each other's. Nobody waits for company: who comes first begins at once, and
takes along whoever came until it can write.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Generic, TypeVar

from policyservice.domain.errors import Unconfirmed

_Job = TypeVar("_Job")
_Done = TypeVar("_Done")

PATIENCE_SECONDS = 0.1
"""Some times what a transaction of a few decisions takes on a database nearby."""


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

    `most` is the size of all jobs that are done in one go, unless one alone is larger. `turn` is what whoever does them
    waits for first. Who has waited for `patience` seconds begins beside those that keep him waiting, as long as fewer
    than `at_once` are at it: a job that waits for a lock keeps no others.
    """

    def __init__(
        self,
        most: int,
        at_once: int = 1,
        *,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._most = most
        self._at_once = at_once
        self._turn = turn
        self._patience = patience if at_once > 1 else None
        self._lock = Lock()
        self._leading = 0
        self._queue: deque[_Waiting[Any, Any]] = deque()
        """Those who wait, but for whoever was told to lead."""

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
        if not self._leads_at_once(mine):
            self._wait(mine)
        if not mine.is_settled:
            self._lead(mine, work, shared)
        if mine.failed is not None:
            raise mine.failed
        return mine.done  # type: ignore[return-value]

    def _leads_at_once(self, mine: _Waiting[Any, Any]) -> bool:
        with self._lock:
            if self._leading:
                self._queue.append(mine)
                return False
            self._leading = 1
            return True

    def _wait(self, mine: _Waiting[Any, Any]) -> None:
        """Until it is done, or is to lead."""
        while not mine.woken.wait(self._patience):
            if self._leads_beside(mine):
                return

    def _leads_beside(self, mine: _Waiting[Any, Any]) -> bool:
        with self._lock:
            if mine not in self._queue or self._leading >= self._at_once:
                return False
            self._queue.remove(mine)
            self._leading += 1
            return True

    def _lead(
        self,
        mine: _Waiting[Any, Any],
        work: Callable[[Sequence[Any]], Sequence[Any]],
        shared: tuple[type[Exception], ...],
    ) -> None:
        group = [mine]
        try:
            with self._turn():
                group = self._group(mine)
                _do(group, work, shared)
        except Exception as no_turn:
            group = self._group(mine)  # who came meanwhile has waited for it, too, and need not do so once more
            for each in group:
                each.fail(no_turn)
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
            group, keys, size = [mine], set(mine.keys), mine.size
            for other in list(self._queue):
                if size + other.size > self._most:
                    break
                if keys.isdisjoint(other.keys):
                    self._queue.remove(other)
                    group.append(other)
                    keys |= other.keys
                    size += other.size
            return group

    def _pass_on(self) -> None:
        """Whoever has waited longest leads next; where another leads still, he does."""
        with self._lock:
            if self._leading == 1 and self._queue:
                self._queue.popleft().woken.set()
            else:
                self._leading -= 1


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
