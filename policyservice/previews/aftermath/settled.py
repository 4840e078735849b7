"""From a decided history to cases that the generator can go on with."""

from __future__ import annotations

from collections.abc import Iterable

from policyservice.domain.case import Request
from policyservice.domain.decision import Outcome
from policyservice.domain.money import exponent
from policyservice.engine.compiled import CompiledRulebook
from policyservice.previews.aftermath.generate import Before
from policyservice.previews.backtest.run import Decided

_TIERS = ("customer.tier", "customer.membership")


def settled(decided: Iterable[Decided], book: CompiledRulebook) -> list[Before]:
    """The requests that were allowed or escalated, each a case of its own; what nobody may give is over."""
    return [
        before_of(one.asked.request, book, at_once=one.decision.outcome is Outcome.ALLOW, queue=_queue(one))
        for one in decided
        if one.decision.outcome is not Outcome.DENY
    ]


def before_of(request: Request, book: CompiledRulebook, *, at_once: bool, queue: str | None) -> Before:
    """A request as a case; what is at stake is what was paid, where that is known, else what is asked."""
    fact = book.paid_fact.get(request.reason)
    paid = request.facts.get(fact) if fact is not None else None
    minor = paid if isinstance(paid, int) else request.amount_minor or 0
    tier = next((str(request.facts[name]) for name in _TIERS if name in request.facts), "")
    loss = minor / 10 ** exponent(request.currency)
    return Before(request.reason, request.channel or "", tier, loss, at_once, queue)


def _queue(one: Decided) -> str | None:
    to = one.decision.escalate_to
    return None if to is None else to.to
