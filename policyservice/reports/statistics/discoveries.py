"""Which of many tests may be believed: of those named, at most a stated share is named by chance, on average.

Benjamini and Yekutieli 2001: it holds whatever the tests have to do with each other, as those of groups compared with
each other do. Where there is nothing to be found at all, anything is named with that probability at most.
"""

from __future__ import annotations

from collections.abc import Sequence

RATE = 0.05


def discovered(p_values: Sequence[float], rate: float = RATE) -> list[bool]:
    """For each test whether it is named."""
    m = len(p_values)
    harmonic = sum(1 / number for number in range(1, m + 1))
    order = sorted(range(m), key=lambda place: p_values[place])
    bound = 0.0
    for number, place in enumerate(order, 1):
        if p_values[place] <= number * rate / (m * harmonic):
            bound = p_values[place]
    return [p <= bound and bound > 0 for p in p_values]
