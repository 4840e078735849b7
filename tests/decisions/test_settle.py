from __future__ import annotations

from datetime import timedelta

import pytest

from policyservice.decisions import log, settle
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.domain.decision import Status
from policyservice.domain.errors import IdempotencyKeyReused, InvalidRequest, MoreThanHeld, NotFound, WrongStatus
from policyservice.personal.shown import texts
from tests.decisions.factories import a_key, decide, pseudonym, render
from tests.fakes import NOON


def held(shop, key, idempotency_key: str = "held", **changes: object) -> str:
    decision_id = decide(shop, key, idempotency_key, **changes).decision_id
    assert decision_id is not None
    return decision_id


def step(shop, key, name: str, decision_id: str, idempotency_key: str = "s", **fields: object) -> Reply:
    """Commit, void or reverse with these fields of its body."""
    idempotency = Idempotency.of(f"/v1/decisions/{decision_id}/{name}", idempotency_key, fields)
    return getattr(settle, name)(shop, decision_id, key, idempotency, render, **fields)


def read(shop, decision_id: str) -> log.StoredDecision:
    with shop.db.reading() as conn:
        return log.read(conn, decision_id)


def test_all_of_a_hold_is_committed(shop, key):
    decision_id = held(shop, key)
    reply = step(shop, key, "commit", decision_id, external_ref="PAY-1")

    assert (reply.status, reply.body) == (200, f"{decision_id} committed 700")
    stored = read(shop, decision_id)
    assert (stored.status, stored.standing_minor, stored.expires_at) == (Status.COMMITTED, 700, None)
    assert [(entry.kind, entry.external_ref) for entry in stored.entries] == [
        ("hold", None),
        ("commit", pseudonym(shop, "PAY-1", "payment")),
    ]


def test_a_commit_for_less_frees_the_rest(shop, key):
    decision_id = held(shop, key)
    step(shop, key, "commit", decision_id, amount="5.00")

    assert read(shop, decision_id).standing_minor == 500


def test_a_void_frees_all_and_says_why(shop, key):
    decision_id = held(shop, key)
    step(shop, key, "void", decision_id, reason="She did not want it.")

    stored = read(shop, decision_id)
    assert (stored.status, stored.standing_minor) == (Status.VOIDED, 0)
    note = stored.entries[-1].note
    with shop.db.reading() as conn:
        assert texts(conn, [note]) == {note: "She did not want it."}


def test_what_was_given_is_reversed_in_part_and_then_all(shop, key):
    decision_id = held(shop, key)
    step(shop, key, "commit", decision_id)
    step(shop, key, "reverse", decision_id, "r1", amount="2.00", reason="came back")
    assert (read(shop, decision_id).status, read(shop, decision_id).standing_minor) == (Status.COMMITTED, 500)

    step(shop, key, "reverse", decision_id, "r2", reason="came back")
    assert (read(shop, decision_id).status, read(shop, decision_id).standing_minor) == (Status.REVERSED, 0)


def test_repeating_a_step_repeats_its_answer(shop, key):
    decision_id = held(shop, key)
    first = step(shop, key, "commit", decision_id)
    step(shop, key, "reverse", decision_id, reason="back")
    again = step(shop, key, "commit", decision_id)

    assert (again.body, again.replayed) == (first.body, True)
    with pytest.raises(IdempotencyKeyReused):
        step(shop, key, "commit", decision_id, amount="1.00")


@pytest.mark.parametrize(
    ("name", "fields"),
    [("commit", {}), ("void", {"reason": "why"}), ("reverse", {"reason": "why"})],
)
def test_a_step_from_the_wrong_status_is_refused(shop, key, name, fields):
    decision_id = held(shop, key)
    step(shop, key, "void", decision_id, reason="no")

    with pytest.raises(WrongStatus):
        step(shop, key, name, decision_id, "again", **fields)
    with pytest.raises(NotFound):
        step(shop, key, name, "dec_nothing", "again", **fields)


def test_more_than_was_held_is_refused(shop, key):
    decision_id = held(shop, key)
    with pytest.raises(MoreThanHeld):
        step(shop, key, "commit", decision_id, amount="7.01")
    assert read(shop, decision_id).status is Status.RESERVED


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", 1, 1.0, True, "NaN"])
def test_an_amount_that_cannot_be_taken_is_refused(lite_shop, key, amount):
    decision_id = held(lite_shop, key)
    with pytest.raises(InvalidRequest, match="amount"):
        step(lite_shop, key, "commit", decision_id, amount=amount)


@pytest.mark.parametrize("reason", [None, "", " ", 5, "x" * 501, "\x00"])
def test_a_reason_is_required_and_written(lite_shop, key, reason):
    decision_id = held(lite_shop, key)
    for name in ("void", "reverse"):
        with pytest.raises(InvalidRequest, match="reason"):
            step(lite_shop, key, name, decision_id, reason=reason)


def test_a_bound_key_settles_the_decisions_of_its_agents_alone(shop, key):
    decision_id = held(shop, key)
    with pytest.raises(NotFound):
        step(shop, a_key(shop, agents=("teppo",)), "commit", decision_id)
    assert step(shop, a_key(shop, teams=("web",)), "commit", decision_id).status == 200


def test_what_was_escalated_cannot_be_settled(shop, key):
    decision_id = held(shop, key, amount="20.01")
    for name, fields in (("commit", {}), ("void", {"reason": "why"}), ("reverse", {"reason": "why"})):
        with pytest.raises(WrongStatus, match="is escalated"):
            step(shop, key, name, decision_id, **fields)


def test_holds_end_on_time_by_release_or_as_given(shop, key):
    released = held(shop, key)
    given = held(shop, key, "gift", remedy="gift", amount="5.00")
    shop.clock.instant = NOON + timedelta(minutes=10) - timedelta(microseconds=1)
    assert settle.end_due_holds(shop) == 0

    shop.clock.instant = NOON + timedelta(minutes=60)
    assert settle.end_due_holds(shop) == 2
    assert settle.end_due_holds(shop) == 0
    assert (read(shop, released).status, read(shop, given).status) == (Status.EXPIRED, Status.COMMITTED)


def test_a_commit_after_the_end_is_booked_and_marked_late(shop, key):
    decision_id = held(shop, key)
    shop.clock.advance(hours=2)
    settle.end_due_holds(shop)
    step(shop, key, "commit", decision_id)

    stored = read(shop, decision_id)
    assert (stored.status, stored.standing_minor) == (Status.COMMITTED, 700)
    assert [entry.late for entry in stored.entries] == [False, False, True]


def test_no_more_holds_are_ended_at_once_than_asked(lite_shop, key):
    for number in range(3):
        held(lite_shop, key, f"k{number}", amount="1.00", customer=f"C-{number}")
    lite_shop.clock.advance(hours=1)

    assert settle.end_due_holds(lite_shop, most=2) == 2
    assert settle.end_due_holds(lite_shop) == 1
