from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from policyservice.access import agents
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import Role
from policyservice.db import tables
from policyservice.decisions import log
from policyservice.decisions.masking import unmasked
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import ask, request_decision
from policyservice.domain.decision import Outcome, Status
from policyservice.domain.errors import (
    BeyondSafeFloor,
    IdempotencyKeyReused,
    InvalidRequest,
    NoRulebookInForce,
    NotAllowed,
    UnknownAgent,
)
from policyservice.domain.limits import Bound, Grant
from policyservice.domain.vocabulary import AgentKind
from policyservice.limits import grants, versions
from policyservice.runtime import Runtime
from tests.decisions.factories import OPENED, a_key, a_shop, body, decide, pseudonym, render, settings
from tests.fakes import NOON, CountingIds, VirtualClock

PATH = "/v1/decisions"


def decided(shop: Runtime, key, idempotency_key: str = "k", **changes: object) -> log.StoredDecision:
    """Ask, and read what was decided from the log."""
    reply = decide(shop, key, idempotency_key, **changes)
    assert reply.decision_id is not None
    with shop.db.reading() as conn:
        return log.read(conn, reply.decision_id)


def rows_in(shop: Runtime, *names: str) -> list[int]:
    with shop.db.reading() as conn:
        return [conn.execute(select(func.count()).select_from(tables.metadata.tables[n])).scalar_one() for n in names]


def test_what_is_allowed_is_held_logged_and_answered(shop, key):
    stored = decided(shop, key)

    assert stored.decision.outcome is Outcome.ALLOW
    assert (stored.status, stored.standing_minor) == (Status.RESERVED, 700)
    assert stored.expires_at == NOON + timedelta(hours=1)
    assert [(entry.number, entry.kind, entry.amount_minor) for entry in stored.entries] == [(0, "hold", 700)]
    assert stored.request.facts == {"order.days_late": 4}
    assert stored.context.agent is not None
    assert (stored.context.agent.team, stored.context.agent.trust_level) == ("web", "new")
    assert stored.escalation is None


def test_the_answer_is_rendered_from_what_the_log_will_say(shop, key):
    seen = []
    for number, changes in enumerate(({}, {"amount": "20.01"}, {"reason": "courtesy.other"})):
        raw = body(**changes)
        ask(shop, raw, key, Idempotency.of(PATH, f"k{number}", raw), lambda stored: seen.append(stored) or "x")

    with shop.db.reading() as conn:
        assert seen == [replace(log.read(conn, stored.id), seq=None) for stored in seen]
    assert [stored.status for stored in seen] == [Status.RESERVED, Status.ESCALATED, Status.DENIED]


def test_up_to_the_limit_is_allowed_and_one_cent_more_escalates(shop, key):
    assert decided(shop, key, "at", amount="20.00").decision.outcome is Outcome.ALLOW
    above = decided(shop, key, "above", amount="20.01", case="T-2")

    assert above.decision.outcome is Outcome.ESCALATE
    assert above.decision.binding_limit is not None
    assert above.decision.binding_limit.limit == "per-decision"
    assert above.entries == ()


def test_an_escalation_opens_in_the_queue(shop, key):
    escalation = decided(shop, key, amount="20.01").escalation

    assert escalation is not None
    assert (escalation.to, escalation.status) == ("trusted", "open")
    assert (escalation.opened_at, escalation.due_at) == (NOON, NOON + timedelta(minutes=240))


def test_what_was_held_before_lowers_what_is_left(shop, key):
    for number in range(2):
        decided(shop, key, f"k{number}", amount="20.00", customer=f"C-{number}")

    assert decided(shop, key, "third", amount="10.01", customer="C-3").decision.outcome is Outcome.ESCALATE
    assert decided(shop, key, "fourth", amount="10.00", customer="C-4").decision.outcome is Outcome.ALLOW


def test_the_same_key_and_body_give_the_same_answer_again(shop, key):
    first = decide(shop, key, "k")
    shop.clock.advance(days=2)
    again = decide(shop, key, "k")

    assert (first.status, first.replayed) == (201, False)
    assert (again.status, again.body, again.replayed) == (201, first.body, True)
    assert rows_in(shop, "decision", "reservation", "reply") == [1, 1, 1]


def test_an_answer_is_repeated_even_when_the_request_would_be_refused_by_now(shop, key):
    first = decide(shop, key, "k", given_at=NOON.isoformat(), amount="10.00")
    shop.clock.advance(days=32)

    assert decide(shop, key, "k", given_at=NOON.isoformat(), amount="10.00").body == first.body
    with pytest.raises(InvalidRequest):
        decide(shop, key, "new", given_at=NOON.isoformat(), amount="10.00")


def test_the_order_of_fields_makes_no_other_body(lite_shop, key):
    first = decide(lite_shop, key, "k")
    raw = dict(reversed(list(body().items())))

    assert ask(lite_shop, raw, key, Idempotency.of(PATH, "k", raw), render).body == first.body


def test_the_same_key_with_another_body_is_refused(shop, key):
    decide(shop, key, "k")

    with pytest.raises(IdempotencyKeyReused):
        decide(shop, key, "k", amount="7.01")
    with pytest.raises(IdempotencyKeyReused):
        decide(shop, key, "k", amount="not even valid")


def test_callers_and_paths_have_keys_of_their_own(lite_shop, key):
    other = a_key(lite_shop)
    raw = body()
    ids = {
        decide(lite_shop, key, "k").decision_id,
        decide(lite_shop, other, "k").decision_id,
        ask(lite_shop, raw, key, Idempotency.of("/v2/decisions", "k", raw), render).decision_id,
    }

    assert len(ids) == 3


@pytest.mark.parametrize(
    "changes",
    [{"amount": "0"}, {"amount": ...}, {"facts": {"order.days_late": "4"}}, {"trust_level": "lead"}, {"agent": 5}],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_logged_held_or_kept(shop, key, changes):
    with pytest.raises(InvalidRequest):
        decide(shop, key, "k", **changes)

    assert rows_in(shop, "decision", "reservation", "entry", "reply", "escalation") == [0, 0, 0, 0, 0]
    assert decide(shop, key, "k").status == 201


def test_an_agent_nobody_registered_is_refused(shop, key):
    with pytest.raises(UnknownAgent) as caught:
        decide(shop, key, "k", agent="stranger")

    assert [error.field for error in caught.value.errors] == ["agent"]
    assert rows_in(shop, "decision", "reply") == [0, 0]


def test_an_agent_nobody_registered_has_the_trust_level_of_the_setting(sqlite_db):
    shop = a_shop(sqlite_db, unknown_agents="trusted")
    key = a_key(shop)

    assert decided(shop, key, "at", agent="stranger", amount="50.00").decision.outcome is Outcome.ALLOW
    assert decided(shop, key, "above", agent="stranger2", amount="50.01").decision.outcome is Outcome.ESCALATE


def test_a_trust_level_that_the_rules_do_not_know_counts_as_the_lowest(sqlite_db):
    shop = a_shop(sqlite_db, unknown_agents="boss")
    key = a_key(shop)

    assert decided(shop, key, "at", agent="stranger", amount="20.00").decision.outcome is Outcome.ALLOW
    above = decided(shop, key, "above", agent="stranger", amount="20.01")
    assert above.decision.outcome is Outcome.ESCALATE
    assert above.context.agent is not None
    assert above.context.agent.trust_level == "new"


def test_a_bound_key_acts_for_no_others(shop):
    bound = a_key(shop, agents=("teppo",), teams=("phone",))

    for agent in ("maija", "stranger"):
        with pytest.raises(NotAllowed) as caught:
            decide(shop, bound, "k", agent=agent)
        assert [error.field for error in caught.value.errors] == ["agent"]
    assert decide(shop, bound, "k", agent="liisa").status == 201
    assert decide(shop, bound, "k2", agent="teppo").status == 201


def test_nothing_is_decided_while_no_rulebook_is_in_force(sqlite_db):
    empty = Runtime(settings(), VirtualClock(), CountingIds(), sqlite_db)
    key = a_key(empty)

    with pytest.raises(NoRulebookInForce):
        decide(empty, key, "k")


def test_a_grant_of_a_trust_level_raises_what_is_allowed_until_it_ends(shop, key):
    ends = NOON + timedelta(hours=1)
    with shop.db.transaction() as conn:
        agent = pseudonym(shop, "maija", "agent")
        given = Grant("grt_1", NOON, ends, "storm", "liisa", NOON, agent=agent, trust_level="lead")
        grants.add(conn, given, versions.in_force(conn, NOON))

    during = decided(shop, key, "during", amount="100.00")
    shop.clock.instant = ends
    after = decided(shop, key, "after", amount="100.00", customer="C-2")

    assert (during.decision.outcome, after.decision.outcome) == (Outcome.ALLOW, Outcome.ESCALATE)
    assert during.context.agent is not None
    assert during.context.agent.trust_level == "lead"


def test_a_grant_of_a_bound_is_for_its_team(shop, key):
    with shop.db.transaction() as conn:
        in_force = versions.in_force(conn, NOON)
        given = Grant(
            "grt_1",
            NOON,
            NOON + timedelta(1),
            "storm",
            "liisa",
            NOON,
            team="web",
            limit="per-decision",
            bound=Bound(3000),
        )
        grants.add(conn, given, in_force)

    assert decided(shop, key, "at", amount="30.00").decision.outcome is Outcome.ALLOW
    assert decided(shop, key, "above", amount="30.01", customer="C-2").decision.outcome is Outcome.ESCALATE


def test_what_was_given_under_the_safe_floor_is_booked_as_given_even_above_a_limit(shop, key):
    for number in range(5):
        decided(shop, key, f"k{number}", amount="10.00", customer=f"C-{number}")
    given_at = NOON - timedelta(hours=2)
    stored = decided(shop, key, "late", amount="10.00", customer="C-9", given_at=given_at.isoformat())

    assert stored.decision.outcome is Outcome.ALLOW
    assert stored.decision.after_the_fact
    assert (stored.status, stored.standing_minor, stored.expires_at) == (Status.COMMITTED, 1000, None)
    assert stored.context.now == given_at
    assert stored.logged_at == NOON
    assert [(entry.kind, entry.at) for entry in stored.entries] == [("hold", NOON), ("commit", NOON)]
    assert decided(shop, key, "next", amount="0.01", customer="C-8").decision.outcome is Outcome.ESCALATE


def test_what_was_given_counts_in_the_window_it_was_given_in(shop, key):
    for number in range(3):
        decided(
            shop,
            key,
            f"k{number}",
            amount="10.00",
            customer=f"C-{number}",
            given_at=(NOON - timedelta(days=1)).isoformat(),
        )

    today = [decided(shop, key, f"t{number}", amount="10.00", customer=f"D-{number}") for number in range(5)]
    assert {stored.decision.outcome for stored in today} == {Outcome.ALLOW}


def test_more_than_the_safe_floor_needed_a_decision(shop, key):
    for amount, remedy in (("10.01", "credit"), ("1.00", "gift"), (..., "replacement")):
        with pytest.raises(BeyondSafeFloor):
            decide(shop, key, "k", amount=amount, remedy=remedy, given_at=NOON.isoformat())
    with pytest.raises(BeyondSafeFloor):
        decide(shop, key, "k", amount="1.00", currency="SEK", given_at=NOON.isoformat())

    assert rows_in(shop, "decision", "reply") == [0, 0]


def test_nothing_can_be_recorded_for_a_time_before_any_rules(shop, key):
    before = OPENED - timedelta(seconds=1)
    with pytest.raises(InvalidRequest) as caught:
        decide(shop, key, "k", amount="1.00", given_at=before.isoformat())

    assert [error.field for error in caught.value.errors] == ["given_at"]


def test_holds_that_are_due_are_ended_before_a_decision(shop, key):
    ended = []
    shop.hooks.holds_ended = ended.append
    for number in range(2):
        decided(shop, key, f"k{number}", amount="20.00", customer=f"C-{number}")
    shop.clock.advance(hours=1)

    assert decided(shop, key, "next", amount="20.00", customer="C-3").decision.outcome is Outcome.ALLOW
    assert decided(shop, key, "next2", amount="20.00", customer="C-4").decision.outcome is Outcome.ALLOW
    assert ended == [2]


def test_hooks_hear_of_each_decision_once(lite_shop, key):
    heard = []
    lite_shop.hooks.decided = lambda request, decision, seconds: heard.append(
        (request.reason, decision.outcome, seconds)
    )
    decide(lite_shop, key, "k")
    decide(lite_shop, key, "k")

    assert [(reason, outcome) for reason, outcome, _ in heard] == [("delivery.late", Outcome.ALLOW)]
    assert 0 < heard[0][2] < 60


def test_a_hook_that_fails_changes_no_answer(lite_shop, key, caplog):
    def fail(*heard: object) -> None:
        raise RuntimeError("counting failed")

    lite_shop.hooks.decided = lite_shop.hooks.holds_ended = fail
    assert decide(lite_shop, key, "k").status == 201
    lite_shop.clock.advance(days=1)
    assert decide(lite_shop, key, "k2").status == 201
    assert caplog.text.count("counting failed") >= 3


def test_evaluators_that_disagree_escalate_are_logged_and_counted(lite_shop, key, monkeypatch):
    class Blind:
        def match(self, given, day, currency):
            return ()

        def close(self):
            return

    faults = []
    lite_shop.hooks.faulted = lambda decision: faults.append(decision.fault)
    monkeypatch.setattr("policyservice.decisions.rulebooks.DurableMatcher", lambda rulebook: Blind())
    stored = decided(lite_shop, key)

    assert stored.decision.outcome is Outcome.ESCALATE
    assert stored.decision.fault is not None
    assert "only the compiled evaluator fires came-late" in stored.decision.fault
    assert faults == [stored.decision.fault]
    assert stored.escalation is not None


def test_a_validated_request_is_decided_as_it_is(lite_shop, key):
    stored = decided(lite_shop, key)
    with lite_shop.db.reading() as conn:
        asked = unmasked(conn, stored.request)
    again = request_decision(lite_shop, asked, key, Idempotency(PATH, "k2", "f"), render)

    assert again.status == 201
    assert again.decision_id != stored.id


def test_the_register_of_agents_decides_at_the_time_of_asking(lite_shop, key):
    with lite_shop.db.transaction() as conn:
        record = AgentRecord("maija", "Maija", "web", "trusted", AgentKind.HUMAN)
        agents.put(conn, record, trust_levels=["trusted"], now=NOON)

    assert decided(lite_shop, key, amount="50.00").decision.outcome is Outcome.ALLOW


def test_roles_do_not_matter_here_they_are_asked_for_at_the_door(lite_shop):
    assert decide(lite_shop, a_key(lite_shop, Role.MANAGER), "k").status == 201


def test_an_alternative_is_bounded_by_the_limit_of_its_own_remedy(shop, key):
    for number in range(3):
        decided(shop, key, f"k{number}", amount="1.00", order=f"O-{number}")
    above = decided(shop, key, "gift", remedy="gift", amount="5.01")
    other = decided(shop, key, "other", remedy="gift", amount="5.01", customer="C-2")

    assert [alternative.remedy for alternative in above.decision.alternatives] == []
    assert [alternative.remedy for alternative in other.decision.alternatives] == ["credit"]
