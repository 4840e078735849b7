"""Who may have an escalation in hand: whoever it is for, or who stands above them; never whoever asked.

A trust level is enough where it ranks at or above the one that the escalation was first for. What is for a name of the
rulebook that is no trust level is for the team of that name, and for the highest level.
"""

from __future__ import annotations

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation, EscalationStatus
from policyservice.decisions import acting, log
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.services import Services
from policyservice.decisions.sight import ids_of_own
from policyservice.domain.decision import AgentView
from policyservice.domain.errors import EscalationResolved, EscalationTaken, NotAllowed, NotYourLevel
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.limits import grants
from policyservice.personal.shown import references
from policyservice.rulebook.model import Rulebook


def open_and_locked(conn: Connection, escalation_id: str, actor: ApiKey) -> tuple[Escalation, StoredDecision]:
    """An open escalation that the key may see, locked, and the decision that opened it.

    Raises:
        NotFound: there is none, or the key may not see it.
        EscalationResolved: it was resolved before; says by whom and when.
    """
    escalation = escalations.get(conn, escalation_id, lock=True, among=ids_of_own(actor))
    if escalation.status is not EscalationStatus.OPEN:
        raise EscalationResolved(escalation_id, escalation.resolved_at, _name(conn, escalation.resolved_by))
    return escalation, log.read(conn, escalation.decision_id)


def require_colleague(
    conn: Connection, services: Services, asked: StoredDecision, agent: str, actor: ApiKey
) -> AgentView:
    """An agent who is registered and did not ask for it, on the trust level that holds now.

    Also where unknown agents may ask: whoever is not registered could be the asker under another name.

    Raises:
        NotAllowed: outside the key's binding, or the one who asked.
        UnknownAgent: nobody registered the agent.
    """
    view = acting.registered(conn, agent, actor, None)
    pseudonym = services.pseudonyms.of(PersonalKind.AGENT, agent)
    if asked.request.agent == pseudonym:
        raise NotAllowed("Nobody resolves what they asked for themselves. Have a colleague do it.", field="agent")
    now = services.clock.now()
    rulebook = rulebook_now(conn, services)
    return acting.on_trust_level(view, grants.holding(conn, pseudonym, view.team, now), rulebook)


def require_level(conn: Connection, services: Services, asked: StoredDecision, agent: AgentView) -> None:
    """Let an agent have in hand, or refuse, what was asked.

    Raises:
        NotYourLevel: it is for a higher level, or for a team that the agent is not in.
    """
    to = asked.decision.escalate_to
    assert to is not None  # an escalation was opened for it
    if not suffices(rulebook_now(conn, services), to.to, agent):
        raise NotYourLevel(to.to)


def suffices(rulebook: Rulebook, to: str, agent: AgentView) -> bool:
    """Whether an agent may decide what is for `to`."""
    own = rulebook.rank_of(agent.trust_level) if agent.trust_level is not None else -1
    asked_for = rulebook.rank_of(to)
    highest = max((level.rank for level in rulebook.trust_levels), default=0)
    return own >= (asked_for if asked_for >= 0 else highest) or agent.team == to


def require_free(conn: Connection, escalation: Escalation, agent: str) -> None:
    """Let an agent, by pseudonym, go on with what nobody else has in hand.

    Raises:
        EscalationTaken: somebody else has; says who and since when.
    """
    if escalation.holder is not None and escalation.holder != agent:
        raise EscalationTaken(escalation.id, escalation.taken_at, _name(conn, escalation.holder) or "somebody else")


def rulebook_now(conn: Connection, services: Services) -> Rulebook:
    """The rulebook in force.

    Raises:
        NoRulebookInForce: none is.
    """
    policy = policy_in_force(conn, services.clock.now())
    return services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook


def _name(conn: Connection, pseudonym: str | None) -> str | None:
    return None if pseudonym is None else references(conn, [pseudonym]).get(pseudonym, pseudonym)
