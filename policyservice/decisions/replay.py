"""Re-computes logged decisions from their records, and says which fields differ from what was answered.

Nothing but the row, the rulebook of its digest and its version of the costs is used: a replay years later
gives the same answer, or shows that the log, a rulebook or the engine was altered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Row

from policyservice.db.types import canonical_json
from policyservice.decisions import log, record
from policyservice.decisions.codec import encode
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision
from policyservice.domain.errors import NotFound
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.compiled import CompiledRulebook, Evaluate
from policyservice.engine.decide import decide
from policyservice.engine.evaluator import Findings

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a decision: what the log says, and what it re-computes to."""

    field: str
    logged: str
    recomputed: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision of the log, re-computed; without differences it is what it was."""

    seq: int
    id: str
    differences: tuple[Difference, ...]


def replay(conn: Connection, rulebooks: Rulebooks, *, after_seq: int = 0) -> Iterator[Replayed]:
    """Re-compute every decision logged after `after_seq`, in order, one at a time however long the log."""
    for row in log.in_order(conn, after_seq=after_seq):
        yield Replayed(row.seq, row.id, tuple(_differences(conn, rulebooks, row)))


def recompute(book: CompiledRulebook, request: Request, context: Context, logged: Decision) -> Decision:
    """The decision again, an engine fault of then reproduced: a fault is what happened, not what the rules
    say.
    """
    return decide(book, request, context, _as_then(book, logged))


def _as_then(book: CompiledRulebook, logged: Decision) -> Evaluate | None:
    if logged.fault is None:
        return None

    def evaluate(given: Mapping[str, FactValue], day: int, currency: str) -> Findings:
        found = book.evaluate(given, day, currency)
        return replace(
            found,
            fired=logged.rules,
            facts=logged.facts,
            presumed=logged.presumed,
            derived=logged.derived,
            fault=logged.fault,
        )

    return evaluate


def _differences(conn: Connection, rulebooks: Rulebooks, row: Row[Any]) -> Iterator[Difference]:
    try:
        request, context, logged = record.from_json(row.record)
        policy = log.policy_of(row)
        book = rulebooks.plain(conn, policy.rules, policy.costs)
        again = recompute(book, request, context, logged)
    except (NotFound, ValueError, KeyError, TypeError) as unreadable:
        yield Difference("record", _shown(str(unreadable)), "cannot be re-computed")
        return
    yield from _by_field(logged, again)
    kind = book.rulebook.remedies[request.remedy].kind
    for name, value in log.columns(request, context, again, policy, kind).items():
        if name != "record" and getattr(row, name) != value:
            yield Difference(f"column {name}", _shown(getattr(row, name)), _shown(value))


def _by_field(logged: Decision, again: Decision) -> Iterator[Difference]:
    if logged == again:
        return
    before, after = encode(logged), encode(again)
    for name in (field.name for field in fields(Decision)):
        if before.get(name) != after.get(name):
            yield Difference(name, _shown(before.get(name)), _shown(after.get(name)))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else canonical_json(_plain(value))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | str | list | dict | None) else str(value)
