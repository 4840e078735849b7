"""Draws on one budget until it refuses; as a process of its own: `python -m tests.races.draw URL WORKER AMOUNT`."""

from __future__ import annotations

import sys

from policyservice.db.session import Database
from policyservice.domain.limits import Scope, WindowKind
from policyservice.ledger import settle
from policyservice.ledger.algebra import meet, specs_of
from policyservice.ledger.sql import SqlLedger
from tests.ledger.factories import HELSINKI, HOUR, NOON, a_footprint, a_held, a_limit, limits_of, log_decision

BOUND = 10_000
LIMITS = limits_of(
    a_limit("team-day", Scope.TEAM, amount=BOUND),
    a_limit("agent-day", amount=10 * BOUND),
    a_limit("agent-week", window=WindowKind.ROLLING, days=7, amount=10 * BOUND),
)


def draw(db: Database, worker: str, amount: int) -> int:
    """Hold `amount` again and again until the team's budget refuses; what was held."""
    total, number = 0, 0
    while True:
        number += 1
        footprint = a_footprint(agent=worker, customer=None, case=f"T-{worker}", order=None)
        with db.transaction() as connection:
            ledger = SqlLedger(connection, HELSINKI)
            met = meet(LIMITS, footprint, None, (), HELSINKI)
            in_use = ledger.lock(footprint, specs_of(met))
            if in_use[met[0].spec.key].goodwill_face + amount > BOUND:
                return total
            held = a_held(amount, decision=f"dec_{worker}_{number}", footprint=footprint)
            log_decision(connection, held)
            settle.hold(ledger, held, now=NOON, expires_at=NOON + HOUR)
        total += amount


def main(url: str, worker: str, amount: str) -> None:
    db = Database(url)
    print(draw(db, worker, int(amount)))
    db.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
