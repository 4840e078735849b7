"""Estimates that few cases move little: measurements are drawn towards what was held before.

A parameter's stated value m and range are taken as a prior with mean m and the variance tau2 of the triangle over the
range, (a2 + b2 + c2 - ab - ac - bc) / 18. It weighs as much as k cases would:

- a share: beta-binomial, k = m(1-m)/tau2 - 1, at least 1; estimate (k*m + successes) / (k + n)
- a mean (minutes, contacts): Buehlmann's credibility, k = sigma2/tau2 with sigma2 the variance between cases;
  estimate (k*m + sum) / (k + n)
- a difference of shares: the normal mean, weights 1/tau2 and 1/s2, s the standard error of the difference

The interval is 95 %: normal for a difference, log-normal for a mean (it is positive), beta matched by a logit-normal
for a share. From 20 cases on it is widened, where it must be, to hold the plain 95 % interval of the measurements, so
that a default far from the truth never makes an estimate look surer than what was measured. With fewer the interval
leans on what was held before, and promises nothing where the truth lies far from that. Sources: Gelman et al.,
Bayesian Data Analysis, ch. 2; Buehlmann and Gisler, A Course in Credibility Theory, ch. 3; Wilson 1927 (plain interval
of a share).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

PLAIN_FROM = 20
"""From how many cases on the interval holds the plain one of the measurements too, and with it the truth."""

_Z = 1.959963984540054  # two-sided 95 %
_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Prior:
    """What was held before: a value and the variance of what it could be instead."""

    mean: float
    variance: float

    @classmethod
    def of_triangle(cls, low: float, value: float, high: float) -> Prior:
        """From a stated value and its range; a range that is a point still gives way to very many cases."""
        spread = low**2 + value**2 + high**2 - low * value - low * high - value * high
        return cls(value, max(spread / 18, (value * 0.01) ** 2, _LEAST_VARIANCE))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, and how many cases it was measured on."""

    value: float
    low: float
    high: float
    cases: int


def share(prior: Prior, successes: int, cases: int) -> Estimate:
    """A share of cases, by the beta-binomial; see above."""
    mean = min(max(prior.mean, 1e-6), 1 - 1e-6)
    weight = max(mean * (1 - mean) / prior.variance - 1, 1.0)
    total = weight + cases
    value = (weight * mean + successes) / total
    deviation = sqrt(value * (1 - value) / (total + 1))
    low, high = _logit_normal(value, deviation)
    if cases >= PLAIN_FROM:
        plain_low, plain_high = _wilson(successes, cases)
        low, high = min(low, plain_low), max(high, plain_high)
    return Estimate(value, low, high, cases)


def mean(prior: Prior, measured: Sequence[float], usual_variance: float) -> Estimate:
    """A mean of what is never negative, by credibility; see above.

    `usual_variance` between cases counts like 10 of them, since a handful of cases tells little about their variance.
    """
    cases = len(measured)
    average = sum(measured) / cases if cases else 0.0
    squares = sum((each - average) ** 2 for each in measured)
    between = (squares + 10 * usual_variance) / (max(cases - 1, 0) + 10)
    weight = max(between, _LEAST_VARIANCE) / prior.variance
    value = (weight * prior.mean + sum(measured)) / (weight + cases)
    low, high = _log_normal(value, sqrt(1 / (1 / prior.variance + cases / max(between, _LEAST_VARIANCE))))
    if cases >= PLAIN_FROM:
        half = _student(cases - 1) * sqrt(max(between, squares / (cases - 1)) / cases)
        low, high = min(low, max(average - half, 0.0)), max(high, average + half)
    return Estimate(value, low, high, cases)


def difference(prior: Prior, measured: float, error: float, cases: int) -> Estimate:
    """A difference of shares that is not negative, by the normal mean; see above."""
    noise = max(error**2, _LEAST_VARIANCE)
    certainty = 1 / prior.variance + 1 / noise
    value = (prior.mean / prior.variance + measured / noise) / certainty
    half = _Z / sqrt(certainty)
    low, high = value - half, value + half
    if cases >= PLAIN_FROM:
        low, high = min(low, measured - _Z * error), max(high, measured + _Z * error)
    value, low, high = (min(max(each, 0.0), 1.0) for each in (value, low, high))
    return Estimate(value, low, high, cases)


def _student(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's t, to 0.01 from 19 degrees on (the first term of Fisher's expansion)."""
    return _Z + (_Z**3 + _Z) / (4 * freedom)


def _wilson(successes: int, cases: int) -> tuple[float, float]:
    found = successes / cases
    middle = found + _Z**2 / (2 * cases)
    half = _Z * sqrt(found * (1 - found) / cases + _Z**2 / (4 * cases**2))
    scale = 1 + _Z**2 / cases
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def _logit_normal(value: float, deviation: float) -> tuple[float, float]:
    """The interval on the logit's scale, so that it stays within 0 and 1."""
    middle, half = log(value / (1 - value)), _Z * deviation / (value * (1 - value))
    return 1 / (1 + exp(-(middle - half))), 1 / (1 + exp(-(middle + half)))


def _log_normal(value: float, deviation: float) -> tuple[float, float]:
    """The interval on the logarithm's scale, so that it stays above 0."""
    if value <= 0:
        return 0.0, _Z * deviation
    spread = sqrt(log(1 + (deviation / value) ** 2))
    return value * exp(-_Z * spread), value * exp(_Z * spread)
