"""Both evaluators on every live decision: what they do not agree on is a fault, and a fault is never an allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from policyservice.domain.errors import EngineFault
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.evaluator import CompiledRules, Findings
from policyservice.engine.shards import REASON


class Matcher(Protocol):
    """What names the rules that fire, independently of the compiled evaluator."""

    def match(self, given: Mapping[str, FactValue], day: int, currency: str) -> tuple[str, ...]:
        """Ids of the rules that fire, sorted; raises EngineFault."""

    def close(self) -> None:
        """Give back what it holds."""


class CheckedMatcher:
    """The compiled evaluator's findings, with a fault where the other matcher fails or names other rules."""

    def __init__(self, compiled: CompiledRules, durable: Matcher) -> None:
        self._compiled = compiled
        self._durable = durable

    def evaluate(self, given: Mapping[str, FactValue], day: int, currency: str) -> Findings:
        """As `CompiledRules.evaluate`; never raises for a difference or a fault of the engine."""
        findings = self._compiled.evaluate(given, day, currency)
        if findings.fault is not None:
            return findings
        try:
            matched = self._durable.match(given, day, currency)
        except EngineFault as fault:
            return replace(findings, fault=fault.what)
        if matched == findings.fired:
            return findings
        return replace(findings, fault=_difference(findings.fired, matched))

    def smoke(self, reasons: Iterable[str], day: int, currency: str) -> str | None:
        """The first fault over cases of which only the reason is known; None where there is none. For before a swap."""
        found = (self.evaluate({REASON: reason}, day, currency).fault for reason in reasons)
        return next((fault for fault in found if fault is not None), None)

    def close(self) -> None:
        """Give back what the durable matcher holds."""
        self._durable.close()


def _difference(compiled: tuple[str, ...], durable: tuple[str, ...]) -> str:
    parts = (
        ("only the compiled evaluator fires", sorted(set(compiled) - set(durable))),
        ("only durable_rules fires", sorted(set(durable) - set(compiled))),
    )
    named = "; ".join(f"{which} {', '.join(rules)}" for which, rules in parts if rules)
    return f"The two evaluators disagree: {named}."
