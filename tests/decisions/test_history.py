"""Past decisions as whoever serves the customer next reads them: the same as the log says, in short."""

from __future__ import annotations

import pytest

from policyservice.cases.verified import VerifiedFacts
from policyservice.decisions import history, log, settle, verifying
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.whose import Whose
from policyservice.domain.decision import Status
from policyservice.domain.errors import FieldProblem
from policyservice.domain.pseudonyms import PersonalKind
from tests.decisions.factories import a_key, decide, pseudonym, render
from tests.fakes import NOON


@pytest.fixture
def ids(shop, key) -> list[str]:
    """Of one customer: given, held, escalated, denied, given up, without a sum, contradicted by a system."""
    wanted: list[dict[str, object]] = [
        {"incident": "I-1"},
        {},
        {"amount": "90.00", "case": "T-2", "order": "O-2"},
        {"reason": "courtesy.other"},
        {"amount": "1.00", "order": ...},
        {"reason": "delivery.missing", "remedy": "replacement", "amount": ..., "agent": "liisa"},
        {"order": "O-9", "facts": {"order.days_late": 2}},
    ]
    with shop.db.transaction() as conn:
        said = VerifiedFacts("ERP", NOON, None, {"order.days_late": 9})
        verifying.put(shop, conn, PersonalKind.ORDER, "O-9", said)
    made = []
    for number, changes in enumerate(wanted):
        shop.clock.advance(minutes=1)
        made.append(str(decide(shop, key, f"d{number}", **changes).decision_id))
    settle.commit(shop, made[0], key, Idempotency("p", "k", "f"), render)
    settle.void(shop, made[4], key, Idempotency("p", "v", "f"), render, reason="no")
    return made


def of(shop, limit=50, **whose):
    with shop.db.reading() as conn:
        return history.latest(conn, Whose(**whose), limit=limit)


def test_a_past_decision_says_what_the_log_does(shop, ids):
    past = of(shop, customer=pseudonym(shop, "C-1"))
    assert [one.id for one in past] == ids[::-1]

    for one in past:
        with shop.db.reading() as conn:
            stored = log.read(conn, one.id)
        asked, decision, escalation = stored.request, stored.decision, stored.escalation
        assert (one.seq, one.id, one.at, one.logged_at) == (
            stored.seq,
            stored.id,
            stored.context.now,
            stored.logged_at,
        )
        assert (one.agent, one.channel, one.case, one.customer, one.order, one.incident, one.reason) == (
            asked.agent,
            asked.channel,
            asked.case,
            asked.customer,
            asked.order,
            asked.incident,
            asked.reason,
        )
        assert (one.remedy, one.amount_minor, one.currency, one.outcome, one.basis, one.given_before, one.say) == (
            decision.remedy,
            decision.amount_minor,
            decision.currency,
            decision.outcome,
            decision.basis,
            decision.after_the_fact,
            decision.say,
        )
        assert (one.policy, one.status, one.facts, one.sources) == (
            stored.policy,
            stored.status,
            asked.facts,
            stored.context.sources,
        )
        assert one.standing_minor == (stored.standing_minor if stored.entries else None)
        assert (one.escalation is None) == (escalation is None)
        if one.escalation is not None and escalation is not None:
            assert (one.escalation.id, one.escalation.to, one.escalation.due_at, one.escalation.status) == (
                escalation.id,
                escalation.to,
                escalation.due_at,
                escalation.status,
            )
    assert {one.status for one in past} == set(Status) - {Status.EXPIRED, Status.REVERSED}
    assert any(one.sources for one in past)
    assert any(one.say for one in past)


@pytest.mark.parametrize("size", [1, 2, 6, 7, 8])
def test_pages_give_each_decision_once(shop, ids, size):
    seen, cursor, whose = [], None, Whose(customer=pseudonym(shop, "C-1"))
    with shop.db.reading() as conn:
        while True:
            page = history.page(conn, whose, cursor=cursor, limit=size)
            seen += [one.id for one in page.items]
            cursor = page.next
            if cursor is None:
                break
            assert len(page.items) == size

    assert seen == ids[::-1]


def test_nothing_is_known_of_anyone_else_and_no_cursor_is_made_up(shop, ids):
    assert of(shop, customer="nobody") == []
    assert of(shop, case="T-9") == []
    with shop.db.reading() as conn, pytest.raises(FieldProblem, match="cursor"):
        history.page(conn, Whose(customer="nobody"), cursor="x", limit=1)


def test_a_key_sees_what_its_own_agents_or_teams_have_dealt_with_and_a_key_of_nobody_nothing(shop, ids):
    """Keys bound alike share a statement, and not what they see."""
    whose = {"customer": pseudonym(shop, "C-1")}
    liisa, nobody, none = (a_key(shop, agents=(name,)) for name in ("liisa", "stranger", "nobody"))
    phone, web = a_key(shop, teams=("phone",)), a_key(shop, teams=("web", "other"))
    empty, both = a_key(shop, agents=()), a_key(shop, agents=("stranger",), teams=("phone",))

    assert [len(of(shop, seen_by=key, **whose)) for key in (liisa, nobody, phone, web, both)] == [7, 0, 7, 7, 7]
    assert [len(of(shop, seen_by=key, **whose)) for key in (none, empty, None)] == [0, 0, 7]
    assert [one.id for one in of(shop, case=pseudonym(shop, "T-2", "case"), seen_by=web)] == [ids[2]]


def test_a_statement_made_for_a_key_is_not_run_for_another_without_binding_it(shop, ids):
    """So that whoever forgets to bind a key does not see what the first key saw."""
    liisa = Whose(customer=pseudonym(shop, "C-1"), seen_by=a_key(shop, agents=("liisa",)))
    unbound = {"ref": liisa.values["ref"], "most": 50}
    with shop.db.reading() as conn:
        assert history.latest(conn, liisa, limit=50)
        with pytest.raises(KeyError, match="seen_by"):
            history._latest(liisa.shape, False).rows(conn, unbound)
