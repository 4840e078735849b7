"""Root causes: the reasons ranked by what they cost, whether they grow, and whether measures against them helped.

What a reason cost is booked and recorded: remedies given less what was taken back, and the work on its escalations.
What removing it would save is an estimate, and stands apart. Source: docs/explanation/reports.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from sqlalchemy import Connection, func, select

from policyservice.access.authority import is_bound
from policyservice.access.keys import ApiKey
from policyservice.costs.line import VIEWS, FloatArray, Line
from policyservice.costs.parameters import CostParameters
from policyservice.costs.remedy import deciding
from policyservice.costs.simulation import low_and_high, simulated
from policyservice.db import tables
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.services import Services
from policyservice.domain.decision import Range
from policyservice.domain.money import exponent
from policyservice.reports import measures
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.comparison import GRADE, estimate_of, labour
from policyservice.reports.figures import PLACE, Path, Vector
from policyservice.reports.measures import CauseMeasure
from policyservice.reports.realised import realised
from policyservice.reports.resting import Versions
from policyservice.reports.statistics.rates import Rates, compared
from policyservice.reports.summing import sums
from policyservice.rulebook.model import Rulebook

LONGEST_LOOK = 56
"""Days on each side of a measure: eight whole weeks."""
_ON_THE_SPOT = (Path.AT_ONCE, Path.STRETCHED)
NOTHING = Range(0, 0, 0)


@dataclass(slots=True)
class Measured:
    """A measure, and the counts of the reason before and after it."""

    measure: CauseMeasure
    rates: Rates


@dataclass(slots=True)
class Cause:
    """One reason in one currency; amounts in minor units.

    `remedies` and `work` were booked and recorded, and `cost` is both. `saves` is by view what the model expects its
    cases to have cost altogether: decided at once, and escalated. `owner` is a name of the rulebook.
    """

    reason: str
    currency: str
    decisions: int = 0
    remedies: int = 0
    work: Fraction = Fraction(0)
    saves: dict[str, Range] = field(default_factory=lambda: dict.fromkeys(VIEWS, NOTHING))
    trend: Rates = field(default_factory=lambda: compared((), ()))
    owner: str | None = None
    measures: list[Measured] = field(default_factory=list)

    grade = GRADE

    @property
    def work_minor(self) -> int:
        """The recorded work in minor units, rounded half to even."""
        unit: int = 10 ** exponent(self.currency)
        return round(self.work * unit)

    @property
    def cost(self) -> int:
        """What it cost: remedies and recorded work."""
        return self.remedies + self.work_minor

    @property
    def answerable(self) -> str | None:
        """Who answers for the latest measure, a pseudonym."""
        return self.measures[-1].measure.owner if self.measures else None


def causes(
    conn: Connection, services: Services, wanted: Wanted, today: date, seen_by: ApiKey | None = None
) -> tuple[Cause, ...]:
    """The reasons of a period, the dearest first in each currency; `wanted` is grouped by reason.

    Raises:
        NoRulebookInForce: nothing was published yet.
    """
    found: dict[tuple[str, str], Cause] = {}
    versions = Versions(conn)
    for fine, vector in sums(conn, services.zone, wanted, seen_by).items():
        if any(vector):
            cause = _cause(found, fine.reason, fine.cell.currency)
            _count(cause, fine.path, vector, versions.parameters(fine.costs_version, fine.reason, fine.channel))
    for of, work in realised(conn, services.zone, wanted, seen_by):
        cause = _cause(found, of.reason, of.currency)
        cause.work += labour(versions.parameters(of.costs_version, of.reason, of.channel), work)
    policy = policy_in_force(conn, services.clock.now())
    rulebook = services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook
    _add_measures(conn, services, wanted, today, seen_by, found, rulebook)
    _add_trends(conn, services, wanted, today, seen_by, found)
    for cause in found.values():
        cause.owner = _owner(cause.reason, rulebook)
    return tuple(sorted(found.values(), key=lambda cause: (cause.currency, -cause.cost, cause.reason)))


def _cause(found: dict[tuple[str, str], Cause], reason: str, currency: str) -> Cause:
    return found.setdefault((reason, currency), Cause(reason, currency))


def _count(cause: Cause, path: Path, vector: Vector, parameters: CostParameters) -> None:
    if path is not Path.ANSWER:  # the case was counted when it was escalated
        cause.decisions += vector[PLACE["decisions"]]
    cause.remedies += vector[PLACE["cost_given"]] - vector[PLACE["cost_reversed"]]
    if path in _ON_THE_SPOT and vector[PLACE["estimated"]] > 0:
        at_once = _deciding(parameters, vector, cause.currency)
        cause.saves = {view: _plus(found, at_once) for view, found in cause.saves.items()}
    elif path is Path.ESCALATED:
        escalated = estimate_of(vector).escalation
        cause.saves = {view: _plus(found, escalated[view]) for view, found in cause.saves.items()}


def _deciding(parameters: CostParameters, vector: Vector, currency: str) -> Range:
    """What the decisions of one path cost by the model, payment fees left out: n times the fixed part, and the rest."""
    n, remedy, unit = vector[PLACE["estimated"]], vector[PLACE["estimated_remedy"]], 10 ** exponent(currency)
    stated, drawn = deciding(parameters.stated()), _drawn(parameters)
    expected = round(n * stated.fixed * unit + stated.slope * remedy)
    low, high = low_and_high(n * drawn.fixed * unit + drawn.slope * float(remedy))
    return Range(expected, min(round(low), expected), max(round(high), expected))


@lru_cache(maxsize=64)
def _drawn(parameters: CostParameters) -> Line[FloatArray]:
    return deciding(simulated(parameters))


def _plus(one: Range, other: Range) -> Range:
    return Range(*(a + b for a, b in zip(one, other, strict=True)))


def _owner(reason: str, rulebook: Rulebook) -> str | None:
    """Who answers for a reason: its owner, else its pack's, else who decides beyond every trust level."""
    found = rulebook.reasons.get(reason)
    if found is None:
        return None
    pack = rulebook.pack(found.pack)
    return found.owner or pack.owner or pack.beyond


def _add_trends(
    conn: Connection,
    services: Services,
    wanted: Wanted,
    today: date,
    seen_by: ApiKey | None,
    found: Mapping[tuple[str, str], Cause],
) -> None:
    """The days of the period that are over, beside as many before it."""
    end = min(wanted.period.before, today)
    if end <= wanted.period.since:
        return
    period = Period(wanted.period.since, end)
    both = Period(period.earlier().since, end)
    counts = _daily(conn, services, Wanted(both, (By.DAY, By.REASON), wanted.filters), seen_by)
    began = _began(conn, services)
    for key, cause in found.items():
        of = counts.get(key, Counter())
        cause.trend = compared(_days(of, _logged(period.earlier(), began)), _days(of, period))


def _add_measures(
    conn: Connection,
    services: Services,
    wanted: Wanted,
    today: date,
    seen_by: ApiKey | None,
    found: dict[tuple[str, str], Cause],
    rulebook: Rulebook,
) -> None:
    """Each measure with what came before and after it; whoever sees all, sees those against reasons now gone, too."""
    filtered = dict(wanted.filters)
    seen, began = {reason for reason, _ in found}, _began(conn, services)
    taken = [m for m in measures.of_reasons(conn) if filtered.get("reason", m.reason) == m.reason]
    if seen_by is not None and is_bound(seen_by):
        taken = [measure for measure in taken if measure.reason in seen]
    for measure in taken:
        look = min(LONGEST_LOOK, max((today - measure.taken_on).days, 0))
        before = Period(measure.taken_on - timedelta(days=look), measure.taken_on)
        after = Period(measure.taken_on, measure.taken_on + timedelta(days=look))
        filters = (*((n, v) for n, v in wanted.filters if n != "reason"), ("reason", measure.reason))
        counts: Mapping[tuple[str, str], Counter[date]] = {}
        if look:
            around = Wanted(Period(before.since, after.before), (By.DAY, By.REASON), filters)
            counts = _daily(conn, services, around, seen_by)
        for currency in _currencies(measure.reason, found, rulebook):
            of = counts.get((measure.reason, currency), Counter())
            rates = compared(_days(of, _logged(before, began)), _days(of, after)) if look else compared((), ())
            _cause(found, measure.reason, currency).measures.append(Measured(measure, rates))


def _began(conn: Connection, services: Services) -> date:
    """The day of the first decision: of the days before it nothing is known."""
    first = conn.execute(select(func.min(tables.decision.c.at))).scalar()
    return date.max if first is None else first.astimezone(services.zone).date()


def _logged(period: Period, began: date) -> Period:
    """The days of a period of which the log can tell."""
    return Period(min(max(period.since, began), period.before), period.before)


def _currencies(reason: str, found: Iterable[tuple[str, str]], rulebook: Rulebook) -> list[str]:
    currencies = sorted(currency for each, currency in found if each == reason)
    if not currencies and reason in rulebook.reasons:
        return [rulebook.pack(rulebook.reasons[reason].pack).currency]
    return currencies


def _daily(
    conn: Connection, services: Services, wanted: Wanted, seen_by: ApiKey | None
) -> dict[tuple[str, str], Counter[date]]:
    """How many cases of each reason and currency were asked about on each day."""
    counts: dict[tuple[str, str], Counter[date]] = {}
    for fine, vector in sums(conn, services.zone, wanted, seen_by).items():
        if fine.path is not Path.ANSWER and fine.cell.period is not None:
            day = date.fromisoformat(fine.cell.period)
            counts.setdefault((fine.reason, fine.cell.currency), Counter())[day] += vector[PLACE["decisions"]]
    return counts


def _days(counts: Counter[date], period: Period) -> list[int]:
    return [counts[period.since + timedelta(days=number)] for number in range(period.days)]
