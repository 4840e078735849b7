"""How many calls a key may make, or a survey tool: a token bucket for each, shared by every process without a write
per call.

A small part of each bucket belongs to the process that is called and is kept in its memory; the rest lies in the
database, and a busy process takes it from there by the handful. docs/decisions/0005-rate-limits.md says why, and what
follows.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sqlalchemy import Column, Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.domain.errors import LogUnavailable, RateLimited

SHARE = 50
"""One part in so many of every bucket is each process's own: who calls seldom never costs a write."""

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_HAND_LASTS = _SECOND
_MOST_OF_WHAT_IS_LEFT = 4  # a handful is at most a quarter of it, so that no process takes all
_logger = logging.getLogger("policyservice.access")


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many tokens at most, one more every `interval` microseconds.

    Its whole state is one number: the instant, in microseconds, at which it will be full again.
    """

    depth: int
    interval: int

    @classmethod
    def of(cls, depth: int, per_minute: float) -> Bucket:
        """A bucket that fills by so many tokens a minute."""
        return cls(depth, max(1, round(_MINUTE / per_minute)))

    def left(self, full_at: int, at: int) -> int:
        """Whole tokens in it."""
        return (at + self.depth * self.interval - max(full_at, at)) // self.interval

    def after(self, full_at: int, at: int, tokens: int) -> int:
        """Its state with so many tokens less."""
        return max(full_at, at) + tokens * self.interval

    def wait(self, full_at: int, at: int) -> int:
        """Microseconds until it holds a token."""
        return max(0, full_at + self.interval - self.depth * self.interval - at)


class Shelf:
    """Where the database keeps the buckets of one kind of caller: a table with the caller's name and `full_at`."""

    def __init__(self, kind: str, caller: Column[str]) -> None:
        self.kind = kind
        self._caller = caller.name
        table = caller.table
        is_of = caller == bindparam("of_caller")
        self._for_update = select(table.c.full_at).where(is_of).with_for_update()
        self._first = insert(table)
        self._put = update(table).where(is_of)

    def locked(self, conn: Connection, caller: str) -> int:
        """The state of a bucket, its row locked."""
        found = conn.execute(self._for_update, {"of_caller": caller}).scalar_one_or_none()
        if found is None:
            try:
                with conn.begin_nested():
                    conn.execute(self._first, {self._caller: caller, "full_at": 0})
            except IntegrityError:
                pass  # another process made it in the same moment
            found = conn.execute(self._for_update, {"of_caller": caller}).scalar_one()
        return int(found)

    def put(self, conn: Connection, caller: str, full_at: int) -> None:
        """Give a locked bucket its new state."""
        conn.execute(self._put, {"of_caller": caller, "full_at": full_at})


KEYS = Shelf("key", tables.rate.c.api_key)
SURVEY_TOOLS = Shelf("survey tool", tables.survey_rate.c.source)


@dataclass(slots=True)
class _Hand:
    """What one process has of one caller's bucket."""

    lock: Lock = field(default_factory=Lock)
    own_full_at: int = 0
    taken: int = 0  # out of the database, not spent yet
    taken_until: int = 0
    refused_until: int = 0


class Rates:
    """The buckets of one shelf as one process sees them; safe between threads.

    Over any span a caller gets at most its burst and its rate, and one part in `SHARE` of both for each process beyond
    the first; a handful that was taken and not spent within a second is no longer spent, but given back with the next.
    """

    def __init__(self, db: Database, *, per_minute: int, burst: int, shelf: Shelf = KEYS) -> None:
        self._db = db
        self._shelf = shelf
        self._is_limited = per_minute > 0
        if not self._is_limited:
            return
        own = max(1, burst // SHARE)
        self._own = Bucket.of(own, per_minute / SHARE)
        self._common = Bucket.of(max(1, burst - own), per_minute * (SHARE - 1) / SHARE)
        self._most = max(1, _SECOND // self._common.interval // 2)
        self._hands: defaultdict[str, _Hand] = defaultdict(_Hand)

    def spend(self, caller: str, now: datetime) -> None:
        """Take one token of a caller's bucket: of a key by its id, of a survey tool by its name.

        Where the database cannot be written to, calls are let through: what they need of it is refused on its own.

        Raises:
            RateLimited: there is none; says when to come back.
        """
        if not self._is_limited:
            return
        at = int(now.timestamp() * _SECOND)
        hand = self._hands[caller]
        with hand.lock:
            if self._spends_own(hand, at):
                return
            if at < hand.refused_until:
                raise RateLimited(_seconds(hand.refused_until - at))
            if hand.taken < 1 or at >= hand.taken_until:
                self._take(hand, caller, at)
            hand.taken -= 1

    def _spends_own(self, hand: _Hand, at: int) -> bool:
        if self._own.left(hand.own_full_at, at) < 1:
            return False
        hand.own_full_at = self._own.after(hand.own_full_at, at, 1)
        return True

    def _take(self, hand: _Hand, caller: str, at: int) -> None:
        try:
            with self._db.transaction() as conn:
                taken, wait = self._from_database(conn, caller, at, given_back=hand.taken)
        except LogUnavailable:
            _logger.warning("the rate of %s %s cannot be looked up; it is let through", self._shelf.kind, caller)
            taken, wait = self._most, 0
        hand.taken, hand.taken_until = taken, at + _HAND_LASTS
        if not taken:
            hand.refused_until = at + max(wait, _SECOND)
            raise RateLimited(_seconds(hand.refused_until - at))

    def _from_database(self, conn: Connection, caller: str, at: int, *, given_back: int) -> tuple[int, int]:
        """Tokens taken, and how long to wait where there are none."""
        common = self._common
        full_at = self._shelf.locked(conn, caller) - given_back * common.interval
        left = common.left(full_at, at)
        if left < 1:
            return 0, common.wait(full_at, at)
        tokens = min(self._most, max(1, left // _MOST_OF_WHAT_IS_LEFT))
        self._shelf.put(conn, caller, common.after(full_at, at, tokens))
        return tokens, 0


class Unshared:
    """One bucket for all whom nobody knows, in the memory of one process: what they send causes no write. Safe between
    threads.
    """

    def __init__(self, *, per_minute: int, burst: int) -> None:
        self._bucket = Bucket.of(burst, per_minute) if per_minute > 0 else None
        self._lock = Lock()
        self._full_at = 0

    def spend(self, now: datetime) -> None:
        """Take one token.

        Raises:
            RateLimited: there is none; says when to come back.
        """
        if self._bucket is None:
            return
        at = int(now.timestamp() * _SECOND)
        with self._lock:
            if self._bucket.left(self._full_at, at) < 1:
                raise RateLimited(_seconds(self._bucket.wait(self._full_at, at)))
            self._full_at = self._bucket.after(self._full_at, at, 1)


def _seconds(micros: int) -> int:
    return max(1, -(-micros // _SECOND))
