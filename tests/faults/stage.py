"""What a fault is played on: a database with a small pack in force, an agent, keys; and what a caller asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from policyservice.access import keys
from policyservice.access.agents import AgentRecord, put
from policyservice.access.keys import Role
from policyservice.cli.opening import open_database
from policyservice.config import Settings
from policyservice.domain.vocabulary import AgentKind
from policyservice.runtime import Runtime
from tests.cli.support import write_pack

LIMITS = """
limits:
  - id: agent-day
    title: {{en: Agent in a day, fi: Päivässä}}
    scope: agent
    window: day
    amount: {{new: 5.00, lead: 90000.00}}
    guard_rails: {{amount: {{lowest: 1.00, highest: 90000.00}}}}
  - id: budget
    title: {{en: Everybody together, fi: Kaikki yhdessä}}
    scope: organisation
    window: once
    amount: {budget}
    guard_rails: {{amount: {{lowest: 1.00, highest: 90000.00}}}}
"""
AGENTS = tuple(f"agent-{number}" for number in range(8))
WIDE = "80000.00"


class Stage(NamedTuple):
    """A database that decisions can be asked of, and the secrets of two keys that may ask."""

    url: str
    secret: str
    other_secret: str
    other_id: str


def set_up(folder: Path, url: str, *, budget: str = WIDE) -> Stage:
    """The small pack in force on the database, empty or migrated, with one budget for everybody."""
    settings = Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url})
    open_database(settings, (write_pack(folder, limits__opening_yaml=LIMITS.format(budget=budget)),))
    runtime = Runtime.start(settings)
    now = runtime.clock.now()
    with runtime.db.transaction() as conn:
        _, secret = keys.create(conn, runtime.ids, "desk", Role.AGENT_UI, now=now)
        other, other_secret = keys.create(conn, runtime.ids, "other desk", Role.AGENT_UI, now=now)
        for ref in AGENTS:
            put(conn, AgentRecord(ref, ref, "web", "lead", AgentKind.HUMAN), trust_levels=["new", "lead"], now=now)
    runtime.close()
    return Stage(url, secret, other_secret, other.id)


def a_gift(number: int, amount: str = "2.00") -> dict[str, Any]:
    """A request for something small, each in a case of its own."""
    return {
        "agent": AGENTS[number % len(AGENTS)],
        "case": f"T-{number}",
        "channel": "chat",
        "reason": "coffee.cold",
        "remedy": "gift",
        "amount": amount,
        "currency": "EUR",
    }
