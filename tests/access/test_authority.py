from __future__ import annotations

import pytest

from policyservice.access import authority
from policyservice.access.keys import ApiKey, Role
from policyservice.domain.errors import NotAllowed


def a_key(**binding: tuple[str, ...]) -> ApiKey:
    return ApiKey("key_1", "test", Role.AGENT_UI, **binding)


@pytest.mark.parametrize(
    ("binding", "agent", "team", "covered"),
    [
        ({}, "maija", None, True),
        ({"agents": ("maija",)}, "maija", "web", True),
        ({"agents": ("maija",)}, "teppo", "web", False),
        ({"agents": ()}, "maija", "web", False),
        ({"teams": ("web",)}, "teppo", "web", True),
        ({"teams": ("web",)}, "liisa", "phone", False),
        ({"teams": ("web",)}, "stranger", None, False),
        ({"agents": ("liisa",), "teams": ("web",)}, "liisa", "phone", True),
        ({"agents": ("liisa",), "teams": ("web",)}, "teppo", "web", True),
    ],
)
def test_a_bound_key_acts_for_its_agents_and_teams_alone(binding, agent, team, covered):
    key = a_key(**binding)

    assert authority.covers(key, agent, team) is covered
    if covered:
        authority.require_agent(key, agent, team)
    else:
        with pytest.raises(NotAllowed) as caught:
            authority.require_agent(key, agent, team)
        assert [error.field for error in caught.value.errors] == ["agent"]


def test_a_role_outside_those_named_is_refused_even_an_admin():
    authority.require_role(a_key(), Role.MANAGER, Role.AGENT_UI)
    with pytest.raises(NotAllowed, match="needs manager"):
        authority.require_role(ApiKey("key_2", "test", Role.ADMIN), Role.MANAGER)
