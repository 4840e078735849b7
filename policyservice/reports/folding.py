"""Sums the log up behind the requests, and proves the sums against the rows.

Only rows up to a final horizon are taken (`decisions/seal/horizon`), each once: the head moves in the transaction that
adds what lies between, and moves only from where it was read. So it may be killed at any point, run in any number of
processes, and nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection

from policyservice.db.session import Database
from policyservice.decisions.seal import horizon
from policyservice.decisions.seal.horizon import Horizon
from policyservice.reports import rows, store
from policyservice.reports.figures import Key, Path, Vector
from policyservice.reports.rows import Added
from policyservice.reports.speed import store as speed_store
from policyservice.reports.speed.cases import CaseKey, Counting
from policyservice.reports.speed.store import KeptCases
from policyservice.reports.speed.summing import changed
from policyservice.reports.store import Behind, Head, Kept

MOST = 500
"""Rows of each table that are added in one transaction: where only one writes at a time, others wait for it."""


class Folded(NamedTuple):
    """What rows of the log come to: sums by key, what each escalated decision is of, by its id, and how cases stand."""

    sums: dict[Key, Vector]
    escalated: dict[str, Key]
    cases: dict[CaseKey, int]


class Difference(NamedTuple):
    """A sum that is not what the rows give: which, as kept and as the rows have it (None: not there)."""

    kept: Kept
    stored: Vector | None
    rows: Vector | None


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the sums reach, how many there are, which of them the rows contradict, and which escalated decisions and
    numbers of cases.
    """

    head: Head | None
    sums: int
    differences: tuple[Difference, ...]
    escalated: tuple[str, ...]
    cases: tuple[KeptCases, ...]

    @property
    def holds(self) -> bool:
        """Whether everything equals the rows."""
        return not self.differences and not self.escalated and not self.cases


class Folder:
    """Sums up one database, in steps that never wait; keeps between them how far it was going to go."""

    def __init__(self, db: Database, counting: Counting, *, most: int = MOST) -> None:
        self._db = db
        self._counting = counting
        self._most = most
        self._horizon: Horizon | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether transactions that were open at the last step must end before more can be summed up."""
        return self._horizon is not None

    def step(self) -> int:
        """Sum up all that is final; how many rows. 0, too, while somebody is still writing: call again then.

        Sums that were begun in another time zone, or with other days for outcomes, are left as they are: a report does
        not use them, and `rebuild` makes them anew.

        Raises:
            LogUnavailable: the database does not answer; what was added until then stands.
        """
        before, self._horizon = self._horizon, None
        reached = horizon.looked_at_again(self._db, before) if before else horizon.seen(self._db)
        if reached is None:
            return 0
        if not reached.is_final:
            self._horizon = reached
            return 0
        count = 0
        while added := self._add_next(reached):
            count += added
        return count

    def behind(self) -> Behind:
        """How far the sums that reports can use are behind the log.

        Raises:
            LogUnavailable: the database does not answer.
        """
        with self._db.reading() as conn:
            head = store.head(conn)
            usable = head if head is not None and head.counting == self._counting else store.begin(self._counting)
            return store.behind(conn, usable)

    def _add_next(self, reached: Horizon) -> int:
        with self._db.reading() as conn:
            was = store.head(conn)
            begun = was or store.begin(self._counting)
            upto = self._upto(begun, reached)
            count = sum(upto.point) - sum(begun.point)
            if begun.counting != self._counting or not count or not horizon.is_on(conn, reached):
                return 0
            found = between(conn, begun, upto)
        with self._db.transaction() as conn:
            if not (horizon.is_on(conn, reached) and store.advance(conn, was, upto)):
                return 0
            store.add_up(conn, found.sums)
            store.add_escalated(conn, found.escalated)
            speed_store.add_up(conn, found.cases)
        return count

    def _upto(self, begun: Head, reached: Horizon) -> Head:
        def on(was: int, until: int) -> int:
            return max(was, min(was + self._most, until))

        return replace(
            begun,
            decision=on(begun.decision, reached.decision),
            entry=on(begun.entry, reached.entry),
            outcome=on(begun.outcome, reached.outcome),
        )


def between(conn: Connection, after: Head, upto: Head) -> Folded:
    """What the rows behind one head and up to another come to."""
    decisions = (rows.decision.c.seq > after.decision, rows.decision.c.seq <= upto.decision)
    entries = (rows.entry.c.seq > after.entry, rows.entry.c.seq <= upto.entry)
    counting, escalated = upto.counting, dict[str, Key]()

    def noted(found: Iterable[Added]) -> Iterator[Added]:
        for one in found:
            if one.key.path is Path.ESCALATED:
                escalated[one.decision_id] = one.key
            yield one

    sums = rows.summed(noted(rows.of_decisions(conn, counting.zone, decisions)))
    sums = rows.summed(rows.of_entries(conn, counting.zone, entries), sums)
    return Folded(sums, escalated, changed(conn, counting, after.point, upto.point))


def rebuild(db: Database, counting: Counting) -> None:
    """Forget the sums; the next steps make them anew from the rows. Reports meanwhile add up the rows themselves.

    Raises:
        LogUnavailable: the database does not answer; the sums stand as they were.
    """
    with db.transaction() as conn:
        store.start_again(conn, counting)
        speed_store.start_again(conn)


def prove(db: Database) -> Proof:
    """Sum up again the rows that the kept sums are of, and set the two side by side.

    Raises:
        LogUnavailable: the database does not answer.
    """
    with db.reading() as conn:
        reached = store.head(conn)
        stored = store.without_zeros(store.everything(conn))
        noted = {row["decision_id"]: row for row in store.escalated(conn)}
        kept_cases = dict(speed_store.everything(conn))
        found = Folded({}, {}, {})
        if reached is not None:
            found = between(conn, store.begin(reached.counting), reached)
    right = store.without_zeros(store.spread(found.sums).items())
    differences = tuple(
        Difference(kept, stored.get(kept), right.get(kept))
        for kept in sorted(stored.keys() | right.keys())
        if stored.get(kept) != right.get(kept)
    )
    of_rows = {decision: store.escalated_row(decision, key) for decision, key in found.escalated.items()}
    wrong = sorted(each for each in noted.keys() | of_rows.keys() if noted.get(each) != of_rows.get(each))
    cases = speed_store.spread(found.cases)
    miscounted = sorted(each for each in kept_cases.keys() | cases.keys() if kept_cases.get(each) != cases.get(each))
    return Proof(reached, len(stored) + len(kept_cases), differences, tuple(wrong), tuple(miscounted))
