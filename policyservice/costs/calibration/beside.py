"""The estimate beside what really happened, for each reason. The two are never added up.

For the cases that were escalated: the model's labour L and share granted g, with the 5 % to 95 % range of the
simulation, beside the minutes and contacts that were recorded, at the same wages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from policyservice.costs.calibration.observed import Observed, Path
from policyservice.costs.escalation import labour
from policyservice.costs.parameters import CostParameters, for_case
from policyservice.costs.simulation import low_and_high, simulated
from policyservice.rulebook.model import CostSet


@dataclass(frozen=True, slots=True)
class Beside:
    """One reason's escalated cases: what the model expects of each, and what they really took on average.

    Labour in whole currency units. What was not recorded for a case is taken at its stated value: `recorded` says what
    share of the labour was recorded. None where no case tells.
    """

    reason: str
    cases: int
    labour_expected: float
    labour_low: float
    labour_high: float
    labour_realised: float | None
    recorded: float
    granted_expected: float
    granted_realised: float | None


def beside(cases: Sequence[Observed], sets: tuple[CostSet, ...]) -> list[Beside]:
    """For each reason with escalated cases, in the order of the reasons."""
    escalated = [case for case in cases if case.path is Path.ESCALATED]
    reasons = sorted({case.reason for case in escalated})
    return [_beside(reason, [case for case in escalated if case.reason == reason], sets) for reason in reasons]


def _beside(reason: str, cases: Sequence[Observed], sets: tuple[CostSet, ...]) -> Beside:
    parameters = for_case(sets, reason)
    low, high = low_and_high(labour(simulated(parameters)))
    realised = [_realised(case, parameters) for case in cases]
    recorded, whole = sum(part for part, _ in realised), sum(total for _, total in realised)
    granted = [case.granted for case in cases if case.granted is not None]
    return Beside(
        reason,
        len(cases),
        float(labour(parameters.stated())),
        low,
        high,
        fmean(total for _, total in realised) if recorded else None,
        recorded / whole if whole else 0.0,
        float(parameters["g"].value),
        fmean(granted) if granted else None,
    )


def _realised(case: Observed, parameters: CostParameters) -> tuple[float, float]:
    """The labour of a case that was recorded, and all of it with what was not at its stated value."""
    p = {symbol: float(found.value) for symbol, found in parameters.items()}
    known, minutes = {}, case.minutes
    if "h1" in minutes:
        known["h1"] = minutes["h1"] * p["w1"]
    if "h2" in minutes:
        known["h2"] = minutes["h2"] * p["w2"]
    if "h3" in minutes or case.third_tier is False:
        known["h3"] = minutes.get("h3", 0.0) * p["w3"]
    if case.repeats is not None:
        known["r"] = case.repeats * minutes.get("hr", p["hr"]) * p["w1"]
    stated = {
        "h1": p["h1"] * p["w1"],
        "h2": p["h2"] * p["w2"],
        "h3": p["p3"] * p["h3"] * p["w3"],
        "r": p["r"] * p["hr"] * p["w1"],
    }
    per_minute = 60 * p["u"]
    return sum(known.values()) / per_minute, sum((stated | known).values()) / per_minute
