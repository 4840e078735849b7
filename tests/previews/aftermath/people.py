"""Made-up cases before anybody handles them."""

from __future__ import annotations

import numpy as np

from policyservice.previews.aftermath.generate import Before

REASONS = ("product.returned", "billing.error", "courtesy.other")


def people(count: int, seed: int = 1) -> list[Before]:
    """Cases of three reasons, of which large losses are blocked oftener."""
    draw = np.random.default_rng(seed)
    losses = draw.uniform(0, 40, count)
    reasons = draw.choice(3, count, p=[0.6, 0.3, 0.1])
    phones, chances = draw.integers(2, size=count), draw.random(count)
    return [
        Before(
            REASONS[reasons[each]],
            ("chat", "phone")[phones[each]],
            "regular",
            float(losses[each]),
            bool(chances[each] < 0.6 - 0.005 * losses[each]),
            "lead",
        )
        for each in range(count)
    ]
