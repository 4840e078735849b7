"""Decisions in a database of the tests, made as the service makes them."""

from __future__ import annotations

from policyservice.access import keys
from policyservice.access.agents import AgentRecord, put
from policyservice.access.keys import Role
from policyservice.config import Settings
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import ask
from policyservice.domain.vocabulary import AgentKind
from policyservice.runtime import Runtime


def give_gifts(url: str, *amounts: str, agent: str = "maija", customer: str | None = None) -> list[str]:
    """Ask for gifts as a new agent, one after the other; the ids of the decisions."""
    runtime = Runtime.start(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}))
    now = runtime.clock.now()
    with runtime.db.transaction() as conn:
        key, _ = keys.create(conn, runtime.ids, "tests", Role.AGENT_UI, now=now)
        put(conn, AgentRecord(agent, agent, "web", "new", AgentKind.HUMAN), trust_levels=["new"], now=now)
    ids = []
    for number, amount in enumerate(amounts):
        body = {
            "agent": agent,
            "case": f"T-{number}",
            "customer": customer,
            "channel": "chat",
            "reason": "coffee.cold",
            "remedy": "gift",
            "amount": amount,
            "currency": "EUR",
        }
        reply = ask(runtime, body, key, Idempotency.of("/v1/decisions", f"{number}", body), lambda stored: stored.id)
        ids.append(reply.body)
    runtime.close()
    return ids
