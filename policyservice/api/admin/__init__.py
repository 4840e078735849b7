"""For operators and developers: is it up, what does it count, how is it called."""

from policyservice.api.admin import docs, health, metrics, surveys
from policyservice.api.admin.blueprint import bp

__all__ = ["bp", "docs", "health", "metrics", "surveys"]
