"""For managers: who may act, how far, and what waits for them."""

from policyservice.api.managers import agents, escalations, grants, limits, objections, reports
from policyservice.api.managers.blueprint import bp

__all__ = ["agents", "bp", "escalations", "grants", "limits", "objections", "reports"]
