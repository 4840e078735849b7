"""Every rule and limit that was considered for a decision, and what became of each, in plain sentences.

The second evaluator tells false from unknown, which is what makes a "why not" possible. Works on what was logged, so an
explanation years later is the one of that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from policyservice.domain.case import Request
from policyservice.domain.decision import Context
from policyservice.domain.limits import LimitState
from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import Basis, FactType, FactValue, Text
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.room import Room, room_for
from policyservice.engine.traces import LeafTrace, RuleState, RuleTrace
from policyservice.engine.words import listed, money
from policyservice.rulebook.model import Effect, Op, Rule

_OPS = {
    Op.IS: Text("is", "on"),
    Op.IS_NOT: Text("is not", "ei ole"),
    Op.AT_LEAST: Text("is at least", "on vähintään"),
    Op.AT_MOST: Text("is at most", "on enintään"),
    Op.MORE_THAN: Text("is more than", "on yli"),
    Op.LESS_THAN: Text("is less than", "on alle"),
    Op.ONE_OF: Text("is one of", "on jokin näistä:"),
    Op.NONE_OF: Text("is none of", "ei ole mikään näistä:"),
    Op.PRESENT: Text("is given", "on annettu"),
}


@dataclass(frozen=True, slots=True)
class ConditionTold:
    """One comparison of a rule: in words, what was found, and whether it holds (None: not known)."""

    text: Text
    holds: bool | None


@dataclass(frozen=True, slots=True)
class VerifyTold:
    """What a rule, or a pack for it, demands above a sum in minor units: facts by name, and those not verified yet."""

    text: Text
    above_minor: int
    facts: tuple[str, ...]
    unverified: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleTold:
    """One rule: fired, not_fired, unknown, not_in_force or other_currency, and why."""

    rule: str
    title: Text
    basis: Basis
    reference: str | None
    state: RuleState
    effects: tuple[str, ...]  # such as "permit credit"
    conditions: tuple[ConditionTold, ...]
    missing: tuple[str, ...]
    verify: VerifyTold | None = None


@dataclass(frozen=True, slots=True)
class LimitTold:
    """One limit: what it left for the asked remedy, and whether it binds; sums in minor units."""

    state: LimitState
    applies: bool
    left_minor: int | None
    left_count: int | None
    binds: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was considered for one decision: rules of its reason, and limits that met it."""

    rules: tuple[RuleTold, ...]
    limits: tuple[LimitTold, ...]
    entitled_minor: int
    permitted_minor: int


def explain(book: CompiledRulebook, request: Request, context: Context) -> Explanation:
    """Every rule and limit considered for a request in a context, and what became of each."""
    day = context.now.astimezone(ZoneInfo(context.timezone)).date().toordinal()
    given = {**request.facts, "reason": request.reason}
    findings = book.evaluate(given, day, request.currency)
    room = room_for(book, findings, request.remedy, request.reason, request.currency, day, context)
    traces = book.rules.explain(given, day, request.currency)
    return Explanation(
        rules=tuple(_rule(book, trace, request.currency, context) for trace in traces),
        limits=tuple(_limit(state, request, room) for state in context.limits),
        entitled_minor=room.spoken.entitled_minor,
        permitted_minor=room.spoken.permitted_minor,
    )


def _rule(book: CompiledRulebook, trace: RuleTrace, currency: str, context: Context) -> RuleTold:
    rule = book.by_id[trace.rule]
    return RuleTold(
        rule=rule.id,
        title=rule.title,
        basis=rule.basis,
        reference=rule.reference,
        state=trace.state,
        effects=tuple(_effect(effect) for effect in rule.then),
        conditions=tuple(ConditionTold(_sentence(book, leaf, currency), leaf.holds) for leaf in trace.leaves),
        missing=trace.missing,
        verify=_verify(book, rule, context) if rule.currency == currency else None,
    )


def _verify(book: CompiledRulebook, rule: Rule, context: Context) -> VerifyTold | None:
    demand = book.demands.get(rule.id)
    if demand is None:
        return None
    facts, unverified = tuple(sorted(demand.facts)), tuple(sorted(demand.facts - context.verified))
    above = money(demand.above_minor, rule.currency)
    left = listed(book.rulebook.facts[name].title for name in unverified)
    text = Text(
        f"Above {above.en} to be verified first: {left.en or 'nothing, all is verified'}",
        f"Kun summa on yli {above.fi}, ensin on varmistettava: {left.fi or 'ei mitään, kaikki on varmistettu'}",
    )
    return VerifyTold(text, demand.above_minor, facts, unverified)


def _effect(effect: Effect) -> str:
    subject = effect.fact or effect.remedy or ("every remedy" if effect.text is None else "")
    return f"{effect.kind} {subject}".strip()


def _sentence(book: CompiledRulebook, leaf: LeafTrace, currency: str) -> Text:
    """One comparison in words: what the rule wants, and what was found."""
    name = _name(book, leaf.fact)
    wanted = _wanted(book, leaf, currency)
    if leaf.op is Op.PRESENT:
        wanted = Text("", "") if leaf.value else Text("(no)", "(ei)")
    found = _found(book, leaf, currency)
    return Text(
        f"{name.en} {_OPS[leaf.op].en} {wanted.en}".rstrip() + f"; {found.en}",
        f"{name.fi} {_OPS[leaf.op].fi} {wanted.fi}".rstrip() + f"; {found.fi}",
    )


def _name(book: CompiledRulebook, fact: str) -> Text:
    declared = book.rulebook.facts.get(fact) or book.rulebook.reckoned.get(fact)
    return declared.title if declared is not None else Text("Reason", "Syy")


def _wanted(book: CompiledRulebook, leaf: LeafTrace, currency: str) -> Text:
    if leaf.value is None:
        unknown = leaf.parameter or "?"
        return Text(f"{unknown} (no value yet)", f"{unknown} (ei vielä arvoa)")
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    shown = ", ".join(_value(book, leaf.fact, value, currency) for value in values)
    return Text(shown, shown)


def _found(book: CompiledRulebook, leaf: LeafTrace, currency: str) -> Text:
    if leaf.found is None:
        return Text("it is not known", "ei tiedossa")
    shown = _value(book, leaf.fact, leaf.found, currency)
    if leaf.presumed:
        return Text(f"it is presumed to be {shown}", f"oletetaan: {shown}")
    return Text(f"it is {shown}", f"on {shown}")


def _value(book: CompiledRulebook, fact: str, value: FactValue, currency: str) -> str:
    declared = book.rulebook.facts.get(fact) or book.rulebook.reckoned.get(fact)
    kind = declared.type if declared is not None else FactType.CODE
    if kind is FactType.MONEY and isinstance(value, int):
        return f"{decimal_string(value, currency)} {currency}"
    if kind is FactType.DATE and isinstance(value, int):
        return date.fromordinal(value).isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _limit(state: LimitState, request: Request, room: Room) -> LimitTold:
    left = next((item for item in room.left if item.state is state), None)
    if left is None:
        return LimitTold(state, applies=False, left_minor=None, left_count=None, binds=False)
    asked = max(0, (request.amount_minor or 0) - room.spoken.entitled_minor)
    return LimitTold(state, True, left.amount_minor, left.times, binds=left.face_minor < asked)
