"""What a key may do: its role, the agents it may act for, the decisions it may see."""

from __future__ import annotations

from policyservice.access.keys import ApiKey, Role
from policyservice.domain.errors import NotAllowed


def require_role(key: ApiKey, *roles: Role) -> None:
    """Let a key pass whose role is among `roles`; `admin` is not let through unless named.

    Raises:
        NotAllowed: the role is another.
    """
    if key.role not in roles:
        wanted = ", ".join(role.value for role in roles)
        raise NotAllowed(f"The key's role is {key.role.value}; this needs {wanted}.")


def is_bound(key: ApiKey) -> bool:
    """Whether the key acts for named agents or teams only."""
    return key.agents is not None or key.teams is not None


def covers(key: ApiKey, agent: str, team: str | None) -> bool:
    """Whether an agent of a team is within the key's binding."""
    if not is_bound(key):
        return True
    return agent in (key.agents or ()) or (team is not None and team in (key.teams or ()))


def require_agent(key: ApiKey, agent: str, team: str | None) -> None:
    """Let a key act for an agent of a team.

    Raises:
        NotAllowed: the agent is outside the key's binding; the field named is "agent".
    """
    if not covers(key, agent, team):
        raise NotAllowed("This key may not act for that agent.", field="agent")


def require_team(key: ApiKey, team: str) -> None:
    """Let a key change what a whole team may do.

    Raises:
        NotAllowed: the key is bound, and not to that team; the field named is "team".
    """
    if is_bound(key) and team not in (key.teams or ()):
        raise NotAllowed("This key may not act for that team.", field="team")
