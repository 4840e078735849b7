"""The types of facts, by the digest of the rulebook that declares them."""

from __future__ import annotations

from collections.abc import Mapping

from policyservice.decisions.log import StoredDecision
from policyservice.decisions.policy import PolicyRef
from policyservice.decisions.services import Services
from policyservice.domain.vocabulary import FactType

_MOST_KEPT = 64


class Vocabularies:
    """Kept per process: a rulebook never changes under its digest, and an answer needs the types each time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._types: dict[str, Mapping[str, FactType]] = {}

    def of(self, stored: StoredDecision) -> Mapping[str, FactType]:
        """The types of the facts that a decision was made from."""
        return self.under(stored.policy)

    def under(self, policy: PolicyRef) -> Mapping[str, FactType]:
        """The types of the facts that a policy's rulebook declares."""
        known = self._types.get(policy.rules)
        if known is None:
            known = self._read(policy)
        return known

    def _read(self, policy: PolicyRef) -> Mapping[str, FactType]:
        services = self._services
        with services.db.reading() as conn:
            book = services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook
        types = {fact.name: fact.type for fact in book.facts.values()}
        if len(self._types) >= _MOST_KEPT:
            self._types.clear()
        self._types[policy.rules] = types
        return types
