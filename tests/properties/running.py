"""How properties run: seeds drawn by hypothesis, the same each time, without a clock on any single one."""

from __future__ import annotations

from hypothesis import Phase, settings
from hypothesis import strategies as st

QUICK = settings(derandomize=True, deadline=None, database=None, phases=(Phase.explicit, Phase.generate))
"""Without shrinking: a seed that is smaller makes no smaller case."""

seeds = st.integers(0, 2**40)
