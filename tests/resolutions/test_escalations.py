from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from policyservice.cases import escalations
from policyservice.db import tables
from policyservice.decisions import log
from policyservice.decisions.masking import unmasked
from policyservice.decisions.replay import replay
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.decision import Outcome, Status
from policyservice.domain.errors import (
    BeyondAuthority,
    EscalationResolved,
    IdempotencyKeyReused,
    InvalidRequest,
    NotAllowed,
    NotFound,
    UnknownAgent,
)
from policyservice.personal.shown import references, texts
from policyservice.resolutions.escalations import Resolution, Resolved, resolve
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym
from tests.fakes import NOON
from tests.resolutions.desk import announced


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


def escalated(shop, key, **changes: object) -> str:
    """The id of an escalation of Maija's, of a credit of EUR 40 where she may give 20."""
    wanted: dict[str, object] = {"amount": "40.00", **changes}
    decision_id = str(decide(shop, key, f"ask {wanted}", **wanted).decision_id)
    with shop.db.reading() as conn:
        return escalations.of_decisions(conn, [decision_id])[decision_id].id


def resolving(shop, key, escalation_id: str, idempotency_key: str = "r", **fields: object) -> Reply:
    body = {"result": "granted", "agent": "liisa", **fields}
    idempotency = Idempotency.of(f"/v1/escalations/{escalation_id}/resolve", idempotency_key, body)
    return resolve(shop, escalation_id, Resolution(**body), key, idempotency, render)


def render(resolved: Resolved) -> str:
    decision = resolved.decision.decision.outcome.value if resolved.decision else "no decision"
    return f"{resolved.escalation.result} {decision}"


def read(shop, escalation_id: str) -> escalations.Escalation:
    with shop.db.reading() as conn:
        return escalations.get(conn, escalation_id)


def shown(shop, agent: str | None) -> str:
    with shop.db.reading() as conn:
        return references(conn, [str(agent)])[str(agent)]


def decisions(shop) -> int:
    with shop.db.reading() as conn:
        return conn.execute(select(func.count()).select_from(tables.decision)).scalar_one()


def test_a_lead_grants_within_her_own_limits(shop, key):
    escalation_id = escalated(shop, key)
    reply = resolving(shop, key, escalation_id, note="fair enough")

    assert (reply.status, reply.body) == (200, "granted allow")
    resolved = read(shop, escalation_id)
    assert (resolved.status, resolved.resolved_by, resolved.resolved_at) == (
        "resolved",
        pseudonym(shop, "liisa", "agent"),
        NOON,
    )
    with shop.db.reading() as conn:
        granted = log.read(conn, str(resolved.result_decision_id))
        said = unmasked(conn, granted.request).justification
    assert (granted.request.agent, granted.request.case, granted.status) == (
        pseudonym(shop, "liisa", "agent"),
        pseudonym(shop, "T-1", "case"),
        Status.RESERVED,
    )
    assert granted.decision.amount_minor == 4000
    assert said == "fair enough"


def test_less_may_be_granted_than_was_asked(shop, key):
    escalation_id = escalated(shop, key)
    resolving(shop, key, escalation_id, amount="25.00")

    with shop.db.reading() as conn:
        granted = log.read(conn, str(read(shop, escalation_id).result_decision_id))
    assert granted.standing_minor == 2500


def test_nobody_grants_what_they_asked_for(shop, key):
    escalation_id = escalated(shop, key)
    with pytest.raises(NotAllowed) as caught:
        resolving(shop, key, escalation_id, agent="maija", amount="1.00")

    assert [error.field for error in caught.value.errors] == ["agent"]
    assert read(shop, escalation_id).status == "open"


def test_what_the_resolver_may_not_give_either_stays_open_and_nothing_is_logged(shop, key):
    escalation_id = escalated(shop, key, amount="60.00")
    with pytest.raises(BeyondAuthority, match="lead may decide"):
        resolving(shop, key, escalation_id, agent="teppo")

    assert read(shop, escalation_id).status == "open"
    assert decisions(shop) == 1
    assert resolving(shop, key, escalation_id).body == "granted allow"


def test_a_case_is_refused_with_a_note(shop, key):
    escalation_id = escalated(shop, key)
    reply = resolving(shop, key, escalation_id, result="refused", note="Arrived on time.")

    assert reply.body == "refused no decision"
    resolved = read(shop, escalation_id)
    assert (resolved.result, resolved.result_decision_id) == ("refused", None)
    with shop.db.reading() as conn:
        assert texts(conn, [resolved.note]) == {resolved.note: "Arrived on time."}
    assert decisions(shop) == 1


def test_what_is_resolved_is_not_resolved_again(shop, key):
    escalation_id = escalated(shop, key)
    resolving(shop, key, escalation_id)

    with pytest.raises(EscalationResolved, match="was resolved by liisa at 2026-06-01"):
        resolving(shop, key, escalation_id, "another", agent="teppo", amount="1.00")
    assert decisions(shop) == 2


def test_repeating_a_resolution_repeats_its_answer(shop, key):
    escalation_id = escalated(shop, key)
    first = resolving(shop, key, escalation_id)
    again = resolving(shop, key, escalation_id)

    assert (again.body, again.replayed, decisions(shop)) == (first.body, True, 2)
    with pytest.raises(IdempotencyKeyReused):
        resolving(shop, key, escalation_id, amount="1.00")


def test_a_fact_that_was_found_out_since_comes_with_the_grant(shop, key):
    asked = {"reason": "delivery.missing", "remedy": "refund", "amount": "7.00", "facts": {}}
    escalation_id = escalated(shop, key, **asked)
    with pytest.raises(BeyondAuthority):
        resolving(shop, key, escalation_id)

    assert resolving(shop, key, escalation_id, facts={"order.paid": "7.00"}).body == "granted allow"


def test_whoever_resolves_vouches_for_the_facts(shop, key):
    asked = {
        "reason": "delivery.missing",
        "remedy": "refund",
        "amount": "250.00",
        "facts": {"order.paid": "250.00"},
    }
    escalation_id = escalated(shop, key, **asked)

    assert resolving(shop, key, escalation_id).body == "granted allow"
    with shop.db.reading() as conn:
        granted = log.read(conn, str(read(shop, escalation_id).result_decision_id))
        assert granted.decision.outcome is Outcome.ALLOW
        assert [again.differences for again in replay(conn, Rulebooks())] == [(), ()]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"result": "maybe"}, ["result"]),
        ({"result": None, "agent": 5}, ["agent", "result"]),
        ({"result": "refused"}, ["note"]),
        ({"result": "refused", "note": "no", "amount": "1.00", "facts": {}}, ["amount", "facts"]),
        ({"note": "x" * 501}, ["note"]),
        ({"amount": "0"}, ["amount"]),
        ({"amount": 5}, ["amount"]),
        ({"facts": {"order.colour": "red"}}, ["facts.order.colour"]),
    ],
)
def test_a_resolution_that_cannot_be_taken_is_refused_by_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    escalation_id = escalated(shop, key)
    with pytest.raises(InvalidRequest) as caught:
        resolving(shop, key, escalation_id, **fields)

    assert sorted(error.field for error in caught.value.errors) == named
    assert read(shop, escalation_id).status == "open"


def test_a_remedy_without_a_sum_is_granted_without_one(sqlite_db):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    escalation_id = escalated(shop, key, remedy="replacement", amount=...)
    with pytest.raises(InvalidRequest, match="amount"):
        resolving(shop, key, escalation_id, amount="1.00")


def test_a_resolver_is_registered_and_within_the_keys_binding(shop, key):
    escalation_id = escalated(shop, key)
    with pytest.raises(UnknownAgent):
        resolving(shop, key, escalation_id, agent="stranger")
    with pytest.raises(NotAllowed):
        resolving(shop, a_key(shop, agents=("maija",)), escalation_id)
    with pytest.raises(NotFound):  # asked for by somebody outside the key's binding: there is nothing to see
        resolving(shop, a_key(shop, agents=("teppo",)), escalation_id)
    with pytest.raises(NotFound):
        resolving(shop, key, "esc_nothing")


def test_of_two_who_resolve_at_once_one_does(shop, key):
    escalation_id = escalated(shop, key)
    together = Barrier(4)
    told: list[str] = []

    def attempt(number: int) -> str:
        together.wait(timeout=30)
        try:
            agent = "liisa" if number % 2 else "teppo"
            return resolving(shop, key, escalation_id, f"k{number}", agent=agent, note="yes").body
        except EscalationResolved as late:
            told.append(late.message)
            return "too late"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(attempt, range(4)))

    assert sorted(answers) == ["granted allow", "too late", "too late", "too late"]
    who = shown(shop, read(shop, escalation_id).resolved_by)
    assert [f"was resolved by {who} at 2026-06-01 09:00 UTC" in each for each in told] == [True] * 3
    assert decisions(shop) == 2


def test_a_grant_of_less_is_partial_and_one_of_another_remedy_says_so(shop, key):
    partly = escalated(shop, key)
    assert resolving(shop, key, partly, amount="39.99").body == "partial allow"
    other = escalated(shop, key, case="T-2", order="O-2")
    assert resolving(shop, key, other, result="other", remedy="gift", amount="5.00").body == "other allow"
    with shop.db.reading() as conn:
        granted = log.read(conn, str(read(shop, other).result_decision_id))
        assert (granted.request.remedy, granted.decision.amount_minor) == ("gift", 500)
        assert escalations.resulted_in(conn, granted.id) == other
        assert escalations.resulted_in(conn, read(shop, other).decision_id) is None


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"result": "other"}, ["remedy"]),
        ({"result": "other", "remedy": "gift"}, ["amount"]),
        ({"result": "other", "remedy": "credit", "amount": "1.00"}, ["remedy"]),
        ({"result": "other", "remedy": "applause", "amount": "1.00"}, ["remedy"]),
        ({"result": "granted", "remedy": "gift", "amount": "1.00"}, ["remedy"]),
        ({"result": "refused", "remedy": "gift", "note": "n"}, ["remedy"]),
        ({"result": "partial"}, ["result"]),
        ({"result": "withdrawn"}, ["result"]),
        ({"minutes": 10_081, "contacts": -1}, ["contacts", "minutes"]),
    ],
)
def test_another_remedy_that_cannot_be_taken_is_refused_by_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    escalation_id = escalated(shop, key)
    with pytest.raises(InvalidRequest) as caught:
        resolving(shop, key, escalation_id, **fields)
    assert sorted(error.field for error in caught.value.errors) == named


def test_the_result_is_announced_with_what_was_asked(shop, key):
    escalation_id = escalated(shop, key)
    resolving(shop, key, escalation_id)
    ((kind, about, told),) = announced(shop)
    assert (kind, about, told["result"]) == ("escalation.resolved", escalation_id, "granted")
    assert told["case"] == pseudonym(shop, "T-1", "case")
