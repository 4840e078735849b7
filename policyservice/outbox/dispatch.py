"""Sends what is due, a small batch at a time; any number of processes may do so at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from policyservice.db.session import Database
from policyservice.domain.ports import Clock
from policyservice.outbox import events
from policyservice.outbox.events import Event
from policyservice.outbox.webhooks import Failure

BATCH = 10

Send = Callable[[str, str, datetime, Any, datetime], Failure | None]
"""Sends an event by id, kind, instant and body, at an instant; None where it was taken."""
Reveal = Callable[[Connection, Any], Any]
"""Puts what is kept of references and texts back into a body."""


class Sent(NamedTuple):
    """What one batch came to; `is_full` where more may be waiting."""

    delivered: int = 0
    failed: int = 0
    is_full: bool = False


def send_batch(
    db: Database, clock: Clock, send: Send, reveal: Reveal, *, stopped: Callable[[], bool], most: int = BATCH
) -> Sent:
    """Send up to `most` events that are due.

    No transaction is open while one is sent. Where the other end is away the rest of the batch is not tried, and waits.
    `stopped` is asked before each one, so that whoever is told to end does not send the whole batch first.

    Raises:
        LogUnavailable: the database does not answer; what was sent meanwhile is sent again.
    """
    now = clock.now()
    with db.looking() as conn:
        if not events.is_any_due(conn, now):
            return Sent()
    with db.transaction() as conn:
        taken = events.take(conn, now, most=most)
    with db.reading() as conn:
        bodies = [reveal(conn, event.body) for event in taken]
    delivered, failures, untried = _send(clock, send, taken, bodies, stopped)
    with db.transaction() as conn:
        now = clock.now()
        events.delivered(conn, delivered, now)
        for event, failure in failures:
            events.failed(conn, event, failure.why, now)
        events.give_back(conn, untried, now)
    is_full = len(taken) == most and not untried
    return Sent(len(delivered), len(failures), is_full)


def _send(
    clock: Clock, send: Send, taken: Sequence[Event], bodies: Sequence[Any], stopped: Callable[[], bool]
) -> tuple[list[Event], list[tuple[Event, Failure]], Sequence[Event]]:
    """Those that were taken at the other end, those that were not, and those that were not tried."""
    delivered: list[Event] = []
    failures: list[tuple[Event, Failure]] = []
    for place, (event, body) in enumerate(zip(taken, bodies, strict=True)):
        if stopped():
            return delivered, failures, taken[place:]
        failure = send(event.id, event.kind, event.at, body, clock.now())
        if failure is None:
            delivered.append(event)
            continue
        failures.append((event, failure))
        if failure.is_away:
            return delivered, failures, taken[place + 1 :]
    return delivered, failures, ()
