"""The register of agents."""

from __future__ import annotations

from typing import Any

from flask import Response

from policyservice.access import agents
from policyservice.access.agents import AgentRecord
from policyservice.access.authority import covers, require_agent
from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.managers.blueprint import bp
from policyservice.api.refs import ref as reference
from policyservice.api.schemas.agents import AgentSchema, RegisteredAgentSchema
from policyservice.api.wire import answer
from policyservice.decisions.policy import policy_in_force
from policyservice.domain.errors import NotFound


@operation(
    bp,
    "PUT",
    "/agents/<path:ref>",
    Operation(
        answer=RegisteredAgentSchema,
        also=(201,),
        body=AgentSchema,
        examples={"a colleague": examples.AGENT},
        answers={"registered": examples.REGISTERED_AGENT},
        refusals=(400, 401, 403, 413, 415, 422, 500, 503),
    ),
)
def put_agent(ref: str, body: dict[str, Any]) -> Response:
    """Register an agent, or change its registration

    201 where the agent is new, else 200. Decisions made before keep the trust level they were made on. A key that is
    bound to agents or teams registers and reads these alone.
    """
    services = runtime()
    now = services.clock.now()
    record = AgentRecord(ref=reference(ref), **body)
    require_agent(caller(), record.ref, record.team)
    with services.db.transaction() as conn:
        before = agents.get(conn, record.ref)
        if before is not None:
            require_agent(caller(), before.ref, before.team)  # nobody takes a colleague out of another's team
        policy = policy_in_force(conn, now)
        levels = services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook.trust_levels
        added = agents.put(conn, record, trust_levels=[level.name for level in levels], now=now)
    return answer(_document(record), 201 if added else 200)


@operation(
    bp,
    "GET",
    "/agents/<path:ref>",
    Operation(answer=RegisteredAgentSchema, answers={"registered": examples.REGISTERED_AGENT}),
)
def get_agent(ref: str) -> Response:
    """One agent of the register"""
    with runtime().db.reading() as conn:
        record = agents.get(conn, reference(ref))
    if record is None or not covers(caller(), record.ref, record.team):
        raise NotFound("agent", ref)
    return answer(_document(record))


def _document(record: AgentRecord) -> dict[str, Any]:
    return {
        "ref": record.ref,
        "name": record.name,
        "team": record.team,
        "trust_level": record.trust_level,
        "kind": record.kind.value,
    }
