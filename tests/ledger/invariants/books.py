"""The books of a service: every decision with its entries, and sums over them, in plain lists.

`Books.read` takes in what was appended since it was last asked, so that a check after each of many steps is cheap.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from policyservice.db.limit_sets import from_json
from policyservice.db.session import Database
from policyservice.domain.decision import Received
from policyservice.domain.limits import NOTHING_USED, Limit, LimitState, Scope, Shape, Usage, WindowKind
from policyservice.domain.pseudonyms import Pseudonyms
from policyservice.ledger.keys import CounterSpec, read_key
from tests.ledger.invariants import rows
from tests.ledger.invariants.rows import Counted, Entry, Head, Kept, Logged, Reader

AFTER = {"hold": "reserved", "commit": "committed", "void": "voided", "expire": "expired"}
"""The status that an entry leaves behind; a reversal leaves `reversed` when nothing stands any more."""


@dataclass
class Account:
    """One decision with what became of it."""

    logged: Logged
    entries: list[Entry] = field(default_factory=list)
    total: Usage = NOTHING_USED
    refunded_minor: int = 0
    owed: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """What the last entry left it in; the outcome where there is none."""
        if not self.entries:
            return {"escalate": "escalated", "deny": "denied"}.get(self.logged.outcome, "reserved")
        last = self.entries[-1]
        if last.kind != "reverse":
            return AFTER[last.kind]
        return "committed" if self.total.goodwill_count + self.total.entitled_count else "reversed"

    @property
    def standing_minor(self) -> int:
        """What is held or given now, as the last entry says."""
        return self.entries[-1].amount_minor if self.entries else 0

    @property
    def whole_minor(self) -> int:
        """What was held at first."""
        return self.logged.goodwill_minor + self.logged.entitled_minor

    def is_due(self, now: datetime) -> bool:
        """Whether its hold has ended by an instant and nobody has booked that yet."""
        ends = self.entries[0].expires_at if self.entries else None
        return self.status == "reserved" and ends is not None and ends <= now

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.total = self.total.plus(entry.change)
        self.refunded_minor += entry.refunded_minor
        for rule, sums in entry.owed.items():
            before = self.owed.get(rule, (0, 0))
            self.owed[rule] = (before[0] + sums[0], before[1] + sums[1])


class Told(NamedTuple):
    """What a decision that holds was told of one limit, and what the entries before its hold add up to."""

    account: Account
    state: LimitState
    limit: Limit
    before: Usage


class Booked(NamedTuple):
    """A new entry, with the one before it of the same decision."""

    account: Account
    before: Entry | None
    entry: Entry


class Position(NamedTuple):
    """A counter as it is kept, and the sum of the entries it stands for; `oldest` of a rolling window."""

    kept: Counted
    spec: CounterSpec
    summed: Usage
    oldest: datetime | None


@dataclass
class News:
    """What was appended since the last reading; of the counters those that changed, or should have."""

    decisions: list[Account] = field(default_factory=list)
    booked: list[Booked] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    replies: list[Kept] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    logged_before: Logged | None = None
    whole: bool = False


_COUNTERS = f"SELECT key, {rows.USAGE}, summed_at, stale_at FROM counter WHERE counted"
_HEADS = "SELECT decision_id, status, amount_minor, number, expires_at FROM reservation"
_ALL_REPLIES = "SELECT kept_at, path, key, body, decision_id FROM reply ORDER BY kept_at"
_REPLIES = "SELECT kept_at, path, key, body, decision_id FROM reply WHERE kept_at >= ? ORDER BY kept_at"


class Books:
    """Everything that a database has logged until it was last read.

    References are pseudonyms in them, as in the log; keys of replies are the digests that `place_of` makes.
    """

    def __init__(self, db: Database, zone: ZoneInfo, pseudonyms: Pseudonyms) -> None:
        self.db = db
        self.pseudonyms = pseudonyms
        self.reader = Reader(db)
        self.zone = zone
        self.accounts: dict[str, Account] = {}
        self.entries: list[Entry] = []
        self.replies: dict[tuple[str, str], Kept] = {}
        self._order: list[Account] = []
        self._as_read: tuple[list[tuple[object, ...]], list[tuple[object, ...]]] = ([], [])
        self._of: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._tallies: dict[tuple[Shape, str, str], _Tally] = {}
        self._counters: list[tuple[object, ...]] = []
        self._limits: dict[int, dict[str, Limit]] = {}
        self._last_kept: tuple[object, ...] = ()
        self._versions = 0
        self._shapes: set[Shape] = set()

    def read(self, *, whole: bool = False) -> News:
        """Take in what is new; with `whole`, compare everything kept for speed and not only what was touched."""
        news = News(whole=whole, logged_before=self._order[-1].logged if self._order else None)
        if self.reader.is_unchanged() and not whole:
            return news
        self._read_decisions(news)
        for row in self.reader.rows(f"SELECT {rows.ENTRY} FROM entry WHERE seq > ? ORDER BY seq", self.last_entry):
            self._as_read[1].append(row)
            self._book(rows.entry(row), news)
        self._read_replies(news)
        self._read_heads(news)
        self._read_counters(news)
        return news

    @property
    def last_entry(self) -> int:
        return self.entries[-1].seq if self.entries else 0

    def _read_decisions(self, news: News) -> None:
        last = self._order[-1].logged.seq if self._order else 0
        for row in self.reader.rows(f"SELECT {rows.LOGGED} FROM decision WHERE seq > ? ORDER BY seq", last):
            self._as_read[0].append(row)
            account = Account(rows.logged(row))
            self.accounts[account.logged.id] = account
            self._order.append(account)
            news.decisions.append(account)

    def _book(self, entry: Entry, news: News) -> None:
        account = self.accounts[entry.decision]
        if entry.kind == "hold":
            news.told += self._told(account)
        news.booked.append(Booked(account, account.entries[-1] if account.entries else None, entry))
        account.add(entry)
        self.entries.append(entry)
        for scope, subject in entry.subjects.items():
            if subject is not None:
                self._of[scope, subject].append(entry)

    def _told(self, account: Account) -> list[Told]:
        context, known = account.logged.record.context, self.limits(account.logged.limits)
        return [
            Told(account, state, known[state.limit], self.used(known[state.limit].shape, state.subject, context.now))
            for state in context.limits
        ]

    def limits(self, version: int) -> dict[str, Limit]:
        """The limits of a version, by id."""
        if version not in self._limits:
            ((body,),) = self.reader.rows("SELECT body FROM limit_version WHERE version = ?", version)
            self._limits[version] = {limit.id: limit for limit in from_json(json.loads(body))}
        return self._limits[version]

    def used(self, shape: Shape, subject: str, at: datetime) -> Usage:
        """What the entries read so far add up to, for a subject in the window of an instant."""
        if shape.scope is Scope.DECISION:
            return Usage()
        if shape.window.kind is WindowKind.ROLLING:
            return self._rolling(shape, subject, at)[0]
        return self._calendar(shape, subject, window_of(shape.window.kind, local_day(at, self.zone)))

    def _calendar(self, shape: Shape, subject: str, window: str) -> Usage:
        tally = self._tallies.get((shape, subject, window))
        if tally is None:
            tally = self._tallies[shape, subject, window] = _Tally(shape, window, self.zone)
        return tally.total(self._of[shape.scope.value, subject])

    def _rolling(self, shape: Shape, subject: str, at: datetime) -> tuple[Usage, datetime | None]:
        total, oldest = Usage(), None
        start = at - timedelta(days=shape.window.days)
        for entry in self._of[shape.scope.value, subject]:
            if entry.decided_at > start and counts(shape, entry):
                total = total.plus(entry.change)
                oldest = entry.decided_at if oldest is None else min(oldest, entry.decided_at)
        return total, oldest

    def received(self, order: str | None, case: str | None, currency: str, *, but: str = "") -> Received:
        """What an order received, or a case by entries that name no order; without those of one decision."""
        of_case = [entry for entry in self._of["case", case or ""] if entry.subjects["order"] is None]
        found = [
            entry
            for entry in (of_case if order is None else self._of["order", order])
            if entry.currency == currency and entry.decision != but
        ]
        owed: dict[str, tuple[int, int]] = {}
        for entry in found:
            for rule, sums in entry.owed.items():
                before = owed.get(rule, (0, 0))
                owed[rule] = (before[0] + sums[0], before[1] + sums[1])
        refunded = sum(entry.refunded_minor for entry in found)
        return Received(refunded, {rule: sums for rule, sums in sorted(owed.items()) if sums != (0, 0)})

    def place_of(self, path: str, key: str) -> tuple[str, str]:
        """Where the answer to a call is kept, in `replies`."""
        return path, self.pseudonyms.digest("idempotency key", key)

    def _read_replies(self, news: News) -> None:
        found = self.reader.rows(_REPLIES, *self._last_kept) if self._last_kept else self.reader.rows(_ALL_REPLIES)
        for kept_at, *row in found:
            self._last_kept = (kept_at,)
            kept = Kept(*row)
            if (kept.path, kept.key) not in self.replies:
                self.replies[kept.path, kept.key] = kept
                news.replies.append(kept)

    def _read_heads(self, news: News) -> None:
        if news.whole:
            news.heads += map(rows.head, self.reader.rows(_HEADS))
            return
        for decision in {booked.entry.decision for booked in news.booked}:
            news.heads += map(rows.head, self.reader.rows(f"{_HEADS} WHERE decision_id = ?", decision))

    def _read_counters(self, news: News) -> None:
        found = self.reader.rows(_COUNTERS)
        if found == self._counters and not news.booked and not news.whole:
            return
        shapes, before = self.kept_shapes(), set(self._counters)
        touched = {(s, subject) for booked in news.booked for s, subject in booked.entry.subjects.items()}
        for row in found:
            spec = _spec_of(row[0])
            if spec is None:
                if not row[0].startswith("received|") or any(row[1:7]):
                    news.unreadable.append(row[0])
            elif spec.shape in shapes and (
                news.whole or row not in before or (spec.shape.scope.value, spec.subject) in touched
            ):
                kept = rows.counted(row)
                news.positions.append(Position(kept, spec, *self.sum_of(spec, kept.summed_at)))
        self._counters = found

    def kept_shapes(self) -> set[Shape]:
        """What is counted: by the version in force when the last one was published, and by those from then on."""
        ((count,),) = self.reader.rows("SELECT count(*) FROM limit_version")
        if count != self._versions:
            self._versions = count
            found = self.reader.rows("SELECT version, effective_from, made_at FROM limit_version ORDER BY version")
            made_at = found[-1][2]
            start = max((starts for _, starts, _ in found if starts <= made_at), default=found[0][1])
            kept = [version for version, starts, _ in found if starts >= start]
            self._shapes = {limit.shape for version in kept for limit in self.limits(version).values()}
        return self._shapes

    def sum_of(self, spec: CounterSpec, summed_at: datetime | None) -> tuple[Usage, datetime | None]:
        """What a counter must be, and when the oldest entry in it was decided where it is of a rolling window."""
        if spec.shape.window.kind is not WindowKind.ROLLING:
            return self._calendar(spec.shape, spec.subject, spec.window_key), None
        assert summed_at is not None
        return self._rolling(spec.shape, spec.subject, summed_at)

    @property
    def currencies(self) -> set[str]:
        """Those of the entries read so far."""
        return {entry.currency for entry in self.entries}

    def is_as_read(self) -> bool:
        """Whether every row of the log, read again, is what it was when it was read first."""
        decisions = self.reader.rows(f"SELECT {rows.LOGGED} FROM decision ORDER BY seq")
        entries = self.reader.rows(f"SELECT {rows.ENTRY} FROM entry ORDER BY seq")
        return (decisions, entries) == self._as_read

    def close(self) -> None:
        self.reader.close()


@lru_cache(maxsize=4096)
def _spec_of(key: str) -> CounterSpec | None:
    return None if key.startswith("received|") else read_key(key)


class _Tally:
    """A sum over one calendar window that takes in new entries as they come."""

    def __init__(self, shape: Shape, window: str, zone: ZoneInfo) -> None:
        self._shape, self._window, self._zone = shape, window, zone
        self._seen, self._total = 0, Usage()

    def total(self, entries: list[Entry]) -> Usage:
        kind = self._shape.window.kind
        for entry in entries[self._seen :]:
            in_window = window_of(kind, local_day(entry.decided_at, self._zone)) == self._window
            if in_window and counts(self._shape, entry):
                self._total = self._total.plus(entry.change)
        self._seen = len(entries)
        return self._total


def counts(shape: Shape, entry: Entry) -> bool:
    """Whether an entry's currency, remedy and reason are among what a shape adds up."""
    if entry.currency != shape.currency or (shape.remedies and entry.remedy not in shape.remedies):
        return False
    return not shape.reasons or any(
        entry.reason.startswith(p[:-1]) if p.endswith(".*") else entry.reason == p for p in shape.reasons
    )


@lru_cache(maxsize=4096)
def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The day of an instant in the organisation's zone."""
    return at.astimezone(zone).date()


@lru_cache(maxsize=4096)
def window_of(kind: WindowKind, day: date) -> str:
    """The calendar window of a day, as counters name it."""
    match kind:
        case WindowKind.ONCE:
            return "once"
        case WindowKind.DAY:
            return f"day:{day}"
        case WindowKind.WEEK:
            return f"week:{day:%G-W%V}"
        case WindowKind.MONTH:
            return f"month:{day:%Y-%m}"
        case WindowKind.QUARTER:
            return f"quarter:{day.year}-Q{(day.month + 2) // 3}"
    return f"year:{day.year}"
