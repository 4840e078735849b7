"""For managers: who may act, how far, and what waits for them."""

from policyservice.api.managers import (
    agents,
    escalation_steps,
    escalations,
    grants,
    incident_cases,
    incidents,
    limits,
    objections,
    reports,
)
from policyservice.api.managers.blueprint import bp

__all__ = [
    "agents",
    "bp",
    "escalation_steps",
    "escalations",
    "grants",
    "incident_cases",
    "incidents",
    "limits",
    "objections",
    "reports",
]
