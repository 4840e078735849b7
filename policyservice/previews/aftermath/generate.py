"""What becomes of each case, drawn from the truth: pure, and the same for the same seed.

How a case goes is drawn beforehand for both ways, so that whoever decides it otherwise finds the same case:

- handling times are gamma with shape 1.5 around their means, repeat contacts Poisson, everything else a share;
- each case has a *hardness*, standard normal: a customer's leaving is by 0.05 likelier for each unit of it, whichever
  way the case is handled (never below 0);
- of the blocked cases the share q is escalated. With `selection` s (0 to below 1) harder ones are likelier to be: a
  case is escalated where s times its hardness plus the root of 1-s*s times a standard normal exceeds the normal's (1-q)
  quantile. The share stays q, and the hardness of the escalated is s*phi(z)/q on average, z that quantile.

So with selection those who gave up, those who were escalated and those decided at once differ in what they would have
done anyway, which nobody wrote down unless `hardness_is_known`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from policyservice.costs.calibration.observed import Observed, Path
from policyservice.costs.line import FloatArray
from policyservice.previews.aftermath.truth import Truth

SHAPE = 1.5
"""Of the gamma that handling times are drawn from."""
LEAVING_PER_HARDNESS = 0.05
ANSWERED_SURVEY = 0.3
"""Which share of customers answers when asked how satisfied they are."""

_SPREAD_OF_SCORES = 0.2
_STEPS = 4  # a survey's scale of five answers


@dataclass(frozen=True, slots=True)
class Before:
    """One case before anybody handles it. `loss` in whole currency units; `at_once`: the rules let the agent decide."""

    reason: str
    channel: str
    tier: str
    loss: float
    at_once: bool
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How to draw: the seed, how much harder cases are escalated, and whether anybody wrote the hardness down."""

    seed: int
    selection: float = 0.0
    hardness_is_known: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.selection < 1:
            raise ValueError("selection is at least 0 and below 1")


@dataclass(frozen=True, slots=True)
class Fates:
    """What would become of each case, one row each: everything drawn, and read off by how a case is handled."""

    minutes: Mapping[str, FloatArray]
    repeats: np.ndarray[tuple[int], np.dtype[np.int64]]
    hardness: FloatArray
    is_escalated: np.ndarray[tuple[int], np.dtype[np.bool_]]
    is_third_tier: np.ndarray[tuple[int], np.dtype[np.bool_]]
    is_granted: np.ndarray[tuple[int], np.dtype[np.bool_]]
    leaves: Mapping[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]
    complains: np.ndarray[tuple[int], np.dtype[np.bool_]]
    scores: Mapping[str, FloatArray]
    answers: np.ndarray[tuple[int], np.dtype[np.bool_]]
    hardness_is_known: bool

    def of(self, place: int, before: Before, granted: bool | None = None) -> Observed:
        """What is observed of a case in the end; `granted` where somebody decided otherwise than was drawn."""
        if before.at_once:
            return self._observed(place, before, Path.AT_ONCE, "at_once", {"hd": float(self.minutes["hd"][place])})
        if not self.is_escalated[place]:
            return self._observed(place, before, Path.GAVE_UP, "not", {})
        is_granted = bool(self.is_granted[place]) if granted is None else granted
        return self._observed(
            place, before, Path.ESCALATED, "late" if is_granted else "not", self._worked(place), is_granted
        )

    def _worked(self, place: int) -> dict[str, float]:
        worked = {"h1", "h2"}
        worked |= {"h3"} if self.is_third_tier[place] else set()
        worked |= {"hr"} if self.repeats[place] else set()
        return {symbol: float(self.minutes[symbol][place]) for symbol in sorted(worked)}

    def _observed(
        self,
        place: int,
        before: Before,
        path: Path,
        went: str,
        minutes: dict[str, float],
        granted: bool | None = None,
    ) -> Observed:
        escalated = path is Path.ESCALATED
        return Observed(
            path=path,
            reason=before.reason,
            channel=before.channel,
            queue=None if before.at_once else before.queue,
            tier=before.tier,
            loss=before.loss,
            minutes=minutes,
            repeats=int(self.repeats[place]) if escalated else None,
            third_tier=bool(self.is_third_tier[place]) if escalated else None,
            granted=granted,
            left=bool(self.leaves[went][place]),
            complained=None if before.at_once else bool(self.complains[place]),
            satisfaction=float(self.scores[went][place]) if self.answers[place] else None,
            before=(float(self.hardness[place]),) if self.hardness_is_known else (),
        )


def fates(truths: Sequence[Truth], wish: Wish) -> Fates:
    """Draw what would become of cases, `truths` one for each."""
    draw, count = np.random.default_rng(wish.seed), len(truths)

    def true(symbol: str) -> FloatArray:
        return np.array([getattr(truth, symbol) for truth in truths], dtype=float)

    hardness = draw.standard_normal(count)
    pull = wish.selection * hardness + (1 - wish.selection**2) ** 0.5 * draw.standard_normal(count)
    normal = NormalDist()
    bar = {q: normal.inv_cdf(1 - q) for q in {truth.q for truth in truths}}
    repeats = draw.poisson(true("r"))
    minutes = {symbol: draw.standard_gamma(SHAPE, count) * true(symbol) / SHAPE for symbol in ("hd", "h1", "h2", "h3")}
    contacts = np.maximum(repeats, 1)  # of several contacts the minutes are the mean of each one's
    minutes["hr"] = draw.standard_gamma(SHAPE * contacts) * true("hr") / (SHAPE * contacts)
    third, granted, leaving, complaining, answering = draw.random((5, count))
    base = np.maximum(true("leaving") + LEAVING_PER_HARDNESS * hardness, 0.0)
    noise = draw.normal(0, _SPREAD_OF_SCORES, count)
    return Fates(
        minutes=minutes,
        repeats=repeats,
        hardness=hardness,
        is_escalated=pull > np.array([bar[truth.q] for truth in truths]),
        is_third_tier=third < true("p3"),
        is_granted=granted < true("g"),
        leaves={
            "at_once": leaving < base,
            "late": leaving < base + true("d_slow"),
            "not": leaving < base + true("d_none"),
        },
        complains=complaining < true("p_pub"),
        scores={
            went: np.round(np.clip(true(f"pleased_{went}") + noise, 0, 1) * _STEPS) / _STEPS
            for went in ("at_once", "late", "not")
        },
        answers=answering < ANSWERED_SURVEY,
        hardness_is_known=wish.hardness_is_known,
    )


def followed(cases: Sequence[Before], truths: Sequence[Truth], wish: Wish) -> list[Observed]:
    """The cases as calibration sees them in the end, in their order."""
    drawn = fates(truths, wish)
    return [drawn.of(place, before) for place, before in enumerate(cases)]
