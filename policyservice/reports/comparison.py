"""The comparison: what was given, what escalating is estimated to have cost, and what escalations really took.

What is booked, what is estimated and what was realised stand apart and are never added up; nor are estimates of
different grades. Beside the money stands how soon the customers had it. The interval of a sum goes from the sum of the
lows to the sum of the highs: its parts rest on the same parameters, so they err together. Source:
docs/explanation/reports.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.costs.line import VIEWS
from policyservice.costs.parameters import CostParameters
from policyservice.costs.speed import Speed, Tally, speed
from policyservice.costs.trusting import Grade
from policyservice.db.tables import BOOKED
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.services import Services
from policyservice.domain.decision import Range
from policyservice.domain.errors import FieldProblem
from policyservice.reports.asked import Cell, Wanted
from policyservice.reports.breaking_even import BreakEven, breaking_even
from policyservice.reports.figures import BOUNDS, PLACE, Path, Vector, add, nothing
from policyservice.reports.realised import Of, Realised, realised
from policyservice.reports.resting import Resting, Versions
from policyservice.reports.speed.summing import tallies
from policyservice.reports.summing import sums
from policyservice.rulebook.model import SpeedTarget

MOST_ROWS = 5_000
ESTIMATED = (Path.AT_ONCE, Path.STRETCHED, Path.ESCALATED)
GRADE = Grade.D
"""Of every estimate here: the model at its parameters, without a comparison of cases behind it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Sums of estimates of one path, in minor units. `saving` is never posted, and never added to another path's."""

    decisions: int
    remedy: int
    escalation: dict[str, Range]
    saving: dict[str, Range]


@dataclass(slots=True)
class Line:
    """The figures of one cell."""

    cell: Cell
    by_path: dict[Path, Vector] = field(default_factory=dict)
    resting: Resting = field(default_factory=Resting)
    realised: Realised = field(default_factory=Realised)
    served: dict[str, Tally] = field(default_factory=dict)
    """The cases that began here, by reason."""

    @property
    def total(self) -> Vector:
        """The sums over all paths: for what is booked and counted, not for what is estimated."""
        whole = nothing()
        for vector in self.by_path.values():
            add(whole, vector)
        return whole

    def decisions(self, path: Path) -> int:
        """How many decisions were answered on a path."""
        return self.by_path[path][PLACE["decisions"]] if path in self.by_path else 0

    def booked(self, part: str) -> dict[str, int]:
        """The amounts of "goodwill" or "entitled" by what became of them."""
        whole = self.total
        return {state: whole[PLACE[f"{part}_{state}"]] for state in BOOKED}

    def estimate(self, path: Path) -> Estimate:
        """The estimates of a path."""
        return estimate_of(self.by_path.get(path) or nothing())

    @property
    def answer_cost(self) -> int:
        """What the remedies cost that answered escalations, less what was taken back."""
        vector = self.by_path.get(Path.ANSWER) or nothing()
        return vector[PLACE["cost_given"]] - vector[PLACE["cost_reversed"]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The lines in the order of what they are of, totals by currency, and by reason the break-even and what speed is
    aimed at.
    """

    wanted: Wanted
    lines: tuple[Line, ...]
    totals: tuple[Line, ...]
    break_even: tuple[BreakEven, ...] = ()
    targets: tuple[SpeedTarget, ...] = ()

    def speed(self, line: Line) -> Speed:
        """How soon the cases of a line had their remedy; beside the target where it is of one reason."""
        return speed(line.served, self.targets, of=line.cell.reason or dict(self.wanted.filters).get("reason"))


def estimate_of(vector: Vector) -> Estimate:
    """The estimates in sums."""

    def ranges(what: str) -> dict[str, Range]:
        return {view: Range(*(vector[PLACE[f"{what}_{view}_{bound}"]] for bound in BOUNDS)) for view in VIEWS}

    return Estimate(
        vector[PLACE["estimated"]], vector[PLACE["estimated_remedy"]], ranges("escalation"), ranges("saving")
    )


def comparison(
    conn: Connection, services: Services, wanted: Wanted, seen_by: ApiKey | None = None, *, money_alone: bool = False
) -> Comparison:
    """The report; with `money_alone` it tells neither the break-even nor the speed.

    Raises:
        FieldProblem: it would have too many rows.
        NoRulebookInForce: nothing was published yet.
    """
    versions = Versions(conn)
    lines: dict[Cell, Line] = {}
    totals: dict[str, Line] = {}
    reasons = set()

    def both(cell: Cell) -> tuple[Line, Line]:
        line = lines.setdefault(cell, Line(cell))
        total = Cell(None, None, None, None, None, cell.currency)
        return line, totals.setdefault(cell.currency, Line(total))

    for fine, vector in sums(conn, services.zone, wanted, seen_by).items():
        if not any(vector):
            continue
        reasons.add(fine.reason)
        for line in both(fine.cell):
            add(line.by_path.setdefault(fine.path, nothing()), vector)
            if fine.path in ESTIMATED:
                lines_of = versions.lines(fine.costs_version, fine.reason, fine.channel)
                line.resting.count(lines_of, fine.cell.currency, vector)
    for of, found in realised(conn, services.zone, wanted, seen_by):
        found.labour = labour(versions.parameters(of.costs_version, of.reason, of.channel), found)
        for line in both(_cell(wanted, of)):
            line.realised.add(found)
    for cell, served in tallies(conn, services, wanted, seen_by).items() if not money_alone else ():
        for line, (reason, tally) in product(both(cell), served.items()):
            line.served.setdefault(reason, Tally()).add(tally)
    if len(lines) > MOST_ROWS:
        raise FieldProblem("by", f"gives {len(lines)} rows, more than {MOST_ROWS}; group by less, or ask for less.")
    report = Comparison(
        wanted,
        tuple(lines[cell] for cell in sorted(lines, key=_order)),
        tuple(totals[currency] for currency in sorted(totals)),
    )
    if money_alone:
        return report
    return replace(
        report, break_even=breaking_even(conn, services, sorted(reasons)), targets=targets_now(conn, services)
    )


def speeds(conn: Connection, services: Services, wanted: Wanted) -> dict[Cell, Speed]:
    """The speed alone, of cells by reason, in their order.

    Raises:
        NoRulebookInForce: nothing was published yet.
    """
    targets, found = targets_now(conn, services), tallies(conn, services, wanted)
    return {cell: speed(found[cell], targets, of=cell.reason) for cell in sorted(found, key=_order)}


def targets_now(conn: Connection, services: Services) -> tuple[SpeedTarget, ...]:
    """What speed is aimed at by the rulebook in force.

    Raises:
        NoRulebookInForce: nothing was published yet.
    """
    policy = policy_in_force(conn, services.clock.now())
    return services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook.targets


def labour(parameters: CostParameters, found: Realised) -> Fraction:
    """The recorded work at the wages that the estimates were made with, paid time by u: speaking with customers at w1,
    tier 2 at w2, above at w3.
    """
    p = parameters.stated()
    paid = found.spoken_seconds * p["w1"] + found.second_tier_seconds * p["w2"] + found.above_seconds * p["w3"]
    return paid / (3600 * p["u"])


def _cell(wanted: Wanted, of: Of) -> Cell:
    return wanted.cell(of, of.starts)


def _order(cell: Cell) -> tuple[str, ...]:
    return tuple(part or "" for part in cell)
