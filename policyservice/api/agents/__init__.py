"""For agent UIs: options, decisions, what became of them, what was promised before."""

from policyservice.api.agents import (
    contacts,
    decisions,
    decisions_batch,
    explanation,
    history,
    objections,
    options,
    outcomes,
    promises,
    settle,
    vocabulary,
)
from policyservice.api.agents.blueprint import bp

__all__ = [
    "bp",
    "contacts",
    "decisions",
    "decisions_batch",
    "explanation",
    "history",
    "objections",
    "options",
    "outcomes",
    "promises",
    "settle",
    "vocabulary",
]
