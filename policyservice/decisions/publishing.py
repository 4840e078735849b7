"""Makes a checked and tested rulebook the one in force from an instant; a bad one never replaces a good one.

The rules are published as text, found by their digest. With the first rulebook come its opening limits and
its cost parameters as version 1. Later ones leave the bounds that managers turned and the cost parameters that were
measured and accepted as they are; what the rules say a limit *is* follows the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from policyservice.assurance import engine_bounds, policy_tests
from policyservice.costs import serial
from policyservice.db import barrier, tables
from policyservice.decisions import cost_versions
from policyservice.domain.errors import EngineFault, FieldProblem, NoRulebookInForce, RulebookRefused
from policyservice.domain.limits import Bound, GuardRails, Limit, LimitSet
from policyservice.engine.checked import CheckedMatcher
from policyservice.engine.evaluator import compile_rules
from policyservice.engine.matcher import DurableMatcher
from policyservice.limits import versions
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook
from policyservice.rulebook.source import Sources


@dataclass(frozen=True, slots=True)
class Published:
    """What is in force from `effective_from`; the versions are new ones where the flags say so."""

    digest: str
    limits: int
    costs: int
    effective_from: datetime
    limits_changed: bool
    costs_changed: bool


def publish(
    conn: Connection,
    sources: Sources,
    *,
    author: str,
    because: str,
    now: datetime,
    effective_from: datetime | None = None,
) -> Published:
    """Publish the packs of `sources` together, in force from `effective_from` (now when left out).

    Raises:
        RulebookRefused: problems in the text, policy tests that fail, or rules that durable_rules cannot hold.
        FieldProblem: `effective_from` has passed.
    """
    start = effective_from or now
    if start < now:
        raise FieldProblem("effective_from", "has passed; what was in force then cannot be changed any more.")
    rulebook = checked(sources, start.toordinal())
    barrier.alone(conn)  # publishers queue, each seeing what the one before it published
    _store(conn, sources, rulebook, now)
    limits, limits_changed = _publish_limits(conn, rulebook, start, author, because, now)
    costs, costs_changed = _publish_costs(conn, rulebook, start, author, because, now)
    conn.execute(
        insert(tables.publication).values(
            digest=rulebook.digest, effective_from=start, published_at=now, author=author, because=because
        )
    )
    return Published(rulebook.digest, limits, costs, start, limits_changed, costs_changed)


def checked(sources: Sources, day: int) -> Rulebook:
    """The rulebook of these texts, loaded, tested, and tried on both evaluators as of a day (its ordinal).

    Raises:
        RulebookRefused: as `publish`.
    """
    rulebook = load(sources)
    problems = engine_bounds.problems(rulebook) or [str(failure) for failure in policy_tests.run(rulebook)]
    if problems:
        raise RulebookRefused(problems)
    _try_both_evaluators(rulebook, day)
    return rulebook


def _try_both_evaluators(rulebook: Rulebook, day: int) -> None:
    """Build the rulebook as it will run and ask it about every reason once.

    Raises:
        RulebookRefused: the evaluators cannot hold it, or do not agree.
    """
    try:
        matcher = DurableMatcher(rulebook)
    except EngineFault as fault:
        raise RulebookRefused([fault.message]) from fault
    checked_matcher = CheckedMatcher(compile_rules(rulebook), matcher)
    currencies = sorted({pack.currency for pack in rulebook.packs})
    faults = [checked_matcher.smoke(rulebook.reasons, day, currency) for currency in currencies]
    checked_matcher.close()
    found = [fault for fault in faults if fault is not None]
    if found:
        raise RulebookRefused(found)


def merged(rulebook: Rulebook, in_force: LimitSet) -> tuple[Limit, ...]:
    """The limits of a rulebook, with the bounds that managers turned.

    A limit that is new opens as the rules say; one that the rules no longer have goes. Where what a limit
    measures has changed its turned bounds mean nothing any more, and it opens anew. A turned bound outside
    the guard rails moves to the nearer rail.
    """
    return tuple(_kept_turned(limit, in_force.by_id(limit.id)) for limit in rulebook.opening_limits.limits)


def _kept_turned(opening: Limit, before: Limit | None) -> Limit:
    if before is None or _measures(opening) != _measures(before):
        return opening
    kept = {
        level: _within(opening, _where_bounded(before.bounds.get(level), bound))
        for level, bound in opening.bounds.items()
    }
    return replace(opening, bounds=kept)


def _measures(limit: Limit) -> tuple[object, ...]:
    return (limit.scope, limit.window, limit.currency, limit.measure, limit.counts, limit.remedies, limit.reasons)


def _where_bounded(turned: Bound | None, opening: Bound) -> Bound:
    """The turned bound in each dimension that the rules bound; the opening one where it was not bounded
    before.
    """
    if turned is None:
        return opening
    return Bound(
        None if opening.amount_minor is None else _first(turned.amount_minor, opening.amount_minor),
        None if opening.count is None else _first(turned.count, opening.count),
    )


def _first(turned: int | None, opening: int) -> int:
    return opening if turned is None else turned


def _within(limit: Limit, bound: Bound) -> Bound:
    return Bound(_clamped(bound.amount_minor, limit.amount_rails), _clamped(bound.count, limit.count_rails))


def _clamped(value: int | None, rails: GuardRails) -> int | None:
    if value is None:
        return None
    raised = max(value, rails.lowest)
    return raised if rails.highest is None else min(raised, rails.highest)


def _store(conn: Connection, sources: Sources, rulebook: Rulebook, now: datetime) -> None:
    table = tables.rulebook
    known = conn.execute(select(table.c.digest).where(table.c.digest == rulebook.digest)).one_or_none()
    if known is None:
        files = {pack: dict(texts) for pack, texts in sources.items()}
        conn.execute(insert(table).values(digest=rulebook.digest, files=files, added_at=now))


def _publish_limits(
    conn: Connection, rulebook: Rulebook, start: datetime, author: str, because: str, now: datetime
) -> tuple[int, bool]:
    try:
        in_force = versions.in_force(conn, start)
    except NoRulebookInForce:
        limits = rulebook.opening_limits.limits
    else:
        limits = merged(rulebook, in_force)
        if limits == in_force.limits:
            return in_force.version, False
    version = versions.publish(conn, LimitSet(0, limits), effective_from=start, author=author, because=because, now=now)
    return version, True


def _publish_costs(
    conn: Connection, rulebook: Rulebook, start: datetime, author: str, because: str, now: datetime
) -> tuple[int, bool]:
    """What was measured and accepted stays, behind what the rules state."""
    stated = rulebook.costs
    try:
        version = cost_versions.in_force(conn, start)
    except NoRulebookInForce:
        pass
    else:
        before = cost_versions.read(conn, version)
        stated += tuple(found for found in before if found.measured)
        if serial.to_json(before) == serial.to_json(stated):
            return version, False
    return cost_versions.publish(conn, stated, effective_from=start, author=author, because=because, now=now), True
