"""One rule as a card, or the rows of one decision table as a card with a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from policyservice.assurance.handbook import references
from policyservice.assurance.handbook.conditions import Conditions, Point, side_by_side, together
from policyservice.assurance.handbook.effects import badge, order_of, sentences
from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.vocabulary import Text
from policyservice.engine.reads import facts_behind
from policyservice.rulebook.model import Compare, Condition, Effect, Rule, Verify

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the rule that it is, and its cells; the last cell lists what follows and may be said."""

    rule: str
    cells: tuple[str, ...]
    title: str
    effects: tuple[str, ...]
    say: str


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table: the heads of the columns, the rows, and how they are read."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    """What one rule or table says. `basis` is law, contract, policy or goodwill; `badge` says it in words.

    `reference` is as the pack has it, in English; so is `because` where the pack has it in one language alone.
    """

    rule: str
    title: str
    basis: str
    badge: str
    effects: tuple[str, ...]
    conditions: tuple[Point, ...]
    table: Table | None
    say: str
    reference: str
    certainty: str
    because: str
    because_is_english: bool
    notes: tuple[str, ...]
    order: tuple[int, int]


def cards(writer: Writer, rules: Sequence[Rule]) -> tuple[Card, ...]:
    """Rules as cards, what is given first; rows of one table stand together."""
    tables: dict[str, list[Rule]] = {}
    found: list[Card] = []
    for rule in rules:
        tables.setdefault(rule.table or rule.id, []).append(rule)
    for rows in tables.values():
        found.append(_one(writer, rows[0]) if len(rows) == 1 else _table(writer, rows))
    return tuple(sorted(found, key=lambda card: card.order))


def _one(writer: Writer, rule: Rule) -> Card:
    parts = side_by_side(rule.when)
    return _card(
        writer,
        rule,
        effects=sentences(writer, rule.then, rule.currency),
        conditions=Conditions(writer, rule.currency).points(parts),
        table=None,
        say=rule.say,
    )


def _table(writer: Writer, rows: Sequence[Rule]) -> Card:
    words = Conditions(writer, rows[0].currency)
    parts = {rule.id: side_by_side(rule.when) for rule in rows}
    common = [part for part in parts[rows[0].id] if all(part in parts[rule.id] for rule in rows)]
    own = {rule.id: [part for part in parts[rule.id] if part not in common] for rule in rows}
    columns = [fact for fact, _ in together([part for rule in rows for part in own[rule.id]]) if fact is not None]
    shared = tuple(effect for effect in rows[0].then if all(_alike(effect, rule) for rule in rows))
    title, said = _usual([rule.title for rule in rows]), _usual([rule.say for rule in rows])
    table = Table(
        heads=(*(words.heading(fact) for fact in columns), writer.say("then")),
        rows=tuple(_row(writer, words, rule, columns, own[rule.id], shared, title, said) for rule in rows),
        note=writer.say("first_row" if rows[0].first_hit else "every_row"),
    )
    return _card(
        writer,
        rows[0],
        effects=sentences(writer, shared, rows[0].currency),
        conditions=words.points(common),
        table=table,
        say=said,
    )


def _alike(effect: Effect, rule: Rule) -> bool:
    """Whether a rule has the same effect; where it stands in the text aside."""
    return any(_said(effect) == _said(other) for other in rule.then)


def _said(effect: Effect) -> tuple[object, ...]:
    amount = (effect.amount, effect.cumulative, effect.value, effect.fact)
    return (effect.kind, effect.basis, effect.remedy, effect.to, effect.text, *amount)


def _row(
    writer: Writer,
    words: Conditions,
    rule: Rule,
    columns: Sequence[str],
    own: Sequence[Condition],
    shared: Sequence[Effect],
    title: Text | None,
    said: Text | None,
) -> Row:
    known = [_said(effect) for effect in shared]
    effects = tuple(effect for effect in rule.then if _said(effect) not in known)
    wanted = {fact: [part for part in own if isinstance(part, Compare) and part.fact == fact] for fact in columns}
    return Row(
        rule=rule.id,
        cells=tuple(words.wanted(wanted[fact]) if wanted[fact] else writer.say("any_value") for fact in columns),
        title="" if rule.title == title else writer.text(rule.title),
        effects=sentences(writer, effects, rule.currency),
        say="" if rule.say == said or rule.say is None else writer.text(rule.say),
    )


def _usual(texts: Sequence[Text | None]) -> Text | None:
    return Counter(texts).most_common(1)[0][0]


def _card(
    writer: Writer,
    rule: Rule,
    *,
    effects: tuple[str, ...],
    conditions: tuple[Point, ...],
    table: Table | None,
    say: Text | None,
) -> Card:
    cited, why = references.cited(writer, rule.reference or ""), rule.because
    return Card(
        rule=rule.id,
        title=writer.text(rule.title),
        basis=rule.basis.value,
        badge=badge(writer, rule),
        effects=effects,
        conditions=conditions,
        table=table,
        say=writer.text(say) if say is not None else "",
        reference=cited.text,
        certainty=cited.certainty,
        because=writer.text(why) if isinstance(why, Text) else why or "",
        because_is_english=isinstance(why, str),
        notes=_notes(writer, rule),
        order=order_of(rule),
    )


def _notes(writer: Writer, rule: Rule) -> tuple[str, ...]:
    notes = []
    if len({pack.currency for pack in writer.rulebook.packs} | {r.currency for r in writer.rulebook.rules}) > 1:
        notes.append(writer.say("only_currency", currency=rule.currency))
    start, end = rule.in_force.start, rule.in_force.end
    if rule.in_force_by is not None and start is not None:
        fact, day = writer.quoted(writer.title(rule.in_force_by)), writer.date(start)
        if end is None:
            notes.append(writer.say("dated_from", fact=fact, day=day))
        else:
            notes.append(writer.say("dated_between", fact=fact, day=day, last=writer.date(end - _A_DAY)))
    elif end is not None:
        notes.append(writer.say("until", day=writer.date(end - _A_DAY)))
    if rule.verify is not None:
        notes.append(_verified(writer, rule.verify, rule.currency))
    return tuple(notes)


def _verified(writer: Writer, verify: Verify, currency: str) -> str:
    amount, book = writer.money(verify.above_minor, currency), writer.rulebook
    if not verify.facts:
        return writer.say("verify", amount=amount)
    behind = facts_behind({"": verify.facts}, book)[""]
    listed = ", ".join(writer.title(name) for name in book.facts if name in behind)
    return writer.say("verify_facts", amount=amount, listed=listed)
