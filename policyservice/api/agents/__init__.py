"""For agent UIs: options, decisions, what became of them, what was promised before."""

from policyservice.api.agents import (
    decisions,
    decisions_batch,
    explanation,
    history,
    objections,
    options,
    outcomes,
    settle,
    vocabulary,
)
from policyservice.api.agents.blueprint import bp

__all__ = [
    "bp",
    "decisions",
    "decisions_batch",
    "explanation",
    "history",
    "objections",
    "options",
    "outcomes",
    "settle",
    "vocabulary",
]
