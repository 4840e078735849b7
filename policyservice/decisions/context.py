"""The context of one decision: agent, limits with what is left, what was received.

`locked` is for decisions that may hold: nothing it read can change before the transaction ends. `peeked` is
for answers that hold nothing.
"""

from __future__ import annotations

from policyservice.decisions import compensation
from policyservice.decisions.considering import Asked
from policyservice.decisions.services import Services
from policyservice.domain.case import Request
from policyservice.domain.decision import Context
from policyservice.domain.limits import LimitSet, LimitState, ladder
from policyservice.ledger.algebra import specs_of, states
from policyservice.ledger.sql import SqlLedger
from policyservice.rulebook.model import Rulebook


def locked(services: Services, asked: Asked, store: SqlLedger) -> Context:
    """The context of a decision that may hold; its counters stay locked until the transaction ends."""
    footprint, met, own = asked.footprint, asked.met, asked.own
    used = dict(store.lock(footprint, specs_of(own)))
    if len(own) < len(met):  # what an alternative has left is shown, not held: it need not be locked
        used.update(store.peek([spec for spec in specs_of(met) if spec.key not in used], footprint.at))
    return _context(services, asked, states(met, used), store, lock=True)


def peeked(services: Services, asked: Asked, store: SqlLedger) -> Context:
    """The context of an answer that holds nothing: as `locked`, without any lock."""
    used = store.peek(specs_of(asked.met), asked.footprint.at)
    return _context(services, asked, states(asked.met, used), store, lock=False)


def ladder_of(rulebook: Rulebook, limits: LimitSet, request: Request) -> tuple[tuple[str, int | None], ...]:
    """Each trust level, lowest first, with its cap per decision for what is asked."""
    levels = [level.name for level in sorted(rulebook.trust_levels, key=lambda level: level.rank)]
    return ladder(limits, levels, request.remedy, request.reason, request.currency)


def _context(
    services: Services, asked: Asked, limits: tuple[LimitState, ...], store: SqlLedger, *, lock: bool
) -> Context:
    request, rulebook = asked.request, asked.book.rulebook
    incident = compensation.for_request(services.db, store, request, asked.footprint.at, lock=lock)
    return Context(
        now=asked.footprint.at,
        id=services.ids.new("dec"),
        timezone=services.settings.timezone,
        hold_seconds=services.settings.hold_seconds,
        agent=asked.agent,
        limits=(*limits, *incident.budgets),
        limits_version=asked.policy.limits.version,
        ladder=ladder_of(rulebook, asked.policy.limits, request),
        received=store.received(request.order, request.case, request.currency),
        verified=frozenset(rulebook.facts) if asked.vouched else frozenset(asked.verified),
        costs_version=asked.policy.costs,
        sources=asked.verified,
        compensated=incident.given,
    )
