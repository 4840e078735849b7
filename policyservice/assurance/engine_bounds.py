"""What the engine cannot hold of a rulebook that is right in itself: found before publishing, with its place."""

from __future__ import annotations

from policyservice.domain.errors import EngineFault
from policyservice.engine.chunks import bounds_exceeded
from policyservice.engine.evaluator import compile_rules
from policyservice.rulebook.model import Rulebook


def problems(rulebook: Rulebook) -> list[str]:
    """Each rule that is more than durable_rules takes, else what keeps the rules from being compiled, in words."""
    places = {rule.id: rule.place for rule in rulebook.rules}
    found = [f"{places[rule]}: {why}" for rule, why in bounds_exceeded(rulebook).items()]
    if found:
        return found
    try:
        compile_rules(rulebook)
    except EngineFault as fault:
        return [fault.message]
    return []
