"""Everything this agent may give now, best first: each remedy of the catalogue through the one `decide`;
nothing is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policyservice.access.keys import ApiKey
from policyservice.decisions import context as contexts
from policyservice.decisions import verified
from policyservice.decisions.considering import Asked, Wanted, consider
from policyservice.decisions.services import Services
from policyservice.decisions.standing import Question, look
from policyservice.decisions.validate import Purpose, validate
from policyservice.decisions.verified import Subjects
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
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.domain.vocabulary import Basis, Text
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
    agent = raw.get("agent")
    wanted = Wanted(
        lambda rulebook: validate(raw, rulebook, now=now, purpose=Purpose.OPTIONS),
        agent if isinstance(agent, str) else "",
        actor,
        now,
        now,
        about=Subjects.of(raw),
    )
    with services.db.reading() as conn:
        pseudonym = services.pseudonyms.reference(PersonalKind.AGENT, wanted.agent).pseudonym
        about = verified.sought(services.pseudonyms, wanted.about)
        (looked,) = look(conn, [Question(wanted.agent, pseudonym, now, now, actor.id, about=about)])
        asked = consider(conn, services, wanted, looked.standing)
        context = contexts.peeked(services, asked, SqlLedger(conn, services.zone, counting=asked.counting))
    return _options(asked, context)


def _options(of_case: Asked, case: Context) -> Options:
    book, limits, request, evaluate = of_case.book, of_case.policy.limits, of_case.request, of_case.evaluate
    found: list[Option] = []
    others: list[EscalateOnly] = []
    for remedy in sorted(book.rulebook.remedies):
        asked = replace(request, remedy=remedy)
        context = replace(case, ladder=contexts.ladder_of(book.rulebook, limits, asked))
        decision = decide(book, asked, context, evaluate, in_full=False)
        if decision.outcome is Outcome.ALLOW:
            found.append(_option(decision, _what_binds(book, asked, context, evaluate, decision)))
        elif decision.outcome is Outcome.ESCALATE and _mentioned(book, remedy, evaluate.said):
            others.append(_only_others(decide(book, asked, context, evaluate)))  # with who decides instead
    return Options(tuple(sorted(found, key=_best_first)), tuple(others))


def _what_binds(
    book: CompiledRulebook, asked: Request, context: Context, evaluate: Evaluate, decision: Decision
) -> BindingLimit | None:
    """The limit that one minor unit more would meet."""
    if decision.available_minor is None:
        return None
    more = replace(asked, amount_minor=decision.available_minor + 1, open_amount=False, justification=None)
    return decide(book, more, context, evaluate, in_full=False).binding_limit


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
