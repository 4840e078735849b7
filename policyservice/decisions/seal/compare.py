"""The rows of one table against their leaves, and what a difference is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from policyservice.decisions.seal import rows
from policyservice.decisions.seal.leaves import Leaf
from policyservice.decisions.seal.rows import Row

_MOST = 10_000
"""Differences kept to find rows that changed places; of those beyond only the number is told."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it was sealed: a decision, an entry, a seal or a checkpoint, its number, and what is wrong."""

    where: str
    number: int | None  # None: of all of them
    what: str
    name: str = ""

    def __str__(self) -> str:
        number = "" if self.number is None else f" {self.number}"
        named = f" ({self.name.encode('ascii', 'backslashreplace').decode()})" if self.name else ""
        return f"{self.where}{number}{named}: {self.what}"


class _Changed(NamedTuple):
    """What was sealed at a place, and what is there now; one of them may be nothing."""

    table: str
    was: Leaf | None
    now: Leaf | None
    name: str

    @property
    def seq(self) -> int:
        return self.was.seq if self.was else self.now.seq if self.now else 0


class Differences:
    """Rows that are not as they were sealed; kept until all are known, since a row may have gone to another place."""

    def __init__(self) -> None:
        self._changed: list[_Changed] = []
        self._beyond = 0

    def add(self, table: str, was: Leaf | None, now: Leaf | None, name: str = "") -> None:
        """What was sealed, what is there, and what the row is called."""
        if len(self._changed) < _MOST:
            self._changed.append(_Changed(table, was, now, name))
        else:
            self._beyond += 1

    def told(self) -> Iterator[Difference]:
        """What happened to each row, in order of table and number; of one that only moved, the place it had."""
        was_at = {(each.table, each.was.digest): each.was.seq for each in self._changed if each.was}
        is_there = {(each.table, each.now.digest) for each in self._changed if each.now}
        for each in sorted(self._changed, key=lambda changed: (changed.table, changed.seq)):
            is_gone = each.was is not None and (each.table, each.was.digest) not in is_there
            before = was_at.get((each.table, each.now.digest)) if each.now else None
            if is_gone and (each.now is None or before is not None):
                yield Difference(each.table, each.seq, "removed")
            if before is not None:
                yield Difference(each.table, each.seq, f"reordered: it was number {before}", each.name)
            elif each.now is not None:
                yield Difference(each.table, each.seq, "altered" if is_gone else "inserted", each.name)
        if self._beyond:
            yield Difference("log", None, f"{self._beyond} further rows altered, removed, inserted or reordered")


class Side:
    """The rows of one table, one after the other."""

    def __init__(self, conn: Connection, table: str) -> None:
        self.compared = 0
        self._passed: int | None = None
        self._table = table
        self._rows = rows.read(conn, table)
        self._next: Row | None = next(self._rows, None)

    def compare(self, leaves: list[Leaf], last: int, found: Differences) -> None:
        """Take the rows up to number `last`, and compare them with the leaves of that range; leaves of rows that were
        passed already, as those of a seal that is not in its place, are left.
        """
        for leaf in leaves:
            if self._passed is not None and leaf.seq <= self._passed:
                continue
            self._inserted(leaf.seq - 1, found)
            self._passed = leaf.seq
            row = self._next
            if row is None or row.seq != leaf.seq:
                found.add(self._table, leaf, None)
                continue
            now = row.leaf(self._table)
            if now != leaf:
                found.add(self._table, leaf, now, row.name)
            self._step()
        self._inserted(last, found)

    def skip_before(self, first: int) -> None:
        """Pass over rows that cannot be compared."""
        while self._next is not None and self._next.seq < first:
            self._next = next(self._rows, None)

    def rest(self) -> int:
        """Pass over every row that is left; how many."""
        count = 0 if self._next is None else 1 + sum(1 for _ in self._rows)
        self._next = None
        return count

    def _inserted(self, last: int, found: Differences) -> None:
        while (row := self._next) is not None and row.seq <= last:
            found.add(self._table, None, row.leaf(self._table), row.name)
            self._step()

    def _step(self) -> None:
        self.compared += 1
        self._next = next(self._rows, None)
