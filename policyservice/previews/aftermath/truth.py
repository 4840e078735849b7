"""The truth that the generator goes by: what measurements of what it made up ought to find.

All of it is assumed. The values lie off the defaults of the cost model on purpose, so that a measurement which only
repeated the defaults would be seen to fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class Truth:
    """How cases of one reason go, by the symbols of the cost model; minutes and contacts are means, the rest shares.

    `leaving` is the share of customers who leave although they had the remedy at once: the extra churn `d_slow` and
    `d_none` comes on top. `pleased_*` are mean satisfaction, 0 to 1, of those who had the remedy at once, late, and not
    at all.
    """

    hd: float = 3.0
    h1: float = 6.0
    h2: float = 22.0
    h3: float = 30.0
    hr: float = 8.0
    p3: float = 0.18
    r: float = 0.8
    q: float = 0.6
    g: float = 0.65
    d_slow: float = 0.05
    d_none: float = 0.10
    p_pub: float = 0.012
    leaving: float = 0.12
    pleased_at_once: float = 0.80
    pleased_late: float = 0.55
    pleased_not: float = 0.25

    @property
    def parameters(self) -> dict[str, float]:
        """Those that calibration measures, by symbol."""
        return {name: value for name, value in asdict(self).items() if name not in _BESIDE}


_BESIDE = frozenset({"leaving", "pleased_at_once", "pleased_late", "pleased_not"})
USUAL = Truth()

BY_GROUP: Mapping[str, Truth] = {
    "billing": replace(USUAL, h2=28.0, p3=0.30, r=1.2, q=0.75, g=0.55),
    "courtesy": replace(USUAL, h2=12.0, p3=0.05, r=0.4, q=0.35, g=0.45),
    "complaint": replace(USUAL, h2=18.0, p3=0.12, r=0.9, q=0.45, g=0.50, p_pub=0.020),
    "cancel": replace(USUAL, h2=26.0, p3=0.22, r=0.6, q=0.85, g=0.80),
}
"""By the first part of a reason; every other goes by `USUAL`. Extra churn is the same for all: it is the customer's."""


def truth_of(reason: str) -> Truth:
    """How cases of a reason go."""
    return BY_GROUP.get(reason.partition(".")[0], USUAL)
