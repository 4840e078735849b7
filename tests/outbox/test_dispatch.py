"""What is due is sent at least once, whatever becomes of the sender, the database or the other end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from policyservice.outbox import events
from policyservice.outbox.dispatch import Sent, send_batch
from policyservice.outbox.webhooks import Failure, Webhook
from tests.fakes import NOON, VirtualClock


class Wire:
    """Keeps what it is handed and answers as it is told."""

    def __init__(self, *answers: Failure | None) -> None:
        self.answers = list(answers)
        self.sent: list[str] = []

    def __call__(self, event_id, kind, at, body, now):
        self.sent.append(body["about"])
        return self.answers.pop(0) if self.answers else None


def fill(db, count):
    with db.transaction() as conn:
        for number in range(count):
            events.add(conn, kind="k", about=str(number), body={"about": str(number)}, at=NOON)


def run(db, wire, clock=None, stopped=lambda: False, most=10):
    return send_batch(db, clock or VirtualClock(), wire, lambda conn, body: body, stopped=stopped, most=most)


def test_what_is_due_is_sent_in_order_and_not_again(any_db):
    fill(any_db, 3)
    wire = Wire()

    assert run(any_db, wire, most=2) == Sent(2, 0, is_full=True)
    assert run(any_db, wire, most=2) == Sent(1, 0, is_full=False)
    assert run(any_db, wire) == Sent()
    assert wire.sent == ["0", "1", "2"]


def test_one_event_that_is_refused_holds_up_no_other(any_db):
    fill(any_db, 3)
    wire, clock = Wire(Failure("answered 400", False)), VirtualClock()

    assert run(any_db, wire, clock) == Sent(2, 1, is_full=False)
    clock.advance(seconds=5)
    assert run(any_db, wire, clock) == Sent(1, 0, is_full=False)
    assert wire.sent == ["0", "1", "2", "0"]


def test_an_address_that_is_away_is_tried_once_and_everything_waits(any_db):
    fill(any_db, 3)
    wire, clock = Wire(Failure("no answer", True)), VirtualClock()

    assert run(any_db, wire, clock) == Sent(0, 1, is_full=False)
    assert run(any_db, wire, clock) == Sent()
    clock.advance(seconds=5)
    assert run(any_db, wire, clock).delivered == 3


def test_a_sender_that_is_told_to_end_leaves_the_rest_for_another(any_db):
    fill(any_db, 3)
    wire, clock = Wire(), VirtualClock()

    assert run(any_db, wire, clock, stopped=lambda: len(wire.sent) == 1).delivered == 1
    clock.advance(seconds=5)
    assert run(any_db, wire, clock).delivered == 2
    assert wire.sent == ["0", "1", "2"]


def test_a_sender_that_dies_between_sending_and_writing_so_has_it_sent_again_under_the_same_id(any_db, receiver):
    fill(any_db, 1)
    webhook, clock = Webhook(receiver.address, b"k" * 32), VirtualClock()

    def dies(*event):
        webhook.send(*event)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(any_db, dies, clock)
    clock.advance(seconds=events.LEASE_SECONDS)
    assert run(any_db, webhook.send, clock).delivered == 1

    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    assert [json.loads(body)["data"] for _, body in receiver.heard] == [{"about": "0"}] * 2


def test_bodies_are_revealed_when_they_are_sent_and_not_before(any_db):
    with any_db.transaction() as conn:
        events.add(conn, kind="k", about="a", body={"about": "sealed"}, at=NOON)
    wire = Wire()

    send_batch(any_db, VirtualClock(), wire, lambda conn, body: {"about": "revealed"}, stopped=lambda: False)

    assert wire.sent == ["revealed"]


def test_nothing_is_written_where_nothing_is_due(any_db):
    with any_db.transaction() as conn:
        events.add(conn, kind="k", about="a", body={}, at=NOON + timedelta(seconds=1))
    any_db.transaction = None  # type: ignore[assignment]

    assert run(any_db, Wire()) == Sent()
