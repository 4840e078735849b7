"""All of a decision that does not depend on what is left of any limit: prepared before anything is locked.

Validated, the agent known, the limits it meets found with their counters' keys, and the rules asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.db.once import Once
from policyservice.decisions import acting, safe_floor, verified
from policyservice.decisions.policy import Policy
from policyservice.decisions.services import Services
from policyservice.decisions.standing import Standing
from policyservice.decisions.verified import Subjects
from policyservice.domain.case import Request
from policyservice.domain.decision import AgentView, Verified
from policyservice.domain.errors import FieldProblem, NoRulebookInForce
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.compiled import CompiledRulebook, Evaluate
from policyservice.engine.decide import ask_rules
from policyservice.engine.evaluator import Findings
from policyservice.ledger.meeting import Counting, Met, meet
from policyservice.ledger.shapes import counting
from policyservice.ledger.values import Footprint
from policyservice.limits import versions
from policyservice.personal.kept import Personal
from policyservice.rulebook.model import Rulebook


class Wanted(NamedTuple):
    """What is to be decided: a request once the rulebook is known, by whom, at which instant.

    `agent` is the reference as it was sent, checked by `request_under`. `at` is the instant it is decided for
    (`given_at` where it was given before), `now` the instant it is logged. `vouched`: the facts are not only stated,
    somebody other than the asker has looked into them. `about` is of whom facts may be verified, as it was sent.
    """

    request_under: Callable[[Rulebook], Request]
    agent: str
    actor: ApiKey
    at: datetime
    now: datetime
    vouched: bool = False
    about: Subjects = Subjects()


@dataclass(frozen=True, slots=True)
class Asked:
    """A masked request with what was taken out of it, what it is decided under, and where it counts.

    `own` are those of the limits met that what is asked is itself held against, not only what may be given instead.
    """

    request: Request
    personal: Personal
    policy: Policy
    book: CompiledRulebook
    evaluate: AskedOnce
    agent: AgentView
    footprint: Footprint
    met: tuple[Met, ...]
    own: tuple[Met, ...]
    counting: Counting
    vouched: bool
    verified: Mapping[str, Verified]


class AskedOnce:
    """Rules say the same for every remedy, and whatever is left of the limits: so they are asked once, ahead."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self.said: Findings | None = None

    def __call__(self, given: Mapping[str, FactValue], day: int, currency: str) -> Findings:
        if self.said is None:
            self.said = self._evaluate(given, day, currency)
        return self.said


_limits = Once(versions.get)


def consider(conn: Connection, services: Services, wanted: Wanted, standing: Standing) -> Asked:
    """Prepare a decision; reads only what never changes.

    Raises:
        NoRulebookInForce: nothing is in force now.
        FieldProblem: nothing was when the remedy was given (`given_at`).
        InvalidRequest, BeyondSafeFloor: the request cannot be taken.
        NotAllowed, UnknownAgent: see `acting.registered`.
    """
    policy = _policy(conn, wanted, standing)
    ready = services.rulebooks.ready(conn, policy.rules, policy.costs)
    plain = wanted.request_under(ready.book.rulebook)
    safe_floor.require_within(ready.book.rulebook, plain)
    known = acting.view_of(wanted.agent, standing.agent, wanted.actor, services.settings.unknown_agents)
    request, personal, sources = verified.known(services.pseudonyms, plain, standing.verified, ready.book)
    assert request.agent is not None  # required by `validate`
    agent = acting.on_trust_level(replace(known, ref=request.agent), standing.grants, ready.book.rulebook)
    footprint = footprint_of(request, agent, wanted.at)
    met = meet(policy.limits, footprint, agent.trust_level, standing.grants, services.zone)
    evaluate = AskedOnce(ready.evaluate)
    ask_rules(ready.book, request, wanted.at, services.settings.timezone, evaluate)
    kept = counting(conn, services.zone, standing.latest_limits)
    own = tuple([each for each in met if each.limit.covers(footprint.remedy, footprint.reason)])
    return Asked(
        request, personal, policy, ready.book, evaluate, agent, footprint, met, own, kept, wanted.vouched, sources
    )


def _policy(conn: Connection, wanted: Wanted, standing: Standing) -> Policy:
    rules, limits, costs = standing.rules, standing.limits, standing.costs
    if rules is not None and limits is not None and costs is not None:
        return Policy(rules, _limits(conn, limits), costs)
    if wanted.at == wanted.now:
        raise NoRulebookInForce(wanted.at)
    raise FieldProblem("given_at", "is before any rulebook was in force.")


def footprint_of(request: Request, agent: AgentView | None, at: datetime) -> Footprint:
    """Where a decision counts; what is given unasked counts for no agent or team."""
    agent = None if request.proactive else agent
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
