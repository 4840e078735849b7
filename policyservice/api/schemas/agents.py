"""Who may act."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Reference
from policyservice.api.schemas.base import Strict
from policyservice.domain.vocabulary import AgentKind


class AgentSchema(Strict):
    """A person or a program that acts for the company."""

    name = Reference(required=True)
    team = Reference(allow_none=True, load_default=None)
    trust_level = fields.String(required=True, metadata={"description": "A trust level of the rulebook in force."})
    kind = fields.Enum(AgentKind, by_value=True, required=True)


class RegisteredAgentSchema(AgentSchema):
    """An agent with its reference."""

    ref = Reference(required=True)
