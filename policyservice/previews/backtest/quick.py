"""The quick way from a line's values to a request, for the many lines that have nothing wrong with them.

It builds a request only from parts that the very functions of `decisions.validate` take; at the first part that is
missing, unknown or out of the ordinary it gives up, and the line goes through `validate`, which names every fault at
once. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyservice.decisions.values import a_fact, a_reference, a_sum
from policyservice.domain.case import Request
from policyservice.domain.currencies import EXPONENTS
from policyservice.domain.errors import InvalidRequest
from policyservice.domain.vocabulary import FactValue
from policyservice.rulebook.model import ProvidedBy, Rulebook

_REFERENCES = ("case", "customer", "channel", "order", "incident")
_MOST_KEPT = 10_000
"""How many values of each fact are remembered: what was taken once is looked up from then on."""


class QuickRequests:
    """Makes requests of one rulebook's vocabulary."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._reasons = frozenset(rulebook.reasons)
        self._with_amount = {name: remedy.has_amount for name, remedy in rulebook.remedies.items()}
        self._facts = {name: fact for name, fact in rulebook.facts.items() if fact.provided_by is not ProvidedBy.RULES}
        self._taken: dict[str, dict[str, dict[tuple[type, Any], FactValue]]] = {}  # by currency and fact

    def request(self, values: Mapping[str, Any]) -> Request | None:
        """The request of a line's values, or None where `validate` has to look at them.

        Whoever calls has looked at the names of the fields; `agent` is a reference already.
        """
        reason, remedy, currency = values.get("reason"), values.get("remedy"), values.get("currency")
        if type(reason) is not str or type(remedy) is not str or type(currency) is not str:
            return None
        if reason not in self._reasons or remedy not in self._with_amount or currency not in EXPONENTS:
            return None
        if "justification" in values:
            return None
        amount = values.get("amount")
        if (amount is not None) is not self._with_amount[remedy]:
            return None
        try:
            minor = None if amount is None else a_sum("amount", amount, currency, zero=False)
            case, customer, channel, order, incident = [
                None if (value := values.get(name)) is None else a_reference(name, value) for name in _REFERENCES
            ]
            facts = self._read(values.get("facts"), currency)
        except InvalidRequest:
            return None
        if facts is None:
            return None
        return Request(
            reason,
            remedy,
            currency,
            minor,
            values["agent"],
            case,
            customer,
            channel,
            order,
            incident,
            None,
            None,
            False,
            facts,
        )

    def _read(self, given: object, currency: str) -> dict[str, FactValue] | None:
        if given is None:
            return {}
        if type(given) is not dict:
            return None
        found: dict[str, FactValue] = {}
        of_currency = self._taken.setdefault(currency, {})
        for name, value in given.items():
            taken = of_currency.get(name) or of_currency.setdefault(name, {})
            try:
                found[name] = taken[value.__class__, value]
            except KeyError:
                fact = self._facts.get(name)
                if fact is None or value is None:
                    return None
                read = found[name] = a_fact(name, fact, value, currency)
                if len(taken) < _MOST_KEPT:
                    taken[value.__class__, value] = read
            except TypeError:  # a list or an object, which is no fact
                return None
        return found
