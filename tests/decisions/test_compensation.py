"""Several decisions in one transaction that belong to incidents."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, local

import pytest

from policyservice.access.keys import ApiKey
from policyservice.db.session import Database
from policyservice.decisions import compensation, transactions
from policyservice.decisions.batch import Sent, ask_all
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, body, render
from tests.resolutions.incident import confirmed, linked
from tests.statements import seen

_LONGEST = 2.0
"""Seconds that one batch waits in the middle for the other to come as far."""


@pytest.fixture
def shop(postgres_db: Database) -> Iterator[Runtime]:
    runtime = a_shop(postgres_db)
    yield runtime
    runtime.rulebooks.close()


def batch(shop: Runtime, key: ApiKey, agent: str, incidents: list[str | None]) -> list[str]:
    """The statuses of a credit for each incident, of an agent and customers whose counters nobody else needs."""
    sent = []
    for number, incident in enumerate(incidents):
        own = f"{agent}-{number}"
        raw = body(agent=agent, case=own, customer=own, order=own, amount="5.00", incident=incident)
        sent.append(Sent(raw, Idempotency.of("/v1/decisions", own, raw)))
    answers = ask_all(shop, sent, key, render)
    return [answer.body.split()[1] for answer in answers if isinstance(answer, Reply)]


@pytest.mark.parametrize("how", ["named", "linked"])
def test_batches_that_name_incidents_in_another_order_are_decided_without_a_deadlock(shop, monkeypatch, how):
    key = a_key(shop)
    one, other = confirmed(shop, key), confirmed(shop, key)
    orders: dict[str, list[str | None]] = {"maija": [one, other], "teppo": [other, one]}
    if how == "linked":
        for agent, incidents in orders.items():
            for number, incident in enumerate(incidents):
                linked(shop, key, str(incident), f"{agent}-{number}")
        orders = {agent: [None, None] for agent in orders}
    in_the_middle, seen, tried_again = Barrier(2), local(), []
    for_request, is_transient = compensation.for_request, transactions._is_transient

    def waiting_for_the_other(*given, **named):
        found = for_request(*given, **named)
        if named["lock"] and not hasattr(seen, "any"):
            seen.any = True
            with suppress(BrokenBarrierError):  # it waits for what this one has locked
                in_the_middle.wait(timeout=_LONGEST)
        return found

    def counting(cause):
        tried_again.append(cause)
        return is_transient(cause)

    monkeypatch.setattr(compensation, "for_request", waiting_for_the_other)
    monkeypatch.setattr(transactions, "_is_transient", counting)
    with ThreadPoolExecutor(2) as pool:
        decided = [pool.submit(batch, shop, key, agent, incidents) for agent, incidents in orders.items()]
        statuses = [each.result() for each in decided]

    assert statuses == [["reserved"] * 2] * 2
    assert tried_again == []


def test_incidents_are_locked_beforehand_where_several_decisions_may_need_them_and_not_else(shop):
    key = a_key(shop)
    with seen(shop.db.engine) as statements:
        assert batch(shop, key, "teppo", [None, None]) == ["reserved"] * 2
        assert times_locked(statements) == 0

        incident = confirmed(shop, key)
        statements.clear()
        assert batch(shop, key, "maija", [incident]) == ["reserved"]
        assert times_locked(statements) == 1

        statements.clear()
        assert batch(shop, key, "liisa", [incident, None]) == ["reserved"] * 2
        assert times_locked(statements) == 3  # for both of them beforehand, and of each its own


def times_locked(statements: list[str]) -> int:
    return sum("FROM incident" in each and "FOR UPDATE" in each for each in statements)
