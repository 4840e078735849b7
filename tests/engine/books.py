"""Small rulebooks for tests, written as the rules people write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from policyservice.costs.compare import CostModel
from policyservice.domain.case import Request
from policyservice.domain.decision import AgentView, Context, Decision, Received
from policyservice.domain.limits import Bound, Counts, LimitState, Measure, Scope, Usage
from policyservice.domain.vocabulary import AgentKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.rulebook.load import load

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

PACK = """
pack: shop
title: {en: Shop, fi: Kauppa}
currency: EUR
"""

VOCABULARY = """
facts:
  order.paid: {type: money, title: {en: Paid, fi: Maksettu}, role: {paid: [late, broken]}}
  order.price: {type: money, title: {en: Price, fi: Hinta}}
  order.days_late: {type: integer, title: {en: Days late, fi: Päiviä myöhässä}}
  order.fragile: {type: boolean, title: {en: Fragile, fi: Särkyvä}}
  order.gift: {type: boolean, presume: false, title: {en: Gift, fi: Lahja}}
"""

CATALOGUE = """
remedies:
  refund: {kind: refund, title: {en: Refund, fi: Palautus}}
  credit: {kind: credit, title: {en: Credit, fi: Hyvitys}}
  voucher: {kind: gift, title: {en: Voucher, fi: Lahjakortti}, cost_factor: 50 %}
  visit: {kind: other, title: {en: New visit, fi: Uusi käynti}, amount: none, cost: 4.00}
reasons:
  late: {title: {en: Late, fi: Myöhässä}}
  broken: {title: {en: Broken, fi: Rikki}}
  other: {title: {en: Other, fi: Muu}}
  listed: {title: {en: Listed only, fi: Vain luetellut}, otherwise: forbid}
trust_levels:
  new: {title: {en: New, fi: Uusi}}
  trusted: {title: {en: Trusted, fi: Luotettu}}
"""


def a_rule(rule_id: str, when: str, then: str, *, basis: str = "goodwill", more: str = "") -> str:
    """One rule as text; `when` and `then` are YAML flow text."""
    reference = "reference: Section 1" if basis in ("law", "contract") else "because: It is fair"
    return f"""
  - id: {rule_id}
    title: {{en: {rule_id} rule, fi: {rule_id} sääntö}}
    basis: {basis}
    {reference}
    in_force: {{from: 2026-01-01}}
    when: {when}
    then: {then}
    say: {{en: "Here you are ({rule_id}).", fi: "Olkaa hyvä ({rule_id})."}}
    {more}
"""


def a_book(*rules: str, pack: str = "", vocabulary: str = "", catalogue: str = CATALOGUE) -> CompiledRulebook:
    """A compiled rulebook of one pack with these rules."""
    files = {
        "pack.yaml": PACK + pack,
        "vocabulary.yaml": VOCABULARY + vocabulary,
        "catalogue.yaml": catalogue,
        "rules/all.yaml": "rules:\n" + "".join(rules),
    }
    rulebook = load({"shop": files})
    return CompiledRulebook(rulebook, CostModel(rulebook.costs, 1))


def a_request(remedy: str = "credit", amount: int | None = 1000, reason: str = "late", **more: Any) -> Request:
    """A request; facts with dots are given as `facts`."""
    return Request(reason=reason, remedy=remedy, currency="EUR", amount_minor=amount, **more)


def a_limit(limit: str = "agent-day", scope: Scope = Scope.AGENT, **more: Any) -> LimitState:
    """A limit's state with `amount` and `count` as its bound."""
    bound = Bound(more.pop("amount", None), more.pop("count", None))
    state = LimitState(
        limit=limit,
        scope=scope,
        subject="maija",
        window="day:2026-06-01",
        currency="EUR",
        measure=Measure.FACE,
        counts=Counts.GOODWILL,
        bound=bound,
        used=Usage(),
    )
    return replace(state, **more)


def a_context(*limits: LimitState, level: str | None = "new", **more: Any) -> Context:
    """A context at noon on 1 June 2026 in UTC."""
    agent = AgentView("maija", "web", AgentKind.HUMAN, level) if level is not None else None
    values: dict[str, Any] = {
        "now": NOON,
        "id": "dec_1",
        "timezone": "UTC",
        "hold_seconds": 3600,
        "agent": agent,
        "limits": limits,
        "ladder": (("new", 1500), ("trusted", 5000)),
        "received": Received(),
    }
    return Context(**{**values, **more})


def answer(book: CompiledRulebook, request: Request, context: Context | None = None) -> Decision:
    """What `decide` says."""
    return decide(book, request, context or a_context())


def codes(decision: Decision) -> list[str]:
    """The codes of the answer's reasons, in order."""
    return [because.code for because in decision.because]
