"""How many connections each worker of the service has, where all of its workers see it.

Callers keep their connections. Left to chance one process may have all of them for as long as they last, and the others
nothing to do; so a worker leaves a connection to those that have fewer.
"""

from __future__ import annotations

from mmap import mmap

_PLACES = 256
"""Far more than there are workers. Two that shared a place would be taken for one, no more."""

SILENT_SECONDS = 2.5
"""A worker shows itself once a second at least; one that has not for so long stands still, and takes nothing."""


class Shares:
    """Made before the workers are: a process and those forked from it see the same.

    Instants are seconds of the machine's monotonic clock, which all its processes share.
    """

    def __init__(self) -> None:
        self._connections = memoryview(mmap(-1, 4 * _PLACES)).cast("i")  # one more than there are; 0 is nobody
        self._seen_at = memoryview(mmap(-1, 8 * _PLACES)).cast("d")

    def tell(self, worker: int, connections: int) -> None:
        """A worker, by number, has so many."""
        self._connections[worker % _PLACES] = connections + 1

    def show(self, worker: int, now: float) -> None:
        """A worker is at work."""
        self._seen_at[worker % _PLACES] = now

    def forget(self, worker: int) -> None:
        """A worker is gone."""
        self._connections[worker % _PLACES] = 0

    def has_fewer(self, than: int, now: float) -> bool:
        """Whether any worker that is at work has fewer connections than so many."""
        since = now - SILENT_SECONDS
        places = zip(self._connections, self._seen_at, strict=True)
        return any(0 < told <= than and seen_at >= since for told, seen_at in places)
