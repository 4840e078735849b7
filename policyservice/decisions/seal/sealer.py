"""Seals what is committed, behind the requests: nobody waits for it, and it may be killed at any point.

Everything is read and reckoned before; one insert, in a transaction that first looks whether the seal still follows the
last one, is all that is written. Of two sealers at once one comes too late, and what it reckoned is thrown away.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy import Connection

from policyservice.db.session import Database
from policyservice.decisions.seal import horizon, rows, store
from policyservice.decisions.seal.chain import Seal, sealed
from policyservice.decisions.seal.horizon import Horizon
from policyservice.decisions.seal.leaves import DECISION, ENTRY, Leaf

MOST = 1000
"""Rows of each table in one seal: its leaves (40 bytes each) are written at once, and a proof needs them all."""

_AT_ONCE = 10
"""Rows hashed before others have their turn: about a millisecond's worth."""


class Sealer:
    """Seals one database, in steps that never wait; keeps between them how far it was going to seal."""

    def __init__(self, db: Database, *, most: int = MOST) -> None:
        self._db = db
        self._most = most
        self._horizon: Horizon | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether transactions that were open at the last step must end before more can be sealed."""
        return self._horizon is not None

    def step(self, now: datetime) -> int:
        """Seal all that is final; how many rows. 0, too, while somebody is still writing: call again then.

        Raises:
            LogUnavailable: the database does not answer; the seals made until then stand.
        """
        before, self._horizon = self._horizon, None
        reached = horizon.looked_at_again(self._db, before) if before else horizon.seen(self._db)
        if reached is None:
            return 0
        if not reached.is_final:
            self._horizon = reached
            return 0
        return self._seal_up_to(reached, now)

    def is_early(self, now: datetime, least: timedelta) -> bool:
        """Whether a seal was made less than `least` ago: then another process is at it.

        Raises:
            LogUnavailable: the database does not answer.
        """
        with self._db.reading() as conn:
            last = store.sealed_at(conn)
        return last is not None and timedelta(0) <= now - last < least

    def _seal_up_to(self, reached: Horizon, now: datetime) -> int:
        count = 0
        while (seal := next_seal(self._db, reached, now=now, most=self._most)) is not None:
            with self._db.transaction() as conn:
                if not (horizon.is_on(conn, reached) and store.append(conn, seal)):
                    break
            count += seal.decisions + seal.entries
        return count


def next_seal(db: Database, reached: Horizon, *, now: datetime, most: int = MOST) -> Seal | None:
    """The seal over the next rows up to the horizon, nothing written yet; None where all of them are sealed."""
    with db.reading() as conn, rows.as_stored(conn):
        if not horizon.is_on(conn, reached):
            return None
        end = store.end(conn)
        decisions = _leaves(conn, DECISION, end.last_decision, reached.decision, most)
        entries = _leaves(conn, ENTRY, end.last_entry, reached.entry, most)
    return sealed(end, decisions, entries, now=now) if decisions or entries else None


def _leaves(conn: Connection, table: str, after: int, upto: int, most: int) -> list[Leaf]:
    leaves = []
    for row in rows.read(conn, table, after=after, upto=upto, most=most):
        leaves.append(row.leaf(table))
        if len(leaves) % _AT_ONCE == 0:
            time.sleep(0)  # lets a waiting request have the interpreter now, not when this thread's share ends
    return leaves
