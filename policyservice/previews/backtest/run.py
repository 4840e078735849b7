"""Runs a history through a rulebook: the same decide and the same ledger algebra as in service, the clock that of the
history, the ledger in memory.

What is allowed is held and committed at once, at the instant of the request: a history says nothing of remedies that
were agreed and then not given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from policyservice.costs.compare import CostModel
from policyservice.domain.decision import Context, Decision, Outcome
from policyservice.domain.limits import LimitSet
from policyservice.domain.limits import ladder as ladder_of
from policyservice.domain.vocabulary import RemedyKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.ledger.algebra import held_by
from policyservice.ledger.meeting import meter_of, specs_of, states
from policyservice.ledger.memory import MemoryLedger
from policyservice.ledger.values import Footprint
from policyservice.previews.backtest.history import Asked
from policyservice.rulebook.model import Rulebook

HOLD_SECONDS = 86_400
"""Of no consequence: what is allowed is committed at once."""


class Decided(NamedTuple):
    """One request of the history and what would have been answered."""

    asked: Asked
    decision: Decision


@dataclass(frozen=True, slots=True)
class Under:
    """What a history is run under: rules, limits, the organisation's zone, and whether its facts are verified ones."""

    rulebook: Rulebook
    limits: LimitSet
    zone: ZoneInfo
    facts_verified: bool = False


def run(
    history: Iterable[Asked], under: Under, advance: Callable[[int], None] = lambda requests: None
) -> Iterator[Decided]:
    """Each request of a history with its decision; `history` is in time order, and so is what comes back."""
    rulebook, zone = under.rulebook, under.zone
    book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
    ledger, meter = MemoryLedger(zone, [under.limits]), meter_of(under.limits, zone)
    verified = frozenset(rulebook.facts) if under.facts_verified else frozenset()
    refunds = frozenset(name for name, remedy in rulebook.remedies.items() if remedy.kind is RemedyKind.REFUND)
    ladders = _Ladders(rulebook, under.limits)
    timezone = zone.key
    for number, asked in enumerate(history, start=1):
        at, agent, request = asked
        footprint = Footprint(
            at,
            request.reason,
            request.remedy,
            request.currency,
            agent.ref,
            agent.team,
            request.customer,
            request.case,
            request.order,
            request.incident,
        )
        met = meter.meet(footprint, agent.trust_level)
        context = Context(
            now=at,
            id=f"backtest_{number}",
            timezone=timezone,
            hold_seconds=HOLD_SECONDS,
            agent=agent,
            limits=states(met, ledger.peek(specs_of(met), at)),
            limits_version=under.limits.version,
            ladder=ladders.of(request.remedy, request.reason, request.currency),
            received=ledger.received(request.order, request.case, request.currency),
            verified=verified,
        )
        decision = decide(book, request, context, in_full=False)
        if decision.outcome is Outcome.ALLOW:
            ledger.book(held_by(decision, footprint, is_refund=request.remedy in refunds))
        yield Decided(asked, decision)
        advance(1)


class _Ladders:
    """Each trust level with its cap per decision, by what is asked; worked out once."""

    def __init__(self, rulebook: Rulebook, limits: LimitSet) -> None:
        self._levels = [level.name for level in sorted(rulebook.trust_levels, key=lambda level: level.rank)]
        self._limits = limits
        self._known: dict[tuple[str, str, str], tuple[tuple[str, int | None], ...]] = {}

    def of(self, remedy: str, reason: str, currency: str) -> tuple[tuple[str, int | None], ...]:
        found = self._known.get((remedy, reason, currency))
        if found is None:
            found = ladder_of(self._limits, self._levels, remedy, reason, currency)
            self._known[remedy, reason, currency] = found
        return found
