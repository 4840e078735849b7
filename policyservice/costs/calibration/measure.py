"""Measures each parameter of the model that cases allow, over all of them and for each reason with enough.

Every case draws what was held before towards itself; a reason's own cases then draw the estimate over all. Churn by
path is a difference between cases handled differently, so it is measured by the adjusted comparison (grade C) of
`costs.trusting`, or not at all. What no case tells (wages, V, u, i) is never touched, and neither is q where nobody
was ever recorded to have given up: silence is not "all of them asked further".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from policyservice.costs.calibration.observed import Observed, Path
from policyservice.costs.calibration.shrinkage import PLAIN_FROM, Estimate, Prior, difference, mean, share
from policyservice.costs.parameters import CostParameters, for_case
from policyservice.costs.provenance import measured_on
from policyservice.costs.trusting import Grade, Handled, compared
from policyservice.rulebook.model import CostSet, CostValue

LEAST_PER_REASON = PLAIN_FROM
"""From how many cases on a reason has a value of its own: as many as its interval needs to stand by itself."""

MINUTES = ("hd", "h1", "h2", "h3", "hr")
MEASURABLE = (*MINUTES, "p3", "r", "q", "g", "d_slow", "d_none", "p_pub")
"""Every symbol that cases can tell, in the order of the model."""

EVERY = ""
"""In place of a reason: over all cases."""

_DECIMALS = 6
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Measured:
    """One parameter: what was held before and what was measured; `reason` is `EVERY` for all cases."""

    symbol: str
    reason: str
    before: CostValue
    estimate: Estimate
    note: str = ""

    @property
    def value(self) -> CostValue:
        """As a parameter: to six decimals, its source says how many cases it was measured on."""
        low, value, high = (_exact(each) for each in (self.estimate.low, self.estimate.value, self.estimate.high))
        source = measured_on(self.estimate.cases) + (f", {self.note}" if self.note else "")
        return CostValue(value, min(low, value), max(high, value), source)


def measure(cases: Sequence[Observed], sets: tuple[CostSet, ...]) -> list[Measured]:
    """What cases tell about the parameters that `sets` and the defaults state; a symbol that no case tells is left out.

    What was measured and accepted before is not held against the cases again: the prior is what the rulebook states.
    """
    stated = tuple(found for found in sets if not found.measured)
    told = _told(cases)
    overall = {symbol: found for symbol, found in _measured(cases, _priors(for_case(stated, EVERY))) if symbol in told}
    before = for_case(stated, EVERY)
    found = [Measured(symbol, EVERY, before[symbol], *told) for symbol, told in overall.items()]
    for reason in sorted({case.reason for case in cases}):
        found += _of_reason(reason, [case for case in cases if case.reason == reason], stated, overall)
    return found


def proposed(measured: Sequence[Measured], sets: tuple[CostSet, ...]) -> tuple[CostSet, ...]:
    """The sets in force with what was measured in the place of what was measured before, to be accepted by a person."""
    kept = {
        found.reasons: dict(found.values)
        for found in sets
        if found.measured and not found.channels and not found.queues
    }
    for one in measured:
        kept.setdefault((one.reason,) if one.reason else (), {})[one.symbol] = one.value
    stated = tuple(found for found in sets if not found.measured or found.channels or found.queues)
    return stated + tuple(CostSet(values, reasons, measured=True) for reasons, values in sorted(kept.items()))


def _of_reason(
    reason: str, cases: Sequence[Observed], stated: tuple[CostSet, ...], overall: Mapping[str, tuple[Estimate, str]]
) -> Iterator[Measured]:
    before = for_case(stated, reason)
    common = for_case(stated, EVERY)
    priors = _priors(before)
    for symbol, (estimate, _) in overall.items():
        if before[symbol] == common[symbol]:  # nothing of its own was stated: what all cases tell is the start
            priors[symbol] = replace(priors[symbol], mean=estimate.value)
    for symbol, told in _measured(cases, priors):
        if symbol in overall and told[0].cases >= LEAST_PER_REASON:
            yield Measured(symbol, reason, before[symbol], *told)


def _told(cases: Sequence[Observed]) -> frozenset[str]:
    """The symbols that cases can tell, if enough of them do."""
    gave_up = any(case.path is Path.GAVE_UP for case in cases)
    return frozenset(MEASURABLE) if gave_up else frozenset(MEASURABLE) - {"q"}


def _priors(parameters: CostParameters) -> dict[str, Prior]:
    return {
        symbol: Prior.of_triangle(float(found.low), float(found.value), float(found.high))
        for symbol, found in parameters.items()
    }


def _measured(cases: Sequence[Observed], priors: Mapping[str, Prior]) -> Iterator[tuple[str, tuple[Estimate, str]]]:
    escalated = [case for case in cases if case.path is Path.ESCALATED]
    for symbol in MINUTES:
        minutes = [case.minutes[symbol] for case in cases if symbol in case.minutes]
        if minutes:
            usual = priors[symbol].mean ** 2  # handling times spread about as widely as they are long
            yield symbol, (mean(priors[symbol], minutes, usual), "")
    repeats = [float(case.repeats) for case in escalated if case.repeats is not None]
    if repeats:
        yield "r", (mean(priors["r"], repeats, priors["r"].mean), "")  # as a Poisson count
    for symbol, among, is_one in _SHARES:
        told = [found for case in cases if case.path in among and (found := is_one(case)) is not None]
        if told:
            yield symbol, (share(priors[symbol], sum(told), len(told)), "")
    yield from _churn(cases, priors)


_BLOCKED = (Path.ESCALATED, Path.GAVE_UP)
_SHARES: tuple[tuple[str, tuple[Path, ...], Callable[[Observed], bool | None]], ...] = (
    ("p3", (Path.ESCALATED,), lambda case: case.third_tier),
    ("q", _BLOCKED, lambda case: case.path is Path.ESCALATED),
    ("g", (Path.ESCALATED,), lambda case: case.granted),
    ("p_pub", _BLOCKED, lambda case: case.complained),
)
"""Symbol, the paths it is a share of, and whether a case is one; None where it is not known."""


def _churn(cases: Sequence[Observed], priors: Mapping[str, Prior]) -> Iterator[tuple[str, tuple[Estimate, str]]]:
    """Extra churn where compensated late, and where not at all, beside like cases that were decided at once."""
    at_once = [case for case in cases if case.path is Path.AT_ONCE and case.left is not None]
    late = [case for case in cases if case.path is Path.ESCALATED and case.granted and case.left is not None]
    without = [
        case
        for case in cases
        if case.left is not None
        and (case.path is Path.GAVE_UP or (case.path is Path.ESCALATED and case.granted is False))
    ]
    for symbol, others in (("d_slow", late), ("d_none", without)):
        found = compared([*map(_handled, at_once), *map(_handled, others)])
        if found.grade is Grade.C and found.difference is not None and found.low is not None:
            error = (found.difference - found.low) / _Z
            estimate = difference(priors[symbol], -found.difference, error, min(found.compared))
            yield symbol, (estimate, "adjusted comparison, grade C")


def _handled(case: Observed) -> Handled:
    at_once = case.path is Path.AT_ONCE
    return Handled(at_once, case.reason, case.loss, case.tier, case.channel, float(bool(case.left)), case.before)


def _exact(value: float) -> Fraction:
    return Fraction(round(value * 10**_DECIMALS), 10**_DECIMALS)
