"""Outcomes as answers."""

from __future__ import annotations

from typing import Any

from policyservice.api.wire import instant
from policyservice.cases.outcomes import Outcome
from policyservice.resolutions.outcomes import Receipt


def receipt(found: Receipt) -> dict[str, Any]:
    """What became of an outcome that was told."""
    return {"id": found.outcome.id, "taken": found.taken.value, "contradicts": found.outcome.contradicts}


def outcome(found: Outcome) -> dict[str, Any]:
    """An outcome for the timeline of its case; put references and text back with `personal.shown`."""
    score = found.score
    return {
        "id": found.id,
        "kind": found.kind.value,
        "at": instant(found.at),
        "received_at": instant(found.received_at),
        "source": found.source,
        "case": found.case,
        "customer": found.customer,
        "decision_id": found.decision_id,
        "channel": found.channel,
        "score": None if score is None else score.value,
        "lowest": None if score is None else score.lowest,
        "highest": None if score is None else score.highest,
        "left": found.left,
        "note": found.note,
        "contradicts": found.contradicts,
        "stands": found.stands,
    }
