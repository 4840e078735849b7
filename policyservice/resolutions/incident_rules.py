"""The rule of an incident: a condition as rules write it, held against the facts that decisions were made on.

It is read under the rulebook in force, and evaluated in three values as rules are: what is not known links nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from policyservice.decisions.codec import encode
from policyservice.decisions.stored import StoredDecision
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.conditions import Known, truth
from policyservice.personal.shown import shown
from policyservice.rulebook.model import Condition, Rulebook
from policyservice.rulebook.read.alone import condition_alone

FIELD = "rule"
LONGEST = 4000


class IncidentRule(NamedTuple):
    """A condition, and the rulebook that it was read under."""

    condition: Condition
    rulebook: Rulebook

    @classmethod
    def read(cls, text: str, rulebook: Rulebook) -> IncidentRule:
        """The rule that a text states.

        Raises:
            FieldProblem: it cannot be read, or names what the rulebook does not have.
        """
        return cls(condition_alone(FIELD, text, rulebook, rulebook.packs[0].currency), rulebook)

    def matching(self, conn: Connection, decisions: Sequence[StoredDecision]) -> list[StoredDecision]:
        """The decisions that it holds for. Facts in words are compared as they were stated, while they are kept."""
        stated = shown(conn, [encode(stored.request) for stored in decisions])
        return [
            stored
            for stored, request in zip(decisions, stated, strict=True)
            if self._holds(stored, request.get("facts", {}))
        ]

    def _holds(self, stored: StoredDecision, stated: dict[str, FactValue | None]) -> bool:
        facts = dict(stored.decision.facts)
        facts |= {name: value for name, value in stated.items() if value is not None}
        facts |= {"reason": stored.request.reason}
        day = stored.context.now.astimezone(ZoneInfo(stored.context.timezone)).date().toordinal()
        known = Known(facts, frozenset(stored.decision.presumed), day)
        return truth(self.condition, known, self.rulebook) is True
