"""How many connections each worker of the service has, where all of its workers see it.

Callers keep their connections. Left to chance one process may have all of them for as long as they last, and the others
nothing to do; so a worker leaves a connection to those that have fewer.
"""

from __future__ import annotations

from mmap import mmap

_PLACES = 256
"""Far more than there are workers. Two that shared a place would be taken for one, no more."""


class Shares:
    """Made before the workers are: a process and those forked from it see the same."""

    def __init__(self) -> None:
        self._connections = memoryview(mmap(-1, 4 * _PLACES)).cast("i")  # one more than there are; 0 is nobody

    def tell(self, worker: int, connections: int) -> None:
        """A worker, by number, has so many."""
        self._connections[worker % _PLACES] = connections + 1

    def forget(self, worker: int) -> None:
        """A worker is gone."""
        self._connections[worker % _PLACES] = 0

    def has_fewer(self, than: int) -> bool:
        """Whether any worker has fewer connections than so many."""
        return any(0 < told <= than for told in self._connections)
