"""Whether a group's values are higher or lower than those of others: the rank-sum test, exact where numbers are small.

Wilcoxon 1945, Mann and Whitney 1947, with mean ranks for ties. Where the work allows it the p-value is exact: the
distribution of the rank sum over every way to choose the group, ties included. Else it is the normal approximation with
the correction for ties (Lehmann 1975) and continuity, and where nearly all values are the same, so that it would not
hold, Fisher's exact test of how many of the group's values differ from that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, erfc, exp, lgamma, sqrt

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

_MOST_WORK = 20_000_000
_LARGEST_EXACT = 900
"""Of values: the number of ways to choose a group is then still a float."""
_LEAST_DIFFERENT = 20
_LEAST_NORMAL = 20


@dataclass(frozen=True, slots=True)
class Ranked:
    """`higher`: how often a value of the group is above one of the others, ties counted half; `p` is two-sided."""

    higher: float
    p: float


def ranked(group: Sequence[int], others: Sequence[int]) -> Ranked:
    """The test of two samples, neither of them empty."""
    values = np.array([*group, *others])
    distinct, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    k, n = len(group), len(values)
    last = np.cumsum(counts)
    doubled = 2 * last - counts + 1  # twice the mean rank of each distinct value, a whole number
    observed = int(doubled[place[:k]].sum())
    higher = (observed / 2 - k * (k + 1) / 2) / (k * (n - k))
    if len(distinct) == 1:
        return Ranked(higher, 1.0)
    small = min(k, n - k)
    if small != k:  # the others are fewer: the same test, told by their ranks
        observed = int(doubled[place[k:]].sum())
    if n <= _LARGEST_EXACT and n * small * small * 2 * n <= _MOST_WORK:
        return Ranked(higher, _exact(doubled, counts, small, observed))
    usual = int(counts.argmax())
    if n - int(counts[usual]) < _LEAST_DIFFERENT or small < _LEAST_NORMAL:
        differing = int((place[:k] != usual).sum())
        return Ranked(higher, fisher(differing, k, n - int(counts[usual]), n))
    return Ranked(higher, _normal(counts, small, n, observed))


def fisher(marked: int, drawn: int, all_marked: int, everyone: int) -> float:
    """The two-sided p-value of `marked` among `drawn`, where `all_marked` of `everyone` are: twice the smaller tail."""
    lowest, highest = max(0, drawn - (everyone - all_marked)), min(drawn, all_marked)

    def ways(n: int, m: int) -> float:
        return lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)

    whole = ways(everyone, drawn)
    chances = [
        exp(ways(all_marked, m) + ways(everyone - all_marked, drawn - m) - whole) for m in range(lowest, highest + 1)
    ]
    at = marked - lowest
    return min(1.0, 2 * min(sum(chances[: at + 1]), sum(chances[at:])))


def _exact(doubled: Whole, counts: Whole, k: int, observed: int) -> float:
    """Over every choice of k of the values: ways[j, s] is how many choices of j values have the doubled rank sum s."""
    largest = int(np.sort(np.repeat(doubled, counts))[-k:].sum())
    ways = np.zeros((k + 1, largest + 1))
    ways[0, 0] = 1.0
    for score, count in zip(doubled.tolist(), counts.tolist(), strict=True):
        before = ways.copy()
        for chosen in range(1, min(count, k) + 1):
            shift = chosen * score
            if shift > largest:
                break
            ways[chosen:, shift:] += comb(count, chosen) * before[: k + 1 - chosen, : largest + 1 - shift]
    chances = ways[k] / ways[k].sum()
    return min(1.0, 2 * min(float(chances[: observed + 1].sum()), float(chances[observed:].sum())))


def _normal(counts: Whole, k: int, n: int, observed: int) -> float:
    ties = float((counts.astype(float) ** 3 - counts).sum()) / (n * (n - 1))
    deviation = sqrt(k * (n - k) / 12 * (n + 1 - ties))
    distance = max(abs(observed / 2 - k * (n + 1) / 2) - 0.5, 0.0)
    return erfc(distance / deviation / sqrt(2))
