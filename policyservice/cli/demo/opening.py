"""What the demo needs before its first scene: keys, and the registered agents."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from policyservice.access import keys
from policyservice.access.keys import Role
from policyservice.cli.demo.cast import EVERYBODY
from policyservice.cli.demo.client import Client
from policyservice.cli.refused import Refused
from policyservice.config import Settings
from policyservice.db import tables
from policyservice.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Opening:
    """`key` is an agent UI's; `tag` is what stands behind every reference of this run, "" on a fresh database."""

    key: str
    tag: str


def open_demo(settings: Settings, host: str, port: int, language: str) -> Opening:
    """Create keys in the database, as `policyservice keys create` does, and register the agents over HTTP."""
    runtime = Runtime.start(settings)
    try:
        tag = _tag(runtime)
        agent_ui, admin = (_key(runtime, f"demo{tag} {role.value}", role) for role in (Role.AGENT_UI, Role.ADMIN))
    finally:
        runtime.close()
    client = Client(host, port, admin, language)
    for person in EVERYBODY:
        body = {
            "name": person.name,
            "team": f"{person.team}{tag}",
            "trust_level": person.trust_level,
            "kind": person.kind.value,
        }
        answer = client.put("agents", f"{person.ref}{tag}", body=body)
        if answer.status not in (200, 201):
            raise Refused(f"{person.name} could not be registered: {answer.body.get('detail')}")
    return Opening(agent_ui, tag)


def _tag(runtime: Runtime) -> str:
    with runtime.db.reading() as conn:
        used = conn.execute(select(tables.decision.c.seq).limit(1)).first() is not None
    return f"-{secrets.token_hex(3)}" if used else ""


def _key(runtime: Runtime, name: str, role: Role) -> str:
    with runtime.db.transaction() as conn:
        _, secret = keys.create(conn, runtime.ids, name, role, now=runtime.clock.now())
    return secret
