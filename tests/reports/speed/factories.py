"""A shop whose customers come back, and how its cases stand, reckoned from each case alone."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from policyservice.access.keys import ApiKey
from policyservice.cases import outcomes
from policyservice.cases.outcomes import Outcome, OutcomeKind
from policyservice.costs.speed import Tally
from policyservice.db import tables
from policyservice.domain.errors import PolicyServiceError
from policyservice.reports.asked import Wanted
from policyservice.reports.speed.cases import CaseKey
from policyservice.reports.speed.summing import Tallies, tallies
from policyservice.resolutions.outcomes import Report, record
from tests.reports.factories import ALWAYS, FINEST, Shop, live


def hear(shop: Shop, **fields: object) -> None:
    """Somebody comes back, unless something else is told."""
    told = {"kind": "repeat_contact", "at": shop.runtime.clock.now().isoformat(), **fields}
    record(shop.runtime, [Report(told, "tool")])


def sped(shop: Shop, wanted: Wanted | None = None, seen_by: ApiKey | None = None) -> Tallies:
    """The cases by what they are of."""
    with shop.runtime.db.reading() as conn:
        found = tallies(conn, shop.runtime, wanted or Wanted(ALWAYS, FINEST), seen_by)
    real = {cell: {reason: one for reason, one in by.items() if one.cases} for cell, by in found.items()}
    return {cell: by for cell, by in real.items() if by}


def live_and_hear(shop: Shop, steps: int, seed: int) -> None:
    """As `live`; besides, cases have several decisions, customers several cases, and some of them come back."""
    chance = random.Random(seed)
    for step in range(steps):
        live(shop, 4, seed * 1_000 + step)
        case, customer = (f"T-{kind}-{chance.randrange(6)}" for kind in "ab")
        case = chance.choice((case, f"T-{seed}-{step}"))
        with suppress(PolicyServiceError, KeyError):
            decision = shop.ask(case=case, customer=customer, amount=f"{chance.choice((3, 7, 22, 90))}.00")
            shop.runtime.clock.advance(seconds=chance.choice((0, 30, 60, 61, 4_000)))  # type: ignore[attr-defined]
            if chance.random() < 0.6:
                shop.commit(decision)
            named = chance.choice(({"case": case}, {"decision": decision}, {"customer": customer}, {"case": "T-later"}))
            reference = {"ref": f"s-{chance.randrange(8)}"} if chance.random() < 0.5 else {}
            at = shop.runtime.clock.now() - timedelta(days=chance.choice((0, 0, 1, 40)))
            kind = chance.choice(({}, {}, {"kind": "satisfaction", "score": 50}))
            if chance.random() < 0.5:
                hear(shop, at=at.isoformat(), **kind, **named, **reference)


def by_hand(shop: Shop) -> Counter[CaseKey]:
    """How every case stands, one at a time."""
    with shop.runtime.db.reading() as conn:
        decisions = conn.execute(select(tables.decision).order_by(tables.decision.c.at, tables.decision.c.seq)).all()
        commits = conn.execute(select(tables.entry).where(tables.entry.c.kind == "commit")).all()
        heard = [one for one in outcomes.where(conn, tables.outcome.c.seq > 0) if one.stands]
    found: Counter[CaseKey] = Counter()
    for case in {row.case_ref for row in decisions}:
        own = [row for row in decisions if row.case_ref == case]
        first, ids = own[0], {row.id for row in own}
        given = sorted(row.at for row in commits if row.decision_id in ids)
        days = timedelta(days=shop.runtime.settings.outcome_days)
        again = [
            one
            for one in heard
            if one.kind is OutcomeKind.REPEAT_CONTACT
            and timedelta(0) <= one.at - first.at <= days
            and _is_of(one, case, ids, first.customer)
        ]
        seconds = (given[0] - first.at).total_seconds() if given else 0
        settled = bool(given) and all(row.outcome != "escalate" for row in own) and not again
        day = first.at.astimezone(shop.runtime.zone).date()
        named = (first.reason, first.channel, first.team or "", first.trust_level or "", first.currency)
        found[CaseKey(day, *named, -int(-seconds // 60) if given else -1, settled)] += 1
    return found


def _is_of(one: Outcome, case: str, ids: set[str], customer: str | None) -> bool:
    if one.case is not None:
        return one.case == case
    return one.decision_id in ids if one.decision_id is not None else one.customer == customer


def as_tallies(shop: Shop, cases: Counter[CaseKey], wanted: Wanted, *, known_before: object = None) -> Tallies:
    """The same as a report has them; the cases of days before `known_before` (None: none) are known."""
    found: Tallies = {}
    for key, number in cases.items():
        if not wanted.is_about(key):
            continue
        tally = found.setdefault(wanted.cell(key, key.day.isoformat()), {}).setdefault(key.reason, Tally())
        is_known = known_before is not None and key.day < known_before  # type: ignore[operator]
        tally.count(number, None if key.minutes < 0 else key.minutes, key.settled if is_known else None)
    return found
