"""What never changes in a database, read once per process: a published version, say, by its number."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST_KEPT = 64


class Once(Generic[K, V]):
    """What `read` finds under a key, kept per database. For committed rows that are only ever appended to.

    Whoever appends such rows must not read them by way of this before they are committed.
    """

    def __init__(self, read: Callable[[Connection, K], V]) -> None:
        self._read = read
        self._found: WeakKeyDictionary[Dialect, dict[K, V]] = WeakKeyDictionary()  # an engine has one of its own

    def __call__(self, connection: Connection, key: K) -> V:
        found = self._found.get(connection.dialect)
        if found is None:
            found = self._found[connection.dialect] = {}
        if key not in found:
            if len(found) >= _MOST_KEPT:
                found.clear()
            found[key] = self._read(connection, key)
        return found[key]
