"""The beta distribution, for exact intervals of shares. Source: NIST DLMF 8.17."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

_TERMS = 500
_CLOSE = 1e-14
_TINY = 1e-300
_HALVINGS = 100


def share_below(x: float, a: float, b: float) -> float:
    """The probability of at most `x`, the regularised incomplete beta function; a, b > 0.

    By the continued fraction 8.17.22, evaluated by the method of Lentz.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - share_below(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    value, upper, lower = 1.0, 1.0, 0.0
    for step in range(_TERMS):
        half = step // 2
        if step == 0:
            term = 1.0
        elif step % 2 == 0:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        else:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        lower = 1.0 / _not_zero(1.0 + term * lower)
        upper = _not_zero(1.0 + term / upper)
        factor = upper * lower
        value *= factor
        if abs(1.0 - factor) < _CLOSE:
            break
    return min(max(front * (value - 1.0), 0.0), 1.0)


def quantile(probability: float, a: float, b: float) -> float:
    """The x that is exceeded with 1 - `probability`, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if share_below(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
