"""The rule sets of durable_rules: a rulebook's rules in pieces, by stratum and reason, none too full for the library.

Every rule set begins each of its rules with the same positive equality, its own number, which nothing but a fact
meant for it carries; so the engine's own state never matches, and no rule is met by "property absent". A rule set
that is full is followed by another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from policyservice.domain.errors import EngineFault
from policyservice.engine.conditions import conjuncts
from policyservice.engine.forms import CURRENCY, SHARD, Both, Either, Form, FormWriter, Leaf, Properties
from policyservice.engine.pieces import (
    MOST_ALTERNATIVES,
    MOST_AT_ONCE,
    MOST_CONDITIONS,
    MOST_PROPERTIES,
    alternatives,
    as_json,
    at_once,
    conditions,
    properties,
    split,
)
from policyservice.engine.shards import Shards, reasons_fixed
from policyservice.engine.strata import Strata, conclusions, first_hit_tables
from policyservice.rulebook.model import AllOf, Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Piece:
    """One durable rule: where it matches, `rule` holds (or, with `holds` false, fails)."""

    rule: str
    holds: bool
    form: Form


@dataclass(slots=True)
class Chunk:
    """One rule set. `reason` None: for every reason. Pieces are named by their place in the list."""

    number: int
    stratum: int
    reason: str | None
    pieces: list[Piece] = field(default_factory=list)
    at_once: int = 0
    conditions: int = 0
    alternatives: int = 0
    properties: set[str] = field(default_factory=set)

    def takes(self, piece: Piece) -> bool:
        """Whether a piece still fits."""
        return (
            self.at_once + at_once(piece.form) <= MOST_AT_ONCE
            and self.conditions + conditions(piece.form) <= MOST_CONDITIONS
            and self.alternatives + alternatives(piece.form) <= MOST_ALTERNATIVES
            and len(self.properties | set(properties(piece.form))) <= MOST_PROPERTIES
        )

    def add(self, piece: Piece) -> None:
        """Put a piece in."""
        self.pieces.append(piece)
        self.at_once += at_once(piece.form)
        self.conditions += conditions(piece.form)
        self.alternatives += alternatives(piece.form)
        self.properties.update(properties(piece.form))


class Chunks:
    """A rulebook as rule sets; `too_large` maps rules that cannot be split small enough to why."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.names = Properties()
        self.strata = Strata(rulebook)
        self.all: list[Chunk] = []
        self.too_large: dict[str, str] = {}
        self._writer = FormWriter(rulebook, self.names)
        self._rulebook = rulebook
        self._tables = first_hit_tables(rulebook.rules)
        self._last: dict[tuple[int, str | None], Chunk] = {}
        self.shards = Shards(rulebook)
        for rule in rulebook.rules:
            try:
                self._add(rule, list(self._pieces(rule)))
            except EngineFault as fault:
                self.too_large[rule.id] = fault.what
        self._rows = {reason: first_hit_tables(self.shards.of(reason)) for reason in ("", *self.shards.fixed)}

    def of(self, stratum: int, reason: str) -> list[Chunk]:
        """The rule sets that can speak about a reason, in one stratum."""
        return [chunk for chunk in self.all if chunk.stratum == stratum and chunk.reason in (None, reason)]

    def rows(self, reason: str) -> dict[str, list[Rule]]:
        """The rows of each first-hit table that can speak about a reason."""
        return self._rows[reason if reason in self._rows else ""]

    def _add(self, rule: Rule, pieces: list[Piece]) -> None:
        fixed = reasons_fixed(rule.when)
        for reason in [None] if fixed is None else sorted(fixed):
            for piece in pieces:
                self._chunk_for(self.strata.stratum[rule.id], reason, piece).add(piece)

    def _chunk_for(self, stratum: int, reason: str | None, piece: Piece) -> Chunk:
        chunk = self._last.get((stratum, reason))
        if chunk is None or not chunk.takes(piece):
            chunk = self._last[stratum, reason] = Chunk(len(self.all), stratum, reason)
            self.all.append(chunk)
        return chunk

    def _pieces(self, rule: Rule) -> Iterator[Piece]:
        whole = Both((*self._frame(rule), self._writer.holds(rule.when)))
        for form in split(whole):
            yield Piece(rule.id, True, form)
        for form in split(self._failing(rule)):
            yield Piece(rule.id, False, form)

    def _frame(self, rule: Rule) -> tuple[Form, ...]:
        """What a rule asks beside its condition: its currency, and that it is in force."""
        return (Leaf(CURRENCY, "eq", rule.currency), *self._writer.within(rule.in_force, rule.in_force_by))

    def _failing(self, rule: Rule) -> Form:
        """Where a rule is known not to hold, as far as anything depends on that."""
        rows = self._tables.get(rule.table or "", []) if rule.first_hit else []
        if any(self._concludes_presumed(row) for row in (rule, *rows)):
            return self._fails(rule)
        if not rows or rule is rows[-1]:
            return Either(())
        if len({(row.currency, row.in_force, row.in_force_by) for row in rows}) > 1:
            return self._fails(rule)
        # Only while the table as a whole applies does it matter that a row fails; otherwise no row fires anyway.
        shared = set.intersection(*(set(conjuncts(row.when)) for row in rows))
        parts = conjuncts(rule.when)
        common = AllOf(tuple(part for part in parts if part in shared))
        own = AllOf(tuple(part for part in parts if part not in shared))
        return Both((*self._frame(rule), self._writer.holds(common), self._writer.fails(own)))

    def _fails(self, rule: Rule) -> Form:
        other = Leaf(CURRENCY, "neq", rule.currency)
        outside = self._writer.outside(rule.in_force, rule.in_force_by)
        return Either((other, *outside, self._writer.fails(rule.when)))

    def _concludes_presumed(self, rule: Rule) -> bool:
        """Whether it matters that a rule fails, since what it would conclude is presumed otherwise."""
        facts = self._rulebook.facts
        return any(name in facts and facts[name].presume is not None for name in conclusions(rule))


def bounds_exceeded(rulebook: Rulebook) -> dict[str, str]:
    """The rules that durable_rules cannot hold, each with why; to be refused when a rulebook is checked."""
    return Chunks(rulebook).too_large


def durable_condition(chunk: Chunk, piece: Piece) -> list[dict[str, object]]:
    """The condition of a piece as a rule of its rule set."""
    inner = piece.form if isinstance(piece.form, Both) else Both((piece.form,))
    return [{"m": as_json(Both((Leaf(SHARD, "eq", chunk.number), *inner.of)))}]
