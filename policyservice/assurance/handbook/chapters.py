"""The handbook's chapters: one for each reason, with its rules, what to find out, and how far each level goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policyservice.assurance.handbook.amounts import reckoned
from policyservice.assurance.handbook.cards import Card, cards
from policyservice.assurance.handbook.limits import Ladder, ladders
from policyservice.assurance.handbook.reasons import can_hold, names_a_reason
from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.limits import LimitSet, matches_reason
from policyservice.domain.vocabulary import RemedyKind
from policyservice.engine.reads import facts_read, in_amount, in_condition
from policyservice.rulebook.model import EffectKind, ProvidedBy, Reason, Rule


@dataclass(frozen=True, slots=True)
class Chapter:
    """A reason: its rules as cards, and what is said around them. `bases` are the words of its badges, each once."""

    name: str
    title: str
    bases: tuple[tuple[str, str], ...]
    find_out: tuple[str, ...]
    ladders: tuple[Ladder, ...]
    cards: tuple[Card, ...]
    reckoning: tuple[str, ...]
    otherwise: tuple[str, ...]


def in_force(writer: Writer) -> list[Rule]:
    """The rules in force on the day; those that a fact dates are always among them."""
    day = writer.day.toordinal()
    return [rule for rule in writer.rulebook.rules if rule.in_force_by is not None or rule.in_force.holds(day)]


def to_come(writer: Writer) -> tuple[str, ...]:
    """The rules that begin later, by name and day; rows of one table once."""
    found: dict[str, None] = {}
    for rule in writer.rulebook.rules:
        start = rule.in_force.start
        if rule.in_force_by is None and start is not None and start > writer.day:
            found[writer.say("starts", title=writer.text(rule.title), day=writer.date(start))] = None
    return tuple(found)


def chapters(writer: Writer, limits: LimitSet) -> tuple[Chapter, ...]:
    """A chapter for each reason, in the order of the catalogue."""
    rules = in_force(writer)
    bounded = [rule for rule in rules if names_a_reason(rule.when)]
    reads = facts_read(writer.rulebook)
    found = []
    for reason in writer.rulebook.reasons.values():
        own = rules_for(bounded, reason.name)
        shown = cards(writer, own)
        found.append(
            Chapter(
                name=reason.name,
                title=writer.text(reason.title),
                bases=tuple({(card.basis, card.badge): None for card in shown}),
                find_out=_find_out(writer, (name for rule in own for name in reads[rule.id])),
                ladders=ladders(writer, limits, reason.name, rules_for(rules, reason.name)),
                cards=shown,
                reckoning=_reckoning(writer, own),
                otherwise=tuple(_otherwise(writer, reason, own)),
            )
        )
    return tuple(found)


def whatever_the_reason(writer: Writer) -> tuple[Card, ...]:
    """The rules that no reason bounds."""
    return cards(writer, [rule for rule in in_force(writer) if not names_a_reason(rule.when)])


def rules_for(rules: Iterable[Rule], reason: str) -> list[Rule]:
    """Those of some rules that can speak about a reason."""
    return [rule for rule in rules if can_hold(rule.when, reason)]


def _find_out(writer: Writer, names: Iterable[str]) -> tuple[str, ...]:
    asked = set(names)
    told = []
    for name, fact in writer.rulebook.facts.items():
        if name not in asked or fact.provided_by is ProvidedBy.RULES:
            continue
        title = writer.text(fact.title)
        if fact.presume is not None:
            currency = writer.rulebook.pack(fact.pack).currency
            title = writer.say("presumed", title=title, value=writer.value(name, fact.presume, currency))
        told.append(writer.say("by_system", title=title) if fact.provided_by is ProvidedBy.SYSTEM else title)
    return tuple(told)


def _reckoning(writer: Writer, rules: Sequence[Rule]) -> tuple[str, ...]:
    """How the reckoned facts of some rules are reckoned, those that they rest on included."""
    book = writer.rulebook
    waiting = [name for rule in rules for name in _named(writer, rule)]
    seen: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        if name in book.reckoned and name not in seen:
            seen[name] = None
            waiting.extend(in_amount(book.reckoned[name].expression, book))
    return tuple(
        writer.say("reckoned", title=writer.quoted(title), words=reckoned(writer, name, None))
        for name in seen
        if (title := writer.title(name))
    )


def _named(writer: Writer, rule: Rule) -> Iterable[str]:
    yield from in_condition(rule.when, writer.rulebook)
    for effect in rule.then:
        if effect.amount is not None:
            yield from in_amount(effect.amount, writer.rulebook)


def _otherwise(writer: Writer, reason: Reason, rules: Sequence[Rule]) -> Iterable[str]:
    """What is true beside the rules: what was paid, what is not listed, who decides beyond."""
    book, say = writer.rulebook, writer.say
    gives = [effect for rule in rules for effect in rule.then if effect.kind in (EffectKind.ENTITLE, EffectKind.PERMIT)]
    if any(book.remedies[str(effect.remedy)].kind is RemedyKind.REFUND for effect in gives):
        yield from _paid(writer, reason.name)
    if reason.closes:
        listed = ", ".join(writer.text(book.remedies[name].title) for name in sorted(reason.closes))
        yield say("otherwise_closes", listed=listed)
    yield say("otherwise_closed" if reason.closed else "otherwise_open")
    if reason.because is not None:
        yield writer.text(reason.because)
    pack = book.pack(reason.pack)
    minutes = reason.answer_within_minutes or pack.answer_within_minutes
    if not reason.closed or gives:
        yield say("reason_beyond", who=writer.who(pack.beyond), duration=writer.duration(minutes))
        steps = reason.answer_within_by_amount or (
            () if reason.answer_within_minutes is not None else pack.answer_within_by_amount
        )
        currency = reason.currency if reason.answer_within_by_amount else pack.currency
        for at_least, within in steps:
            yield say("answer_by_amount", amount=writer.money(at_least, currency), duration=writer.duration(within))


def _paid(writer: Writer, reason: str) -> Iterable[str]:
    for fact in writer.rulebook.facts.values():
        title = writer.quoted(writer.text(fact.title))
        if any(matches_reason(pattern, reason) for pattern in fact.paid_for):
            yield writer.say("refund_paid", fact=title)
        elif any(matches_reason(pattern, reason) for pattern in fact.paid_where_known):
            yield writer.say("refund_paid_where_known", fact=title)
