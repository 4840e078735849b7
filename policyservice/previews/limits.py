"""What a draft of the limits would have done to decisions of the past: the same `decide`, positions folded in memory.

Every decision of the period is decided again under the draft, in the order it was logged; nothing is written. What
became of decisions that stay allowed (voided, ended, reversed) happens again; what would have been allowed besides
counts as given in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from policyservice.db import tables
from policyservice.decisions import log, record
from policyservice.decisions.considering import footprint_of
from policyservice.decisions.context import ladder_of
from policyservice.decisions.record import Record
from policyservice.decisions.replay import recompute
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.decision import Context, Decision, Outcome
from policyservice.domain.limits import Grant, LimitSet
from policyservice.domain.vocabulary import RemedyKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.ledger.algebra import held_by, meet, specs_of, states
from policyservice.ledger.memory import MemoryLedger
from policyservice.ledger.values import Footprint
from policyservice.limits import grants as trust_grants
from policyservice.previews.folding import EntriesAhead, count

_MOST_EXAMPLES = 10
_BATCH = 500
_decision = tables.decision


@dataclass(frozen=True, slots=True)
class Change:
    """One decision that would have come out otherwise.

    Amounts in minor units. `limit` is what bound it then, or would bind it under the draft.
    """

    decision: str
    at: datetime
    agent: str
    reason: str
    remedy: str
    amount_minor: int | None
    currency: str
    before: Outcome
    after: Outcome
    limit: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect of a draft on the decisions of a period.

    `changes` counts by (outcome then, outcome under the draft). `goodwill_more` is what the draft would have let be
    given beyond what was, less what it would have kept back, in minor units by currency.
    """

    decisions: int
    changes: Mapping[tuple[Outcome, Outcome], int]
    goodwill_more: Mapping[str, int]
    examples: tuple[Change, ...]


def preview(
    conn: Connection,
    rulebooks: Rulebooks,
    draft: LimitSet,
    *,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> Preview:
    """The effect of `draft` on what was asked from `since` on and before `until`; the largest changes are examples."""
    folding = _Folding(conn, rulebooks, draft, zone, trust_grants.not_ended(conn, since))
    folding.count_before(since)
    for row in _asked(conn, since, until):
        folding.decide_again(row)
    return folding.summary()


class _Folding:
    """The positions under the draft, folded decision by decision, and what changed on the way."""

    def __init__(
        self,
        conn: Connection,
        rulebooks: Rulebooks,
        draft: LimitSet,
        zone: ZoneInfo,
        grants: tuple[Grant, ...],
    ) -> None:
        self._conn = conn
        self._rulebooks = rulebooks
        self._draft = draft
        self._zone = zone
        self._grants = grants
        self._store = MemoryLedger(zone, [draft])
        self._entries = EntriesAhead(conn)
        self._kept_back: set[str] = set()
        self._decisions = 0
        self._changes: Counter[tuple[Outcome, Outcome]] = Counter()
        self._goodwill: Counter[str] = Counter()
        self._examples: list[Change] = []

    def count_before(self, since: datetime) -> None:
        """Count what was booked before the period as it happened."""
        for entry in self._entries.while_(lambda entry: entry.at < since):
            count(self._store, entry)

    def decide_again(self, row: Row[Any]) -> None:
        """Decide one logged decision under the draft, and count what it would have held."""
        self._catch_up(row)
        then = record.from_json(row.record)
        policy = log.policy_of(row)
        book = self._rulebooks.plain(self._conn, policy.rules, policy.costs)
        footprint = footprint_of(then.request, then.context.agent, then.context.now)
        again = recompute(book, then.request, self._context(book, then, footprint), then.decision)
        self._decisions += 1
        if again.outcome is Outcome.ALLOW:
            is_refund = row.remedy_kind == RemedyKind.REFUND.value
            self._store.book(held_by(again, footprint, is_refund=is_refund))
        if again.outcome is not then.decision.outcome:
            self._note(then, again)

    def summary(self) -> Preview:
        """What changed until now."""
        largest = sorted(self._examples, key=lambda change: (-(change.amount_minor or 0), change.decision))
        return Preview(self._decisions, dict(self._changes), dict(self._goodwill), tuple(largest[:_MOST_EXAMPLES]))

    def _catch_up(self, row: Row[Any]) -> None:
        """Count what became of earlier decisions before this one was asked; holds are counted as they are decided."""

        def was_before(entry: Row[Any]) -> bool:
            if row.hold_seq is not None:
                return bool(entry.seq < row.hold_seq)
            return bool(entry.at <= row.logged_at)

        for entry in self._entries.while_(was_before):
            if entry.number > 0 and entry.decision_id not in self._kept_back:
                count(self._store, entry)

    def _context(self, book: CompiledRulebook, then: Record, footprint: Footprint) -> Context:
        request, context = then.request, then.context
        level = context.agent.trust_level if context.agent else None
        met = meet(self._draft, footprint, level, self._holding(footprint), self._zone)
        used = self._store.peek(specs_of(met), footprint.at)
        return replace(
            context,
            limits=states(met, used),
            limits_version=self._draft.version,
            ladder=ladder_of(book.rulebook, self._draft, request),
            received=self._store.received(request.order, request.case, request.currency),
        )

    def _holding(self, footprint: Footprint) -> tuple[Grant, ...]:
        return tuple(
            grant
            for grant in self._grants
            if grant.starts_at <= footprint.at < grant.ends_at
            and (grant.agent == footprint.agent if grant.agent is not None else grant.team == footprint.team)
        )

    def _note(self, then: Record, again: Decision) -> None:
        logged = then.decision
        self._changes[logged.outcome, again.outcome] += 1
        if logged.outcome is Outcome.ALLOW:
            self._kept_back.add(logged.id)
        self._goodwill[again.currency] += again.goodwill_minor - logged.goodwill_minor
        bound = again.binding_limit or logged.binding_limit
        change = Change(
            logged.id,
            then.context.now,
            then.request.agent or "",
            then.request.reason,
            then.request.remedy,
            then.request.amount_minor,
            again.currency,
            logged.outcome,
            again.outcome,
            bound.limit if bound else None,
        )
        self._examples.append(change)
        if len(self._examples) > 50 * _MOST_EXAMPLES:
            self._examples = list(self.summary().examples)


def _asked(conn: Connection, since: datetime, until: datetime) -> Iterator[Row[Any]]:
    """The decisions logged in a period, in order, each with the number of its hold's entry."""
    hold = tables.entry
    query = (
        select(_decision, hold.c.seq.label("hold_seq"))
        .outerjoin(hold, (hold.c.decision_id == _decision.c.id) & (hold.c.number == 0))
        .where(_decision.c.logged_at >= since, _decision.c.logged_at < until)
        .order_by(_decision.c.seq)
        .limit(_BATCH)
    )
    after = 0
    while True:
        rows = conn.execute(query.where(_decision.c.seq > after)).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        after = rows[-1].seq
