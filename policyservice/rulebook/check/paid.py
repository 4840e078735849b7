"""For each reason at most one fact says what was paid."""

from __future__ import annotations

from policyservice.domain.limits import matches_reason
from policyservice.rulebook.model import Fact
from policyservice.rulebook.problems import listed
from policyservice.rulebook.read.names import Names


def check_paid(names: Names) -> None:
    """Note every pair of facts that both say what was paid for a reason."""
    paid = [fact for fact in names.facts.values() if fact.bounds_refunds_of]
    for position, fact in enumerate(paid):
        for earlier in paid[:position]:
            both = [reason for reason in names.reasons if _says(fact, reason) and _says(earlier, reason)]
            if both and fact.place is not None:
                names.problems.add(
                    fact.place,
                    f"`{fact.name}` and `{earlier.name}` ({earlier.place}) both have the role paid for "
                    f"{listed(both[:3])}{' and more' if len(both) > 3 else ''}; name the reasons: {{paid: [...]}}",
                )


def _says(fact: Fact, reason: str) -> bool:
    return any(matches_reason(pattern, reason) for pattern in fact.bounds_refunds_of)
