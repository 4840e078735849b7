"""The policy test that would notice a change: a found case with the answer of today."""

from __future__ import annotations

from collections.abc import Iterator

from policyservice.assurance.mutants.mutant import Mutant
from policyservice.assurance.proving.found import FoundCase
from policyservice.domain.decision import Decision, Outcome
from policyservice.domain.money import decimal_string
from policyservice.engine.compiled import CompiledRulebook


def policy_test(book: CompiledRulebook, mutant: Mutant, case: FoundCase) -> str:
    """The case as an item of `cases`; it expects what the rulebook answers now, which the reader has to judge."""
    name = f"{mutant.about}, not with {mutant.what.replace('`', '')}"
    test = case.as_policy_test(book.rulebook, name, f"{{{', '.join(_expected(book, case.decided(book)))}}}")
    is_own = case.currency == book.pack_of_reason(case.reason).currency
    return test if is_own else f"  # for a file of tests with `currency: {case.currency}` at its top\n{test}"


def _expected(book: CompiledRulebook, decision: Decision) -> Iterator[str]:
    yield f"outcome: {decision.outcome.value}"
    yield f"basis: {decision.basis.value if decision.basis is not None else 'null'}"
    if book.rulebook.remedies[decision.remedy].has_amount:
        available = decision.available_minor
        yield f"amount: {'null' if available is None else decimal_string(available, decision.currency)}"
    yield f"fired: [{', '.join(decision.rules)}]"
    if decision.outcome is Outcome.ESCALATE:
        yield f"missing: [{', '.join(decision.missing)}]"
    if decision.binding_limit is not None:
        yield f"limit: {decision.binding_limit.limit}"
    if decision.stretched:
        yield "stretched: true"
