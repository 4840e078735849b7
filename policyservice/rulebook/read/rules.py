"""Rules, and decision tables spread out to rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policyservice.domain.vocabulary import Basis, Text
from policyservice.rulebook.model import AllOf, Condition, Effect, EffectKind, Interval, Place, Rule, Verify
from policyservice.rulebook.read.conditions import condition, is_positive
from policyservice.rulebook.read.effects import Cells, EffectReader, needs_reference
from policyservice.rulebook.read.parameters import date_fact
from policyservice.rulebook.read.reading import Reading, items, text, title, words
from policyservice.rulebook.read.tables import Row, Table
from policyservice.rulebook.read.verify import verify
from policyservice.rulebook.text.nodes import Mapped, Node, Scalar, is_whole

NOT_POSITIVE = (
    "no positive condition: some fact must be compared (not under `not`, in every branch of an `any`), so that nothing "
    "fires for want of facts"
)
_SAID = (EffectKind.ENTITLE, EffectKind.PERMIT, EffectKind.FORBID)


@dataclass(frozen=True, slots=True)
class Read:
    """A rule, and whether nothing was wrong with it: only sound ones are held against each other."""

    rule: Rule
    sound: bool


@dataclass(frozen=True, slots=True)
class _Head:
    """What a rule or a table says of itself."""

    id: str
    title: Text
    basis: Basis | None
    reference: str | None
    because: Text | str | None
    source: str | None
    in_force: Interval
    in_force_by: str | None
    say: Text | None
    owner: str | None
    verify: Verify | None


class RuleReader:
    """Reads the rules and tables of one document."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def read(self, root: Mapped) -> Iterator[Read]:
        """Every rule and every row, in the order written; one without an id is noted and left out."""
        for node in items(root.get("rules")):
            if isinstance(node, Mapped):
                yield from self._rule(node)
        for node in items(root.get("tables")):
            if isinstance(node, Mapped):
                yield from self._rows(node)

    def _rule(self, node: Mapped) -> Iterator[Read]:
        before = self._reading.faults
        head = self._head(node)
        when = self._condition(node)
        then = self._effects(head, node.get("then"), Cells())
        self._check_said(head.say is not None or "say" in node, then, node.place)
        if when is not None and self._reading.faults == before and not is_positive(when):
            self._reading.note(node.place, NOT_POSITIVE)
        if head.id:
            rule = self._made(head, when or AllOf(()), then, head.title, head.say, node.place)
            yield Read(rule, self._reading.faults == before and is_whole(node))

    def _rows(self, node: Mapped) -> Iterator[Read]:
        before = self._reading.faults
        head = self._head(node)
        when = self._condition(node) if "when" in node else None
        table = Table(self._reading, node)
        table.check()
        of_table = [part for name, part in node.items() if name.text not in ("rows", "then")]
        sound = self._reading.faults == before and not node.partial and all(is_whole(part) for part in of_table)
        sound = sound and all(name in ("rows", "then") or node.get(name) is not None for name in node.entries)
        for row in table.rows():
            yield from self._row(head, when, table, row, sound)

    def _row(self, head: _Head, when: Condition | None, table: Table, row: Row, sound: bool) -> Iterator[Read]:
        before = self._reading.faults
        cells = table.conditions(row)
        whole = AllOf((when, *cells) if when is not None else tuple(cells))
        effects = row.then if row.then is not None else table.then
        if effects is None and not row.has_then and not table.has_then:
            self._reading.note(row.place, "the row has no effects: give it or the table a `then`")
        then = self._effects(head, effects, table.cells(row))
        say = row.say or head.say
        self._check_said(say is not None or row.has_say or table.has_say, then, row.place)
        needs_condition = not (table.is_first and row.number > 0)
        if sound and self._reading.faults == before and needs_condition and not is_positive(whole):
            self._reading.note(row.place, NOT_POSITIVE)
        is_sound = sound and self._reading.faults == before and row.is_whole and (effects is None or is_whole(effects))
        if head.id:
            rule = self._made(head, whole, then, row.title or head.title, say, row.place, row=row, first=table.is_first)
            yield Read(rule, is_sound)

    def _made(
        self,
        head: _Head,
        when: Condition,
        then: tuple[Effect, ...],
        title: Text,
        say: Text | None,
        place: Place,
        *,
        row: Row | None = None,
        first: bool = False,
    ) -> Rule:
        return Rule(
            id=head.id if row is None else f"{head.id}/{row.id}",
            title=title,
            basis=head.basis or Basis.GOODWILL,
            when=when,
            then=then,
            currency=self._reading.currency,
            pack=self._reading.pack,
            reference=head.reference,
            because=head.because,
            source=head.source,
            in_force=head.in_force,
            in_force_by=head.in_force_by,
            say=say,
            table=None if row is None else head.id,
            row=None if row is None else row.number,
            first_hit=first,
            place=place,
            owner=head.owner,
            verify=head.verify,
        )

    def _head(self, node: Mapped) -> _Head:
        stated = words(node, "basis")
        head = _Head(
            id=words(node, "id") or "",
            title=title(node),
            basis=None if stated is None else Basis(stated),
            reference=words(node, "reference"),
            because=text(node, "because") or words(node, "because"),
            source=words(node, "source"),
            in_force=self._in_force(node),
            in_force_by=date_fact(self._reading, node),
            say=text(node, "say"),
            owner=words(node, "owner"),
            verify=verify(self._reading, node),
        )
        if head.basis in (Basis.LAW, Basis.CONTRACT) and "reference" not in node:
            self._reading.note(node.place, needs_reference(head.basis))
        elif "because" not in node and "reference" not in node:
            self._reading.note(node.place, "nothing says why: add `because`, or `reference` to the text it rests on")
        return head

    def _in_force(self, node: Mapped) -> Interval:
        stated = node.get("in_force")
        if not isinstance(stated, Mapped):
            return Interval()
        start, end = _day(stated, "from"), _day(stated, "before")
        if start is not None and end is not None and end <= start:
            self._reading.note(stated.place_of("before"), f"in force from {start} before {end} is never; put it later")
        return Interval(start, end)

    def _condition(self, node: Mapped) -> Condition | None:
        when = node.get("when")
        if not isinstance(when, Mapped) or not when.entries:
            return None  # noted when the shape was checked
        return condition(self._reading, when)

    def _effects(self, head: _Head, node: Node | None, cells: Cells) -> tuple[Effect, ...]:
        has_reference = head.reference is not None
        return EffectReader(self._reading, head.basis, has_reference=has_reference, cells=cells).read(node)

    def _check_said(self, is_said: bool, then: tuple[Effect, ...], place: Place) -> None:
        if not is_said and any(effect.kind in _SAID for effect in then):
            self._reading.note(
                place, "`say` is missing: what entitles, permits or forbids says what the customer may be told"
            )


def _day(node: Mapped, key: str) -> date | None:
    found = node.get(key)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, date) else None
