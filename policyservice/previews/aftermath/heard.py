"""What is heard of a simulated case afterwards, as reports of outcomes.

No repeat contacts: those of an escalated case are recorded with its answer, and of others none are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from policyservice.costs.calibration.observed import Observed
from policyservice.resolutions.outcomes import Report

SOURCE = "simulation"


def reports(case: str, at: datetime, end: Observed) -> Iterator[Report]:
    """What is heard of a case: a survey's answer, a complaint, whether the customer left."""

    def told(kind: str, days: int, **fields: object) -> Report:
        return Report({"kind": kind, "at": (at + timedelta(days=days)).isoformat(), "case": case, **fields}, SOURCE)

    if end.satisfaction is not None:
        yield told("satisfaction", 3, score=1 + round(end.satisfaction * 4), lowest=1, highest=5)
    if end.complained:
        yield told("public_complaint", 5)
    yield told("churn", 14, left=bool(end.left))
