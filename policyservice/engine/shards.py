"""Which rules can speak about which reason: the rest need not be looked at.

A rule whose condition fixes `reason` at its top (`reason: x`, or one of several, beside whatever else) goes to those
reasons only; every other rule goes to all of them. A reason outside the catalogue meets the latter alone.
"""

from __future__ import annotations

from policyservice.rulebook.model import AllOf, Compare, Condition, Op, Rule, Rulebook

REASON = "reason"


def reasons_fixed(condition: Condition) -> frozenset[str] | None:
    """The only reasons for which a condition can be true; None where it does not fix them at its top."""
    match condition:
        case Compare(fact="reason", op=Op.IS, value=str() as one):
            return frozenset({one})
        case Compare(fact="reason", op=Op.ONE_OF, value=tuple() as several):
            return frozenset(str(one) for one in several)
        case AllOf(of=parts):
            fixed = [found for part in parts if (found := reasons_fixed(part)) is not None]
            return frozenset.intersection(*fixed) if fixed else None
    return None


class Shards:
    """The rules of a rulebook by reason, each list in the rulebook's order."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.fixed: dict[str, list[Rule]] = {}
        self.open: list[Rule] = []
        order = {rule.id: number for number, rule in enumerate(rulebook.rules)}
        for rule in rulebook.rules:
            reasons = reasons_fixed(rule.when)
            if reasons is None:
                self.open.append(rule)
            else:
                for reason in reasons:
                    self.fixed.setdefault(reason, []).append(rule)
        self._order = order

    def of(self, reason: str) -> list[Rule]:
        """Every rule that can speak about a reason."""
        return sorted([*self.fixed.get(reason, ()), *self.open], key=lambda rule: self._order[rule.id])
