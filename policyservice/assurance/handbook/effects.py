"""Effects in words: what must, is owed, may or may not be given, who decides, what follows."""

from __future__ import annotations

from policyservice.assurance.handbook.amounts import Amounts
from policyservice.assurance.handbook.parameters import parameter
from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.vocabulary import Basis
from policyservice.rulebook.model import Effect, EffectKind, ParameterRef, Rule, Unpriced

_ENTITLED = {Basis.LAW: "must_give", Basis.CONTRACT: "owed", Basis.POLICY: "policy_gives"}
_ORDER = (
    EffectKind.ENTITLE,
    EffectKind.PERMIT,
    EffectKind.FORBID,
    EffectKind.ESCALATE,
    EffectKind.CONCLUDE,
    EffectKind.ADVISE,
)
_GIVING = (EffectKind.ENTITLE, EffectKind.PERMIT)


def sentences(writer: Writer, effects: tuple[Effect, ...], currency: str) -> tuple[str, ...]:
    """Effects as sentences; remedies that nobody may give, or that one person decides about, share one."""
    found: dict[str, None] = {}
    for effect in effects:
        if effect.kind in (EffectKind.FORBID, EffectKind.ESCALATE):
            alike = [other for other in effects if (other.kind, other.to) == (effect.kind, effect.to)]
            found[_barrier(writer, effect, alike)] = None
        else:
            found[_sentence(writer, effect, currency)] = None
    return tuple(found)


def _sentence(writer: Writer, effect: Effect, currency: str) -> str:
    match effect.kind:
        case EffectKind.ENTITLE:
            what = _given(writer, effect, currency, "in_full")
            return writer.say(
                _ENTITLED[effect.basis], what=writer.say("added", what=what) if effect.cumulative else what
            )
        case EffectKind.PERMIT:
            return writer.say("may_give", what=_given(writer, effect, currency, "up_to"))
        case EffectKind.ADVISE:
            return writer.say("note", text=writer.text(effect.text)) if effect.text is not None else ""
        case _:
            return _conclusion(writer, effect, currency)


def _given(writer: Writer, effect: Effect, currency: str, phrase: str) -> str:
    remedy = writer.text(writer.rulebook.remedies[str(effect.remedy)].title)
    if effect.amount is None:
        return remedy
    if effect.amount == Unpriced():
        phrase = "in_full"
    return writer.say(phrase, remedy=remedy, amount=Amounts(writer, currency).words(effect.amount))


def _barrier(writer: Writer, effect: Effect, alike: list[Effect]) -> str:
    names = [writer.text(writer.rulebook.remedies[other.remedy].title) for other in alike if other.remedy is not None]
    is_every = len(names) < len(alike)
    if effect.kind is EffectKind.FORBID:
        return writer.say("nobody_gives", what=writer.say("nothing_at_all") if is_every else ", ".join(names))
    who = writer.who(effect.to) if effect.to else writer.say("higher_up")
    return writer.say("decides", who=who, what=writer.say("everything") if is_every else ", ".join(names))


def _conclusion(writer: Writer, effect: Effect, currency: str) -> str:
    fact, value = str(effect.fact), effect.value
    if isinstance(value, ParameterRef):
        shown = parameter(writer, value.name, fact)
    else:
        shown = writer.value(fact, value if value is not None else "", currency)
    return writer.say("then_known", title=writer.quoted(writer.title(fact)), value=shown)


def badge(writer: Writer, rule: Rule) -> str:
    """The rule's basis in words: law, contract, policy or goodwill, with must, owed or may where it gives."""
    kinds = {effect.kind for effect in rule.then}
    if not kinds & set(_GIVING):
        return writer.say(f"{rule.basis.value}_only")
    if rule.basis is Basis.POLICY:
        return writer.say("entitled_by_policy" if EffectKind.ENTITLE in kinds else "permitted_by_policy")
    return writer.say(rule.basis.value)


def order_of(rule: Rule) -> tuple[int, int]:
    """A sort key: what is given first, what is owed before what may be given, the stronger basis first."""
    return min((_ORDER.index(effect.kind) for effect in rule.then), default=len(_ORDER)), -rule.basis.rank
