"""Evenness: like cases, and how differently agents and teams answered them.

Cases are like where reason, currency, loss band and customer tier are the same. What an agent (or a team) allowed on
the spot is compared with what all others allowed for like cases, by ranks, with exact small samples
(`statistics/ranks`); of all groups compared only those are named that hold against the number of comparisons
(`statistics/discoveries`). Source: docs/explanation/reports.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from policyservice.access.keys import ApiKey
from policyservice.costs.trusting import BANDS, band_of
from policyservice.decisions.services import Services
from policyservice.decisions.sight import own
from policyservice.domain.money import exponent
from policyservice.reports import rows
from policyservice.reports.asked import Wanted
from policyservice.reports.figures import Path
from policyservice.reports.rows import decision
from policyservice.reports.statistics.discoveries import discovered
from policyservice.reports.statistics.ranks import ranked

LEAST = 5
"""Cases of a group, and of others, that are compared at all."""
MOST_SHOWN = 10
_TIER_FACT = "customer.tier"


class Who(StrEnum):
    """Whose answers are compared."""

    AGENT = "agent"
    TEAM = "team"


class Like(NamedTuple):
    """What like cases have in common; `band` is the number of a loss band."""

    reason: str
    currency: str
    band: int
    tier: str


@dataclass(frozen=True, slots=True)
class Answered:
    """One decision: what it was about, who answered, and what was allowed on the spot, in minor units.

    `agent` and `case` are references of the log. A remedy without a sum counts by its cost.
    """

    like: Like
    id: str
    agent: str
    team: str
    case: str
    allowed_minor: int


@dataclass(frozen=True, slots=True)
class Group:
    """The answers of one agent or team to like cases, beside those of all others.

    `higher`: how often it allowed more than another did for a like case, ties counted half; 0.5 is even. `is_uneven`:
    it differs by more than chance and the number of comparisons explain.
    """

    like: Like
    who: Who
    name: str
    cases: tuple[Answered, ...]
    others: int
    mean_minor: int
    others_mean_minor: int
    higher: float
    p: float
    is_uneven: bool = False


@dataclass(frozen=True, slots=True)
class Evenness:
    """The most uneven groups first, how many were compared, and how many of those are uneven."""

    groups: tuple[Group, ...]
    compared: int
    uneven: int


def band_bounds(band: int) -> tuple[float, float | None]:
    """The loss from which a band goes, and before which it ends (None: never), in whole currency units."""
    return (BANDS[band - 1] if band else 0.0), (BANDS[band] if band < len(BANDS) else None)


def evenness(conn: Connection, services: Services, wanted: Wanted, seen_by: ApiKey | None = None) -> Evenness:
    """The report on the decisions of a period that a key may see, answers to escalations left out."""
    return compare(list(answered(conn, services, wanted, seen_by)))


def compare(answers: Sequence[Answered], most: int = MOST_SHOWN) -> Evenness:
    """Every agent and every team against all others, like case by like case."""
    groups = [group for who in Who for group in _groups(answers, who)]
    named = discovered([group.p for group in groups])
    judged = [replace(group, is_uneven=is_uneven) for group, is_uneven in zip(groups, named, strict=True)]
    judged.sort(key=lambda group: (group.p, -abs(group.higher - 0.5), group.like, group.who, group.name))
    return Evenness(tuple(judged[:most]), len(judged), sum(named))


def _groups(answers: Sequence[Answered], who: Who) -> Iterator[Group]:
    cells: dict[Like, dict[str, list[Answered]]] = {}
    for answer in answers:
        name = answer.agent if who is Who.AGENT else answer.team
        if name:
            cells.setdefault(answer.like, {}).setdefault(name, []).append(answer)
    for like, by_name in sorted(cells.items()):
        everyone = sum(len(cases) for cases in by_name.values())
        for name, cases in sorted(by_name.items()):
            if len(cases) < LEAST or everyone - len(cases) < LEAST:
                continue
            mine = [case.allowed_minor for case in cases]
            others = [case.allowed_minor for each, those in by_name.items() if each != name for case in those]
            test = ranked(mine, others)
            yield Group(like, who, name, tuple(cases), len(others), _mean(mine), _mean(others), test.higher, test.p)
            if len(by_name) == 2:
                break  # the other one of two would be the same comparison


def _mean(values: Sequence[int]) -> int:
    return round(sum(values) / len(values))


def answered(conn: Connection, services: Services, wanted: Wanted, seen_by: ApiKey | None = None) -> Iterator[Answered]:
    """The decisions of a period as they are compared; what was given before it was asked is left out."""
    columns = decision.c
    facts = rows.in_record(conn, "request", "facts")
    query = select(
        columns.id,
        columns.agent,
        columns.team,
        columns.case_ref,
        columns.reason,
        columns.currency,
        columns.outcome,
        columns.amount_minor,
        (columns.goodwill_minor + columns.entitled_minor).label("allowed"),
        columns.cost_minor,
        columns.rules_digest,
        columns.costs_version,
        facts.label("facts"),
    ).where(*wanted.on_log(services.zone), own(seen_by), ~columns.after_the_fact, ~rows.is_on(Path.ANSWER))
    paid: dict[str, Mapping[str, str | None]] = {}
    for row in rows.streamed(conn, query.order_by(columns.seq)):
        if row.rules_digest not in paid:
            paid[row.rules_digest] = services.rulebooks.plain(conn, row.rules_digest, row.costs_version).paid_fact
        yield _answered(row, paid[row.rules_digest].get(row.reason))


def _answered(row: Any, paid_fact: str | None) -> Answered:
    """What was at stake is what was paid, where that is known, else what was asked."""
    facts: Mapping[str, Any] = json.loads(row.facts) if row.facts else {}
    paid = facts.get(paid_fact) if paid_fact is not None else None
    loss = paid if isinstance(paid, int) else row.amount_minor or 0
    tier = facts.get(_TIER_FACT)
    like = Like(
        row.reason,
        row.currency,
        band_of(loss / 10 ** exponent(row.currency)),
        tier if isinstance(tier, str) else "",
    )
    given = 0
    if row.outcome == "allow":
        given = row.cost_minor if row.amount_minor is None else row.allowed
    return Answered(like, row.id, row.agent, row.team or "", row.case_ref, given)
