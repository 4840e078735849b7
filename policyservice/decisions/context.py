"""The context of one decision: agent, grants, limits with what is left, what was received; read from the
database.

`locked` is for decisions that may hold: nothing it read can change before the transaction ends. `peeked` is
for answers that hold nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.decisions import acting
from policyservice.decisions.policy import Policy
from policyservice.decisions.services import Services
from policyservice.domain.case import Request
from policyservice.domain.decision import AgentView, Context
from policyservice.domain.limits import Grant, LimitSet, LimitState, ladder
from policyservice.engine.compiled import CompiledRulebook
from policyservice.ledger.algebra import meet, specs_of, states
from policyservice.ledger.store import LedgerStore
from policyservice.ledger.values import Footprint
from policyservice.limits import grants as trust_grants
from policyservice.rulebook.model import Rulebook


@dataclass(frozen=True, slots=True)
class Asked:
    """A masked request with what it is decided under; `at` is the instant it is decided for, `agent` the agent's
    plain reference, as the register of agents has it, `vouched` as in `Wanted`.
    """

    request: Request
    policy: Policy
    book: CompiledRulebook
    actor: ApiKey
    at: datetime
    agent: str | None
    vouched: bool = False


def locked(conn: Connection, services: Services, asked: Asked, store: LedgerStore) -> Context:
    """The context of a decision that may hold; its counters stay locked until the transaction ends.

    Raises:
        NotAllowed, UnknownAgent: see `acting.registered`.
    """
    agent, grants = _acting(conn, services, asked)
    footprint = footprint_of(asked.request, agent, asked.at)
    met = meet(asked.policy.limits, footprint, agent.trust_level, grants, services.zone)
    own = [each for each in met if each.limit.covers(footprint.remedy, footprint.reason)]
    others = [each for each in met if each not in own]
    used = dict(store.lock(footprint, specs_of(own)))
    if others:  # what an alternative has left is shown, not held: it need not be locked
        used.update(store.peek(specs_of(others), footprint.at))
    return _context(services, asked, agent, states(met, used), store)


def peeked(conn: Connection, services: Services, asked: Asked, store: LedgerStore) -> Context:
    """The context of an answer that holds nothing: as `locked`, without any lock."""
    agent, grants = _acting(conn, services, asked)
    footprint = footprint_of(asked.request, agent, asked.at)
    met = meet(asked.policy.limits, footprint, agent.trust_level, grants, services.zone)
    return _context(services, asked, agent, states(met, store.peek(specs_of(met), asked.at)), store)


def footprint_of(request: Request, agent: AgentView | None, at: datetime) -> Footprint:
    """Where a decision counts."""
    return Footprint(
        at=at,
        reason=request.reason,
        remedy=request.remedy,
        currency=request.currency,
        agent=agent.ref if agent else None,
        team=agent.team if agent else None,
        customer=request.customer,
        case=request.case,
        order=request.order,
        incident=request.incident,
    )


def ladder_of(rulebook: Rulebook, limits: LimitSet, request: Request) -> tuple[tuple[str, int | None], ...]:
    """Each trust level, lowest first, with its cap per decision for what is asked."""
    levels = [level.name for level in sorted(rulebook.trust_levels, key=lambda level: level.rank)]
    return ladder(limits, levels, request.remedy, request.reason, request.currency)


def _acting(conn: Connection, services: Services, asked: Asked) -> tuple[AgentView, tuple[Grant, ...]]:
    """The agent on its trust level of the moment, with the grants that hold for it; from here on by its pseudonym."""
    assert asked.agent is not None  # required by `validate`
    assert asked.request.agent is not None
    registered = acting.registered(conn, asked.agent, asked.actor, services.settings.unknown_agents)
    agent = replace(registered, ref=asked.request.agent)
    grants = tuple(trust_grants.holding(conn, agent.ref, agent.team, asked.at))
    return acting.on_trust_level(agent, grants, asked.book.rulebook), grants


def _context(
    services: Services, asked: Asked, agent: AgentView, limits: tuple[LimitState, ...], store: LedgerStore
) -> Context:
    request, rulebook = asked.request, asked.book.rulebook
    return Context(
        now=asked.at,
        id=services.ids.new("dec"),
        timezone=services.settings.timezone,
        hold_seconds=services.settings.hold_seconds,
        agent=agent,
        limits=limits,
        limits_version=asked.policy.limits.version,
        ladder=ladder_of(rulebook, asked.policy.limits, request),
        received=store.received(request.order, request.case, request.currency),
        verified=frozenset(rulebook.facts) if asked.vouched else frozenset(),
        costs_version=asked.policy.costs,
    )
