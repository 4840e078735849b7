"""Over many seeds: how often calibration's intervals hold the truth that the cases were made from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from policyservice.costs.calibration.measure import EVERY, MEASURABLE, measure
from policyservice.previews.aftermath.generate import Before, Wish, followed
from policyservice.previews.aftermath.truth import Truth
from policyservice.rulebook.model import CostSet


@dataclass(frozen=True, slots=True)
class Covered:
    """One parameter of a reason (`EVERY` for all cases): how often it was measured, and how often the truth was held.

    `cases` is the fewest it was ever measured on.
    """

    reason: str
    symbol: str
    truth: float
    measured: int
    held: int
    cases: int


def covered(
    cases: Sequence[Before],
    truth_of: Callable[[str], Truth],
    sets: tuple[CostSet, ...],
    wishes: Iterable[Wish],
    advance: Callable[[int], None] = lambda seeds: None,
) -> list[Covered]:
    """Every parameter that was measured at least once, over all cases and for each reason.

    A reason's truth is its own. Over all cases it is that of the mix: each reason's, weighed by how many cases tell it.
    """
    truths = [truth_of(case.reason) for case in cases]
    true = _true(cases, truth_of)
    measured: Counter[tuple[str, str]] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    fewest: dict[tuple[str, str], int] = {}
    for wish in wishes:
        for one in measure(followed(cases, truths, wish), sets):
            key = one.reason, one.symbol
            measured[key] += 1
            held[key] += one.estimate.low <= true[key] <= one.estimate.high
            fewest[key] = min(fewest.get(key, one.estimate.cases), one.estimate.cases)
        advance(1)
    return [
        Covered(*key, true[key], measured[key], held[key], fewest[key])
        for key in sorted(measured, key=lambda key: (key[0], MEASURABLE.index(key[1])))
    ]


def _true(cases: Sequence[Before], truth_of: Callable[[str], Truth]) -> Mapping[tuple[str, str], float]:
    """The truth by reason and symbol, and of the mix."""
    found: dict[tuple[str, str], float] = {}
    sums: defaultdict[str, float] = defaultdict(float)
    weights: defaultdict[str, float] = defaultdict(float)
    handled = Counter((case.reason, case.at_once) for case in cases)
    for reason in {case.reason for case in cases}:
        truth = truth_of(reason)
        tells = _tells(truth, handled[reason, True], handled[reason, False])
        for symbol, value in truth.parameters.items():
            found[reason, symbol] = value
            sums[symbol] += value * tells[symbol]
            weights[symbol] += tells[symbol]
    for symbol, weight in weights.items():
        found[EVERY, symbol] = sums[symbol] / weight if weight else 0.0
    return found


def _tells(truth: Truth, at_once: int, blocked: int) -> dict[str, float]:
    """How many cases of a reason are expected to tell each symbol.

    Extra churn is told by blocked cases; where it differs between reasons the mix depends on which are comparable, too.
    """
    escalated = blocked * truth.q
    every = dict.fromkeys(MEASURABLE, float(blocked))
    every |= dict.fromkeys(("h1", "h2", "p3", "r", "g"), escalated)
    return every | {
        "hd": float(at_once),
        "h3": escalated * truth.p3,
        "hr": escalated * (1 - exp(-truth.r)),
    }
