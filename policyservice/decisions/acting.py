"""The agent of a request, as a decision sees it: registered or not, within the key's binding, on which trust
level.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from policyservice.access import agents, authority
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import ApiKey
from policyservice.domain.decision import AgentView
from policyservice.domain.errors import UnknownAgent
from policyservice.domain.limits import Grant
from policyservice.domain.vocabulary import AgentKind
from policyservice.ledger.algebra import trust_level_by
from policyservice.rulebook.model import Rulebook


def registered(conn: Connection, ref: str, actor: ApiKey, unknown_agents: str | None) -> AgentView:
    """The agent that a key acts for.

    `unknown_agents` is the trust level of agents that nobody registered; None refuses them.

    Raises:
        NotAllowed: the agent is outside the key's binding.
        UnknownAgent: nobody registered it, and unknown agents are refused.
    """
    return view_of(ref, agents.get(conn, ref), actor, unknown_agents)


def view_of(ref: str, record: AgentRecord | None, actor: ApiKey, unknown_agents: str | None) -> AgentView:
    """The agent that a key acts for, by what the register has of it (None: nothing); errors as `registered`."""
    authority.require_agent(actor, ref, record.team if record else None)
    if record is not None:
        return AgentView(record.ref, record.team, record.kind, record.trust_level)
    if unknown_agents is None:
        raise UnknownAgent(ref)
    return AgentView(ref, None, AgentKind.HUMAN, unknown_agents)


def on_trust_level(agent: AgentView, grants: Sequence[Grant], rulebook: Rulebook) -> AgentView:
    """The agent on the trust level that holds now: that of the latest grant which names one, else its own.

    A level that the rulebook in force does not know gives the lowest one that it does: a renamed level must
    never take an agent's limits away.
    """
    level = trust_level_by(agent.trust_level, grants)
    if level is None or rulebook.rank_of(level) < 0:
        lowest = min(rulebook.trust_levels, key=lambda t: t.rank, default=None)
        level = lowest.name if lowest is not None else level
    return AgentView(agent.ref, agent.team, agent.kind, level)
