"""Adds an event to the outbox in the caller's transaction, and hands out those that are due to be sent.

What happened and that it is told are one: both are committed, or neither. An event is sent at least once, since whoever
sends it may end between sending and writing so; its id is the same each time.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, update

from policyservice.db import due, tables
from policyservice.db.prepared import Prepared
from policyservice.db.types import CanonicalJson, UtcInstant, canonical_json

KEPT_DAYS = 30
"""How long an event waits to be taken, and how long it is kept after it was."""
LEASE_SECONDS = 120
"""How long whoever took an event has to send it; after that another one may."""

_table = tables.outbox_event
_BACK_OFF_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Pauses after each attempt that failed, as the Standard Webhooks specification has them; the last one repeats."""
_ADD = Prepared(
    text(
        "INSERT INTO outbox_event (id, kind, about, body, at, due_at, attempts) "
        "VALUES (:id, :kind, :about, :body, :at, :at, 0) ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("at", type_=UtcInstant()), bindparam("body", type_=CanonicalJson()))
)
_IS_ANY_DUE = Prepared(select(due.is_any(_table.c.due_at)))
_COLUMNS = (_table.c.seq, _table.c.id, _table.c.kind, _table.c.about, _table.c.body, _table.c.at, _table.c.attempts)
_DUE = (
    select(*_COLUMNS)
    .where(_table.c.due_at <= bindparam("now"))
    .order_by(_table.c.due_at, _table.c.seq)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: of a kind such as "promise.overdue", about something by its id, at an instant.

    `body` is what whoever hears of it needs, with pseudonyms and seals as the log has them. `attempts` counts how often
    it was taken to be sent.
    """

    seq: int
    id: str
    kind: str
    about: str
    body: Mapping[str, Any]
    at: datetime
    attempts: int


def add(conn: Connection, *, kind: str, about: str, body: Mapping[str, Any], at: datetime) -> str:
    """Have an event sent once the transaction is committed; its id.

    An event that equals one there is adds nothing: whoever does a thing twice tells of it once. `body` is JSON whose
    references are pseudonyms and whose texts are seals, in fields that `personal.shown` knows.
    """
    event_id = _id(kind, about, body, at)
    _ADD.run(conn, {"id": event_id, "kind": kind, "about": about, "body": body, "at": at})
    return event_id


def is_any_due(conn: Connection, now: datetime) -> bool:
    """Whether any event waits to be sent by now: one look into an index."""
    row = _IS_ANY_DUE.one(conn, {"now": now})
    return bool(row and row[0])


def take(conn: Connection, now: datetime, *, most: int) -> list[Event]:
    """Take events that are due, the longest waiting first, so that nobody else sends them meanwhile.

    Commit before sending. Whoever ends before it says what became of an event has it taken again, by anybody, after
    `LEASE_SECONDS`.
    """
    events = [Event(*row) for row in conn.execute(_DUE, {"now": now, "most": most})]
    if events:
        changed = update(_table).where(_table.c.seq.in_([event.seq for event in events]))
        until = now + timedelta(seconds=LEASE_SECONDS)
        conn.execute(changed.values(due_at=until, attempts=_table.c.attempts + 1))
    return events


def delivered(conn: Connection, events: Sequence[Event], now: datetime) -> None:
    """Write down that events were taken at the other end."""
    if events:
        done = update(_table).where(_table.c.seq.in_([event.seq for event in events]))
        conn.execute(done.values(due_at=None, delivered_at=now, failure=None))


def failed(conn: Connection, event: Event, why: str, now: datetime) -> None:
    """Write down that an event was not taken, and when it is tried again; `why` is a few words of ours."""
    again = now + back_off(event.attempts)
    conn.execute(update(_table).where(_table.c.seq == event.seq).values(due_at=again, failure=why))


def give_back(conn: Connection, events: Sequence[Event], now: datetime) -> None:
    """Have events that were not tried taken again soon; the attempt does not count."""
    if events:
        untried = update(_table).where(_table.c.seq.in_([event.seq for event in events]))
        soon = now + timedelta(seconds=_BACK_OFF_SECONDS[0])
        conn.execute(untried.values(due_at=soon, attempts=_table.c.attempts - 1))


def back_off(attempts: int) -> timedelta:
    """How long to wait after an attempt that failed, when `attempts` did before it."""
    return timedelta(seconds=_BACK_OFF_SECONDS[min(attempts, len(_BACK_OFF_SECONDS) - 1)])


def remove_old(conn: Connection, now: datetime, *, most: int) -> int:
    """Remove up to `most` events that are `KEPT_DAYS` old, sent or not; how many there were."""
    bound = now - timedelta(days=KEPT_DAYS)
    old = select(_table.c.seq).where(_table.c.at <= bound).order_by(_table.c.at).limit(most)
    found = conn.execute(old.with_for_update(skip_locked=True)).scalars().all()
    if found:
        conn.execute(delete(_table).where(_table.c.seq.in_(found)))
    return len(found)


def _id(kind: str, about: str, body: Mapping[str, Any], at: datetime) -> str:
    whole = canonical_json([kind, about, body, at.timestamp()])
    return "evt_" + b32encode(sha256(whole.encode()).digest()[:16]).decode("ascii").lower().rstrip("=")
