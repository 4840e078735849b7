"""For the company's own systems: what they know of orders and customers, verified."""

from policyservice.api.systems import verified
from policyservice.api.systems.blueprint import bp

__all__ = ["bp", "verified"]
