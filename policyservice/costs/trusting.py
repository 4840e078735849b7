"""What trusting did, as far as records without an experiment can say: grades C and D.

Escalated cases are harder than those decided at once, so setting the two beside each other plainly exaggerates. Grade C
compares like with like: cases of the same reason, loss band, customer tier and channel, and within such a cell a linear
adjustment for what else was known before anybody decided. Where cases are not alike enough there is no grade C, and
only the model's estimate is left: grade D. Neither sees what nobody wrote down.

Estimator: least squares with one constant per cell (so that only cells with cases of both kinds count, each with weight
n1*n0/(n1+n0)), covariates entered linearly, heteroscedasticity-robust HC2 standard errors. Balance is the standardised
mean difference within cells; beyond 0.25 linear adjustment is not relied on. Sources: MacKinnon and White 1985 (HC2);
Angrist 1998 (weights of the cells); Rubin 2001 and Imbens and Rubin 2015, ch. 14 (0.25).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from policyservice.costs.line import FloatArray
from policyservice.domain.vocabulary import Text

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

BANDS = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
"""Bounds of the loss bands in whole currency units; a loss at a bound belongs to the band above it."""

LEAST_OF_EACH = 30
"""How many comparable cases of each kind there must be."""
LEAST_SHARE = 0.5
"""Which share of the cases of each kind must be comparable; else the answer would be about another population."""
MOST_IMBALANCE = 0.25

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Handled:
    """One case: whether it was decided at once (else escalated), what it was like before, and what came of it.

    `loss` in whole currency units, `outcome` in any unit (1 for a customer who left, minutes, a share). `before` are
    further figures known before anybody decided, the same ones in the same order for every case.
    """

    at_once: bool
    reason: str
    loss: float
    tier: str
    channel: str
    outcome: float
    before: tuple[float, ...] = ()


class Grade(StrEnum):
    """How much a figure can bear."""

    C = "C"  # an adjusted comparison
    D = "D"  # defaults: no comparison of cases stands behind it


class Finding(StrEnum):
    """What may be said."""

    TOO_FEW = "too_few"  # of comparable cases
    NOT_ALIKE = "not_alike"  # the two kinds differ too much in what was known before
    NONE = "none"  # no difference that chance would not explain
    LESS = "less"  # the outcome is lower where decided at once, between like cases
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of cases decided at once less what came of like ones that were escalated, with its 95 % interval.

    The three figures are None for grade D. `plain` is the difference without any adjustment, shown to be distrusted.
    `compared` are the cases (at once, escalated) in cells that have both. `imbalance` is the largest standardised
    difference in the loss and what else was known before. `explained_by`: how much an unseen difference between the two
    kinds would have to shift the outcome for the finding to be nothing; 0 where nothing was found.
    """

    grade: Grade
    finding: Finding
    difference: float | None
    low: float | None
    high: float | None
    plain: float | None
    compared: tuple[int, int]
    cases: tuple[int, int]
    imbalance: float
    explained_by: float = 0.0

    @property
    def weakness(self) -> Text:
        """What the figure cannot bear, in words to be shown beside it."""
        return WEAKNESS[self.finding]


_BETWEEN_LIKE = Text(
    "A comparison of like cases, not an experiment: who escalated may have seen what nobody wrote down. It shows that "
    "the two go together, not that trusting was the cause.",
    "Samanlaisten tapausten vertailu, ei koe: eteenpäin vienyt on voinut nähdä sellaista, mitä kukaan ei kirjannut. Se "
    "näyttää, että asiat kulkevat yhdessä, ei että luottamus oli syy.",
)
WEAKNESS = {
    Finding.TOO_FEW: Text(
        "Too few like cases were handled both ways to compare them. Only the model's estimate is left.",
        "Liian harvoja samanlaisia tapauksia on hoidettu kummallakin tavalla, jotta niitä voisi verrata. Jäljelle jää "
        "vain mallin arvio.",
    ),
    Finding.NOT_ALIKE: Text(
        "The cases decided at once and the escalated ones differ too much in what was known beforehand. What came of "
        "them says nothing about trusting. Only the model's estimate is left.",
        "Heti päätetyt ja eteenpäin viedyt tapaukset eroavat liikaa siinä, mitä niistä etukäteen tiedettiin. "
        "Lopputulos ei kerro luottamuksesta mitään. Jäljelle jää vain mallin arvio.",
    ),
    Finding.NONE: Text(
        "Between like cases no difference is seen that chance would not explain. That is no proof that there is none.",
        "Samanlaisten tapausten välillä ei näy eroa, jota sattuma ei selittäisi. Se ei todista, ettei eroa ole.",
    ),
    Finding.LESS: _BETWEEN_LIKE,
    Finding.MORE: _BETWEEN_LIKE,
}
"""What each finding cannot bear."""


def compared(cases: Sequence[Handled], bands: Sequence[float] = BANDS) -> Comparison:
    """The adjusted comparison of cases, and what may be said of it."""
    at_once = np.array([case.at_once for case in cases], dtype=bool)
    counted = (int(at_once.sum()), int((~at_once).sum()))
    outcome = np.array([case.outcome for case in cases], dtype=float)
    plain = float(outcome[at_once].mean() - outcome[~at_once].mean()) if all(counted) else None
    cells = _cells(cases, bands)
    both = _has_both(cells, at_once)
    kept = (int(at_once[both].sum()), int((~at_once[both]).sum()))
    if min(kept) < LEAST_OF_EACH or any(k < LEAST_SHARE * n for k, n in zip(kept, counted, strict=True)):
        return _nothing(Finding.TOO_FEW, plain, kept, counted, 0.0)
    before = np.array([(case.loss, *case.before) for case in cases], dtype=float)[both]
    within = _Within(cells[both])
    imbalance = _imbalance(within, before, at_once[both])
    if imbalance > MOST_IMBALANCE:
        return _nothing(Finding.NOT_ALIKE, plain, kept, counted, imbalance)
    difference, error = _adjusted(within, at_once[both].astype(float), before, outcome[both])
    low, high = difference - _Z * error, difference + _Z * error
    finding = Finding.LESS if high < 0 else Finding.MORE if low > 0 else Finding.NONE
    beyond = max(low, -high, 0.0)
    return Comparison(Grade.C, finding, difference, low, high, plain, kept, counted, imbalance, beyond)


def band_of(loss: float, bands: Sequence[float] = BANDS) -> int:
    """The number of a loss's band, 0 for the lowest."""
    return int(np.searchsorted(np.array(bands), loss, side="right"))


def _nothing(
    finding: Finding, plain: float | None, kept: tuple[int, int], counted: tuple[int, int], imbalance: float
) -> Comparison:
    return Comparison(Grade.D, finding, None, None, None, plain, kept, counted, imbalance)


def _cells(cases: Sequence[Handled], bands: Sequence[float]) -> Numbers:
    """The number of each case's cell."""
    numbers: dict[tuple[str, int, str, str], int] = {}
    found = [
        numbers.setdefault((case.reason, band_of(case.loss, bands), case.tier, case.channel), len(numbers))
        for case in cases
    ]
    return np.array(found, dtype=np.int64)


def _has_both(cells: Numbers, at_once: Flags) -> Flags:
    """Which cases lie in a cell that has cases of both kinds."""
    size = int(cells.max()) + 1 if len(cells) else 0
    ones = np.bincount(cells, weights=at_once, minlength=size)
    every = np.bincount(cells, minlength=size)
    both: Flags = ((ones > 0) & (ones < every))[cells]
    return both


class _Within:
    """Takes each cell's mean out of a figure."""

    def __init__(self, cells: Numbers) -> None:
        _, self._cells, counts = np.unique(cells, return_inverse=True, return_counts=True)
        self._counts = counts
        self.number = len(counts)
        self.leverage: FloatArray = 1.0 / counts[self._cells]

    def demeaned(self, values: FloatArray) -> FloatArray:
        sums = np.bincount(self._cells, weights=values)
        taken_out: FloatArray = values - (sums / self._counts)[self._cells]
        return taken_out


def _imbalance(within: _Within, before: FloatArray, at_once: Flags) -> float:
    """The largest difference between the two kinds within cells, in standard deviations within cells."""
    largest = 0.0
    for column in before.T:
        spread = within.demeaned(column)
        deviation = float(spread.std())
        if deviation > 0:
            treated = within.demeaned(at_once.astype(float))
            difference = float(treated @ spread) / float(treated @ treated)
            largest = max(largest, abs(difference) / deviation)
    return largest


def _adjusted(within: _Within, at_once: FloatArray, before: FloatArray, outcome: FloatArray) -> tuple[float, float]:
    """The coefficient of having been decided at once and its HC2 standard error."""
    columns = [within.demeaned(at_once)]
    columns += [spread for column in before.T if (spread := within.demeaned(column)).std() > 0]
    design = np.column_stack(columns)
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ design.T @ within.demeaned(outcome)
    residuals = within.demeaned(outcome) - design @ coefficients
    leverage = np.minimum(within.leverage + np.einsum("ij,jk,ik->i", design, inverse, design), 0.99)
    meat = (design * (residuals**2 / (1 - leverage))[:, None]).T @ design
    return float(coefficients[0]), float(np.sqrt((inverse @ meat @ inverse)[0, 0]))
