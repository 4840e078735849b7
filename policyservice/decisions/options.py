"""Everything this agent may give now, best first: each remedy of the catalogue through the one `decide`;
nothing is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policyservice.access.keys import ApiKey
from policyservice.decisions import context as contexts
from policyservice.decisions import masking
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.services import Services
from policyservice.decisions.validate import Purpose, validate
from policyservice.domain.case import Request
from policyservice.domain.decision import (
    Because,
    BindingLimit,
    Context,
    CostEstimate,
    Decision,
    EscalateTo,
    Outcome,
)
from policyservice.domain.limits import LimitSet
from policyservice.domain.vocabulary import Basis, FactValue, Text
from policyservice.engine.compiled import CompiledRulebook, Evaluate
from policyservice.engine.decide import decide
from policyservice.engine.evaluator import Findings
from policyservice.ledger.sql import SqlLedger
from policyservice.rulebook.model import EffectKind


@dataclass(frozen=True, slots=True)
class Option:
    """A remedy that may be given now, up to and including `up_to_minor` (None: it has no sum).

    `binding_limit` is the limit that keeps it from being more, None where the rules themselves do.
    """

    remedy: str
    up_to_minor: int | None
    currency: str
    basis: Basis
    because: tuple[Because, ...]
    say: Text | None
    binding_limit: BindingLimit | None
    cost: CostEstimate | None


@dataclass(frozen=True, slots=True)
class EscalateOnly:
    """A remedy that a rule mentions but this agent cannot give: who may, why not here, and what is to be
    found out.
    """

    remedy: str
    because: tuple[Because, ...]
    escalate_to: EscalateTo | None
    binding_limit: BindingLimit | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """What may be given, best first, and what only others may give, by name."""

    options: tuple[Option, ...]
    escalate_only: tuple[EscalateOnly, ...]


def options(services: Services, raw: Mapping[str, object], actor: ApiKey) -> Options:
    """The options of a case: the body of a decision without remedy and amount. Holds and logs nothing.

    Raises:
        InvalidRequest, NotAllowed, UnknownAgent, NoRulebookInForce, LogUnavailable: as a decision would.
    """
    now = services.clock.now()
    with services.db.reading() as conn:
        policy = policy_in_force(conn, now)
        ready = services.rulebooks.ready(conn, policy.rules, policy.costs)
        plain = validate(raw, ready.book.rulebook, now=now, purpose=Purpose.OPTIONS)
        request, _ = masking.mask(services.pseudonyms, plain, ready.book.texts_compared)
        asked = contexts.Asked(request, policy, ready.book, actor, at=now, agent=plain.agent)
        context = contexts.peeked(conn, services, asked, SqlLedger(conn, services.zone))
    return _options(ready.book, policy.limits, request, context, _OnceAsked(ready.evaluate))


class _OnceAsked:
    """The rules say the same for every remedy, so they are asked once."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self.said: Findings | None = None

    def __call__(self, given: Mapping[str, FactValue], day: int, currency: str) -> Findings:
        if self.said is None:
            self.said = self._evaluate(given, day, currency)
        return self.said


def _options(
    book: CompiledRulebook, limits: LimitSet, request: Request, case: Context, evaluate: _OnceAsked
) -> Options:
    found: list[Option] = []
    others: list[EscalateOnly] = []
    for remedy in sorted(book.rulebook.remedies):
        asked = replace(request, remedy=remedy)
        context = replace(case, ladder=contexts.ladder_of(book.rulebook, limits, asked))
        decision = decide(book, asked, context, evaluate)
        if decision.outcome is Outcome.ALLOW:
            found.append(_option(decision, _what_binds(book, asked, context, evaluate, decision)))
        elif decision.outcome is Outcome.ESCALATE and _mentioned(book, remedy, evaluate.said):
            others.append(_only_others(decision))
    return Options(tuple(sorted(found, key=_best_first)), tuple(others))


def _what_binds(
    book: CompiledRulebook, asked: Request, context: Context, evaluate: Evaluate, decision: Decision
) -> BindingLimit | None:
    """The limit that one minor unit more would meet."""
    if decision.available_minor is None:
        return None
    more = replace(asked, amount_minor=decision.available_minor + 1, open_amount=False, justification=None)
    return decide(book, more, context, evaluate).binding_limit


def _mentioned(book: CompiledRulebook, remedy: str, findings: Findings | None) -> bool:
    """Whether a rule that fired, or that waits for a fact, gives the remedy or hands it over by name."""
    rules = (*findings.fired, *findings.unknown) if findings is not None else ()
    spoken = [book.speaking[rule] for rule in rules]
    if any(remedy in speaking.claims for speaking in spoken):
        return True
    barriers = [item.effect for speaking in spoken for item in speaking.barriers]
    return any(effect.remedy == remedy and effect.kind is EffectKind.ESCALATE for effect in barriers)


def _option(decision: Decision, binding: BindingLimit | None) -> Option:
    assert decision.basis is not None
    return Option(
        decision.remedy,
        decision.available_minor,
        decision.currency,
        decision.basis,
        decision.because,
        decision.say,
        binding,
        decision.cost,
    )


def _only_others(decision: Decision) -> EscalateOnly:
    return EscalateOnly(
        decision.remedy,
        decision.because,
        decision.escalate_to,
        decision.binding_limit,
        decision.missing,
    )


def _best_first(option: Option) -> tuple[int, int, str]:
    """Value to the customer, then lower cost to the company, then name."""
    cost = option.cost.remedy_minor if option.cost else 0
    return (-(option.up_to_minor or 0), cost, option.remedy)
