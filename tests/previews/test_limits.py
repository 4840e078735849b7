from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.decision import Outcome
from policyservice.domain.errors import WrongStatus
from policyservice.domain.limits import Grant, LimitSet
from policyservice.limits import grants, versions
from policyservice.limits.change import with_bound
from policyservice.previews.limits import Preview, preview
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym, render
from tests.fakes import NOON

ALLOW, ESCALATE = Outcome.ALLOW, Outcome.ESCALATE


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


def limits(shop: Runtime) -> LimitSet:
    with shop.db.reading() as conn:
        return versions.in_force(conn, NOON)


def previewed(shop: Runtime, draft: LimitSet, since=NOON, until=None) -> Preview:
    with shop.db.reading() as conn:
        return preview(conn, Rulebooks(), draft, since=since, until=until or NOON + timedelta(days=365), zone=shop.zone)


def test_a_higher_limit_turns_escalations_into_allows(shop, key):
    decide(shop, key, "a", amount="20.00", customer="C-1")
    decide(shop, key, "b", amount="25.00", customer="C-2")
    decide(shop, key, "c", amount="25.01", customer="C-3")
    found = previewed(shop, with_bound(limits(shop), "per-decision.new", "25.00"))

    assert found.decisions == 3
    assert found.changes == {(ESCALATE, ALLOW): 1}
    assert found.goodwill_more == {"EUR": 2500}
    (example,) = found.examples
    assert (example.amount_minor, example.limit, example.agent) == (
        2500,
        "per-decision",
        pseudonym(shop, "maija", "agent"),
    )


def test_a_lower_limit_keeps_back_what_was_given(shop, key):
    decide(shop, key, "a", amount="20.00", customer="C-1")
    decide(shop, key, "b", amount="10.00", customer="C-2")
    found = previewed(shop, with_bound(limits(shop), "per-decision.new", "19.99"))

    assert found.changes == {(ALLOW, ESCALATE): 1}
    assert found.goodwill_more == {"EUR": -2000}


def test_what_would_have_been_given_earlier_lowers_what_would_have_been_left_later(shop, key):
    decide(shop, key, "a", amount="30.00", customer="C-1")
    decide(shop, key, "b", amount="20.00", customer="C-2")
    decide(shop, key, "c", amount="20.00", customer="C-3")
    found = previewed(shop, with_bound(limits(shop), "per-decision.new", "30.00"))

    assert found.changes == {(ESCALATE, ALLOW): 1, (ALLOW, ESCALATE): 1}
    assert found.goodwill_more == {"EUR": 1000}
    assert {example.limit for example in found.examples} == {"per-decision", "agent-day"}


def test_what_was_given_before_the_period_counts(shop, key):
    for number in range(2):
        decide(shop, key, f"k{number}", amount="20.00", customer=f"C-{number}")
    shop.clock.advance(minutes=1)
    decide(shop, key, "in", amount="10.00", customer="C-8")
    found = previewed(shop, with_bound(limits(shop), "agent-day.new", "49.99"), since=shop.clock.now())

    assert found.decisions == 1
    assert found.changes == {(ALLOW, ESCALATE): 1}


def test_what_is_asked_at_the_end_of_the_period_is_outside(shop, key):
    decide(shop, key, "a", amount="20.00")
    draft = with_bound(limits(shop), "per-decision.new", "1.00")

    assert previewed(shop, draft, until=NOON).decisions == 0
    assert previewed(shop, draft, until=NOON + timedelta(microseconds=1)).decisions == 1


def test_a_grant_holds_under_the_draft_too(shop, key):
    with shop.db.transaction() as conn:
        agent = pseudonym(shop, "maija", "agent")
        given = Grant("grt_1", NOON, NOON + timedelta(days=1), "storm", "liisa", NOON, agent=agent, trust_level="lead")
        grants.add(conn, given, versions.in_force(conn, NOON))
    decide(shop, key, "a", amount="100.00")

    assert previewed(shop, with_bound(limits(shop), "per-decision.new", "1.00")).changes == {}


def test_at_most_ten_examples_are_kept_the_largest_first(sqlite_db):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    for number in range(12):
        decide(shop, key, f"k{number}", amount=f"21.{number:02}", customer=f"C-{number}")
    draft = with_bound(with_bound(limits(shop), "per-decision.new", "30.00"), "agent-day.new", "1000.00")
    found = previewed(shop, draft)

    assert found.changes == {(ESCALATE, ALLOW): 12}
    assert [example.amount_minor for example in found.examples] == list(range(2111, 2101, -1))


@pytest.mark.parametrize("seed", range(4))
def test_the_limits_in_force_as_a_draft_change_nothing(sqlite_db, seed):
    shop = a_shop(sqlite_db)
    _a_busy_month(shop, a_key(shop), Random(seed))
    found = previewed(shop, limits(shop), since=NOON)

    assert found.decisions > 30
    assert (found.changes, found.goodwill_more, found.examples) == ({}, {}, ())
    half = previewed(shop, limits(shop), since=NOON + timedelta(days=10))
    assert 0 < half.decisions < found.decisions
    assert half.changes == {}


def _a_busy_month(shop: Runtime, key, random: Random) -> None:
    """Decisions and what becomes of them, in random order; ends of holds included."""
    held: list[str] = []
    for number in range(60):
        shop.clock.advance(minutes=random.randint(1, 900))
        settle.end_due_holds(shop)
        if held and random.random() < 0.5:
            _settle(shop, key, held.pop(random.randrange(len(held))), f"s{number}", random)
            continue
        asked = {
            "amount": random.choice(("1.00", "7.00", "20.00", "21.00", "45.00")),
            "agent": random.choice(("maija", "teppo")),
            "customer": f"C-{random.randint(1, 3)}",
            "order": f"O-{random.randint(1, 5)}",
            "remedy": random.choice(("credit", "gift")),
        }
        if random.random() < 0.3:
            asked |= {"reason": "delivery.missing", "remedy": "refund", "facts": {"order.paid": "20.00"}}
        held.append(str(decide(shop, key, f"k{number}", **asked).decision_id))


def _settle(shop: Runtime, key, decision_id: str, name: str, random: Random) -> None:
    idempotency = Idempotency("p", name, "f")
    try:
        match random.randrange(3):
            case 0:
                settle.commit(shop, decision_id, key, idempotency, render)
                settle.reverse(shop, decision_id, key, Idempotency("r", name, "f"), render, reason="back")
            case 1:
                settle.void(shop, decision_id, key, idempotency, render, reason="no")
            case _:
                settle.commit(shop, decision_id, key, idempotency, render, amount="1.00")
    except WrongStatus:
        return
