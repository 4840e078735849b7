"""A concrete case that a solver found: decided as any other, and written as a policy test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision, Received
from policyservice.domain.limits import Usage
from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.engine.hypothetical import context_for
from policyservice.rulebook.model import Rulebook
from policyservice.rulebook.text.scalars import reads_otherwise

_REASON_WRITTEN = "The customer has waited for an hour."


@dataclass(frozen=True, slots=True)
class FoundCase:
    """One case. `amount_minor` None leaves the sum open, or the remedy has none; sums in minor units of `currency`.

    `received` maps entitlements' keys to (sum, times); `used` maps limits to (sum, times).
    """

    reason: str
    facts: Mapping[str, FactValue]
    remedy: str
    currency: str
    as_of: date
    amount_minor: int | None = None
    trust_level: str | None = None
    refunded_minor: int = 0
    received: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    used: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    verified: frozenset[str] = frozenset()
    has_reason_written: bool = False

    def request(self, rulebook: Rulebook) -> Request:
        """The case as a request."""
        has_amount = rulebook.remedies[self.remedy].has_amount
        return Request(
            reason=self.reason,
            remedy=self.remedy,
            currency=self.currency,
            amount_minor=self.amount_minor,
            justification=_REASON_WRITTEN if self.has_reason_written else None,
            open_amount=has_amount and self.amount_minor is None,
            facts=dict(self.facts),
        )

    def context(self, rulebook: Rulebook) -> Context:
        """The context of the case, under the opening limits of a rulebook."""
        return context_for(
            rulebook,
            as_of=self.as_of,
            reason=self.reason,
            remedy=self.remedy,
            currency=self.currency,
            trust_level=self.trust_level,
            received=Received(self.refunded_minor, dict(self.received)),
            used={limit: Usage(amount, 0, amount, 0, times) for limit, (amount, times) in self.used.items()},
            verified=self.verified,
        )

    def decided(self, book: CompiledRulebook) -> Decision:
        """What `decide` answers to it."""
        return decide(book, self.request(book.rulebook), self.context(book.rulebook))

    # --- as text -------------------------------------------------------------------------------------

    def as_policy_test(self, rulebook: Rulebook, name: str, expect: str) -> str:
        """The case as an item of `cases` in a file of policy tests; `expect` is the text after `expect:`."""
        lines = [
            f"- name: {_text(name)}",
            f"  as_of: {self.as_of.isoformat()}",
            f"  facts: {{{self._facts(rulebook)}}}",
        ]
        if self.trust_level is not None:
            lines.append(f"  agent: {{trust_level: {self.trust_level}}}")
        asked = "" if self.amount_minor is None else f", amount: {self._sum(self.amount_minor)}"
        lines.append(f"  ask: {{remedy: {self.remedy}{asked}}}")
        lines += self._more()
        lines.append(f"  expect: {expect}")
        return "\n".join(f"  {line}" for line in lines) + "\n"

    def in_one_line(self, rulebook: Rulebook) -> str:
        """What is asked about which facts, when and by whom, for a message."""
        asked = f"{self.remedy} " + ("" if self.amount_minor is None else f"of {self._sum(self.amount_minor)} ")
        level = "" if self.trust_level is None else f" by trust level {self.trust_level}"
        return f"{asked}on {self.as_of.isoformat()}{level} with {{{self._facts(rulebook)}}}"

    def _more(self) -> Iterator[str]:
        if self.has_reason_written:
            yield f"  justification: {_text(_REASON_WRITTEN)}"
        owed = {key.rsplit(" ", 1)[0]: amount for key, (amount, _) in self.received.items()}
        if self.refunded_minor or owed:
            parts = [f"refunded: {self._sum(self.refunded_minor)}"] if self.refunded_minor else []
            if owed:
                parts.append(f"owed: {{{', '.join(f'{rule}: {self._sum(minor)}' for rule, minor in owed.items())}}}")
            yield f"  received: {{{', '.join(parts)}}}"
        if self.used:
            used = (f"{limit}: {{amount: {self._sum(a)}, count: {n}}}" for limit, (a, n) in self.used.items())
            yield f"  used: {{{', '.join(used)}}}"
        if self.verified:
            yield f"  verified: [{', '.join(sorted(self.verified))}]"

    def _sum(self, minor: int) -> str:
        return decimal_string(minor, self.currency)

    def _facts(self, rulebook: Rulebook) -> str:
        stated = (f"{name}: {self._value(rulebook, name, value)}" for name, value in sorted(self.facts.items()))
        return ", ".join((f"reason: {self.reason}", *stated))

    def _value(self, rulebook: Rulebook, name: str, value: FactValue) -> str:
        match rulebook.facts[name].type:
            case FactType.MONEY:
                return self._sum(int(value))
            case FactType.DATE:
                return date.fromordinal(int(value)).isoformat()
            case FactType.BOOLEAN:
                return "true" if value else "false"
            case FactType.INTEGER:
                return str(value)
        return _text(str(value))


def _text(words: str) -> str:
    plain = words.translate(str.maketrans("", "", "-_. ")).isalnum()
    if plain and not reads_otherwise(words):
        return words
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
