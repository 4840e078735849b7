"""How sure an estimate is: the model over thousands of draws of its parameters, the same for ever.

Each parameter follows a triangle from its low over its value to its high, independent of the others. The
draws come from `random.Random(seed).random()`, the one generator whose sequence Python promises to keep.
Only element-wise arithmetic and order statistics follow, so every machine gets the same figures.
"""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np

from policyservice.costs.line import FloatArray
from policyservice.costs.parameters import CostParameters
from policyservice.rulebook.model import CostValue

DRAWS = 40_001  # the 5 % and 95 % quantiles are then exactly the draws of rank 2,000 and 38,000
LOW_RANK, HIGH_RANK = 2_000, 38_000
_SEED = 20_260_101


def simulated(parameters: CostParameters) -> dict[str, FloatArray]:
    """Each symbol with its draws, an array of `DRAWS` floats; all alike where the range is a point."""
    return {symbol: _drawn(position, found) for position, (symbol, found) in enumerate(parameters.items())}


def low_and_high(draws: FloatArray) -> tuple[float, float]:
    """The 5 % and 95 % quantiles of an array of `DRAWS` floats."""
    # one rank at a time: numpy is several times faster at that than at two together
    low, high = (np.partition(draws, rank)[rank] for rank in (LOW_RANK, HIGH_RANK))
    return float(low), float(high)


def _drawn(position: int, found: CostValue) -> FloatArray:
    """A parameter's draws: the triangle's inverse distribution function at uniform draws."""
    low, mode, high = float(found.low), float(found.value), float(found.high)
    if low == high:
        return np.full(DRAWS, mode)
    u = _uniform_draws(position)
    rising = low + np.sqrt(u * ((high - low) * (mode - low)))
    falling = high - np.sqrt((1 - u) * ((high - low) * (high - mode)))
    return np.where(u < (mode - low) / (high - low), rising, falling)


@cache
def _uniform_draws(position: int) -> FloatArray:
    """`DRAWS` uniform numbers from 0 up to 1; by position alone, so that changing one parameter moves no other's."""
    drawn = Random(_SEED + position).random
    uniform = np.array([drawn() for _ in range(DRAWS)])
    uniform.flags.writeable = False
    return uniform
