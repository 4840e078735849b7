"""Reads what became of cases from the log, for calibration.

A case is what was decided under one reference in a period. It was escalated where an escalation of it was answered,
given up where it was withdrawn; one whose escalations are all open is not over and is left out. Silence is told apart
from nothing: repeat contacts, churn and public complaints are known only for kinds of which something was heard in the
period, and only once the days that outcomes count are over; a case of which nothing was heard then had none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from policyservice.cases import outcomes
from policyservice.cases.outcomes import Outcome, OutcomeKind
from policyservice.costs.calibration.observed import Observed, Path
from policyservice.db import tables
from policyservice.decisions.services import Services
from policyservice.domain.money import exponent
from policyservice.resolutions import handling
from policyservice.resolutions.handling import NOBODY, SECOND_TIER, Met, Tiers

_decision, _escalation, _entry = tables.decision, tables.escalation, tables.entry
_WITHDRAWN = "withdrawn"
_GIVEN = frozenset({"granted", "partial", "other"})
_TIER_FACT = "customer.tier"


@dataclass(slots=True)
class _Case:
    """What was read of one case, by the pseudonyms of the log."""

    first: Any  # the row of its first decision
    loss: float
    tier: str
    decisions: set[str] = field(default_factory=set)
    granted_by: set[str] = field(default_factory=set)  # decisions that answered its escalations
    escalations: list[Any] = field(default_factory=list)
    allowed: bool = False
    given_at: datetime | None = None
    cost: float = 0.0
    heard: list[Outcome] = field(default_factory=list)


def observed(conn: Connection, services: Services, since: datetime, before: datetime) -> Iterator[Observed]:
    """The cases whose first decision in the period was made at `since` or later, and before `before`."""
    now, days = services.clock.now(), timedelta(days=services.settings.outcome_days)
    cases = _cases(conn, services, since, before)
    effort = handling.effort(conn, [one.id for case in cases.values() for one in case.escalations])
    met = handling.met(conn, cases)
    told = _told(case.heard for case in cases.values())
    for case in cases.values():
        path = _path(case)
        if path is not None:
            heard = told if case.first.at + days <= now else frozenset[OutcomeKind]()
            yield _observed(case, path, effort, met.get(case.first.case_ref, NOBODY), heard, days)


def _cases(conn: Connection, services: Services, since: datetime, before: datetime) -> dict[str, _Case]:
    found = _decided(conn, services, since, before)
    by_decision = {decision: case for case in found.values() for decision in case.decisions}
    _add_escalations(conn, by_decision, since, before)
    _add_given(conn, by_decision, since)
    _add_heard(conn, services, found, by_decision, since, before)
    return found


def _decided(conn: Connection, services: Services, since: datetime, before: datetime) -> dict[str, _Case]:
    """The cases with their decisions; those that answered an escalation are told apart from those asked for."""
    answering = set(
        conn.execute(
            select(_escalation.c.result_decision_id).where(_escalation.c.result_decision_id.is_not(None))
        ).scalars()
    )
    paid_facts: dict[str, Mapping[str, str | None]] = {}
    rows = conn.execute(
        select(_decision)
        .where(_decision.c.at >= since, _decision.c.at < before)
        .order_by(_decision.c.at, _decision.c.seq)
    )
    found: dict[str, _Case] = {}
    for row in rows:
        case = found.get(row.case_ref)
        if case is None:
            paid = paid_facts.get(row.rules_digest)
            if paid is None:
                paid = services.rulebooks.plain(conn, row.rules_digest, row.costs_version).paid_fact
                paid_facts[row.rules_digest] = paid
            case = found[row.case_ref] = _opened(row, paid.get(row.reason))
        case.decisions.add(row.id)
        if row.id in answering:
            case.granted_by.add(row.id)
        case.allowed |= row.outcome == "allow" and row.id not in answering
    return found


def _opened(row: Any, paid_fact: str | None) -> _Case:
    """A case by its first decision; what was at stake is what was paid, where that is known, else what was asked."""
    facts = row.record["request"].get("facts", {})
    minor = facts.get(paid_fact) if paid_fact is not None else None
    loss = minor if isinstance(minor, int) else row.amount_minor or 0
    tier = facts.get(_TIER_FACT)
    return _Case(row, loss / 10 ** exponent(row.currency), tier if isinstance(tier, str) else "")


def _add_escalations(conn: Connection, by_decision: Mapping[str, _Case], since: datetime, before: datetime) -> None:
    asked = (
        select(_escalation)
        .join(_decision, _decision.c.id == _escalation.c.decision_id)
        .where(_decision.c.at >= since, _decision.c.at < before)
        .order_by(_escalation.c.opened_at, _escalation.c.id)
    )
    for row in conn.execute(asked):
        case = by_decision[row.decision_id]
        case.escalations.append(row)
        if row.result_decision_id is not None:
            case.granted_by.add(row.result_decision_id)


def _add_given(conn: Connection, by_decision: Mapping[str, _Case], since: datetime) -> None:
    """When a remedy was given, and what it cost; that of an escalation may have been given after the period."""
    of_results = {decision: case for case in by_decision.values() for decision in case.granted_by}
    query = (
        select(_entry.c.decision_id, _entry.c.at, _decision.c.cost_minor, _decision.c.currency)
        .join(_decision, _decision.c.id == _entry.c.decision_id)
        .where(_entry.c.kind == "commit", _entry.c.decided_at >= since)
        .order_by(_entry.c.seq)
    )
    for row in conn.execute(query):
        case = by_decision.get(row.decision_id) or of_results.get(row.decision_id)
        if case is not None:
            case.given_at = row.at if case.given_at is None else min(case.given_at, row.at)
            case.cost += row.cost_minor / 10 ** exponent(row.currency)


def _add_heard(
    conn: Connection,
    services: Services,
    cases: Mapping[str, _Case],
    by_decision: Mapping[str, _Case],
    since: datetime,
    before: datetime,
) -> None:
    """Every outcome to what it names: the decision's case, the case, or each case of the customer before it."""
    days = timedelta(days=services.settings.outcome_days)
    of_customer: dict[str, list[_Case]] = {}
    for case in cases.values():
        if case.first.customer is not None:
            of_customer.setdefault(case.first.customer, []).append(case)
    for one in outcomes.between(conn, since, before + days):
        if not one.stands:
            continue
        named = by_decision.get(one.decision_id or "") or cases.get(one.case or "")
        for case in [named] if named is not None else of_customer.get(one.customer or "", []):
            case.heard.append(one)


def _told(heard: Iterable[Iterable[Outcome]]) -> frozenset[OutcomeKind]:
    return frozenset(one.kind for several in heard for one in several)


def _counted(case: _Case, kind: OutcomeKind, days: timedelta) -> list[Outcome]:
    """What was heard of a case within the days that outcomes count, from its first decision on."""
    return [one for one in case.heard if one.kind is kind and case.first.at <= one.at <= case.first.at + days]


def _path(case: _Case) -> Path | None:
    """How a case was handled; None where it is not over, or nothing was given and nothing asked any further."""
    if not case.escalations:
        return Path.AT_ONCE if case.allowed else None
    results = [one.result for one in case.escalations]
    if any(result is not None and result != _WITHDRAWN for result in results):
        return Path.ESCALATED
    return Path.GAVE_UP if all(result == _WITHDRAWN for result in results) else None


def _observed(
    case: _Case,
    path: Path,
    effort: Mapping[str, Tiers],
    met: Met,
    told: frozenset[OutcomeKind],
    days: timedelta,
) -> Observed:
    first, answered = case.first, [one for one in case.escalations if one.result is not None]
    tiers, until = [effort[one.id] for one in answered if one.id in effort], case.first.at + days
    known: dict[OutcomeKind, list[Outcome] | None] = {
        kind: _counted(case, kind, days) if kind in told else None for kind in OutcomeKind
    }
    contacts, churn = known[OutcomeKind.REPEAT_CONTACT], known[OutcomeKind.CHURN]
    complaints, answers = known[OutcomeKind.PUBLIC_COMPLAINT], known[OutcomeKind.SATISFACTION]
    scores = [one.score.share for one in answers or () if one.score is not None]
    escalated = path is Path.ESCALATED
    heard = None if contacts is None else len(contacts)
    return Observed(
        path=path,
        reason=first.reason,
        channel=first.channel,
        queue=case.escalations[0].to if case.escalations else None,
        tier=case.tier,
        loss=case.loss,
        minutes=_minutes(path, met, tiers, until),
        repeats=handling.repeats(met, tiers, heard, until) if escalated else None,
        third_tier=any(tier > SECOND_TIER for each in tiers for tier in each) if escalated and tiers else None,
        granted=any(one.result in _GIVEN for one in answered) if escalated else None,
        remedy_cost=case.cost if case.given_at is not None else None,
        left=None if churn is None else any(one.left for one in churn),
        complained=None if complaints is None else bool(complaints),
        satisfaction=sum(scores) / len(scores) if scores else None,
    )


def _minutes(path: Path, met: Met, tiers: list[Tiers], until: datetime) -> dict[str, float]:
    """What is known of the work of a case; of one that nobody asked any further about only what was done so far."""
    if path is Path.AT_ONCE:
        return handling.minutes_at_once(met)
    found = handling.minutes_escalated(met, tiers, until)
    return found if path is Path.ESCALATED else {symbol: found[symbol] for symbol in ("h2", "h3") if symbol in found}
