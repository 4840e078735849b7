"""How a version of the limits is written in the database; read by the neighbours `limits` and `ledger`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from policyservice.domain.limits import (
    Bound,
    Counts,
    GuardRails,
    Limit,
    LimitSet,
    Measure,
    Scope,
    Window,
    WindowKind,
)
from policyservice.domain.vocabulary import Text


def as_json(limits: LimitSet) -> dict[str, Any]:
    """The body of a version as plain JSON; version, instants and author stand in columns of their own."""
    return {"limits": [_limit_as_json(limit) for limit in limits.limits]}


def from_json(body: Mapping[str, Any]) -> tuple[Limit, ...]:
    """The limits of a body, exactly as they were written."""
    return tuple(_limit_from_json(limit) for limit in body["limits"])


@lru_cache(maxsize=256)
def from_text(body: str) -> tuple[Limit, ...]:
    """The limits of a body's canonical text; versions never change, so each is read once per process."""
    return from_json(json.loads(body))


def _limit_as_json(limit: Limit) -> dict[str, Any]:
    return {
        "id": limit.id,
        "title": {"en": limit.title.en, "fi": limit.title.fi},
        "scope": limit.scope.value,
        "window": {"kind": limit.window.kind.value, "days": limit.window.days},
        "currency": limit.currency,
        "bounds": {level: _bound_as_json(bound) for level, bound in limit.bounds.items()},
        "measure": limit.measure.value,
        "counts": limit.counts.value,
        "remedies": list(limit.remedies),
        "reasons": list(limit.reasons),
        "amount_rails": _rails_as_json(limit.amount_rails),
        "count_rails": _rails_as_json(limit.count_rails),
    }


def _limit_from_json(body: Mapping[str, Any]) -> Limit:
    return Limit(
        id=body["id"],
        title=Text.of(body["title"]),
        scope=Scope(body["scope"]),
        window=Window(WindowKind(body["window"]["kind"]), body["window"]["days"]),
        currency=body["currency"],
        bounds={level: Bound(**bound) for level, bound in body["bounds"].items()},
        measure=Measure(body["measure"]),
        counts=Counts(body["counts"]),
        remedies=tuple(body["remedies"]),
        reasons=tuple(body["reasons"]),
        amount_rails=GuardRails(**body["amount_rails"]),
        count_rails=GuardRails(**body["count_rails"]),
    )


def _bound_as_json(bound: Bound) -> dict[str, int | None]:
    return {"amount_minor": bound.amount_minor, "count": bound.count}


def _rails_as_json(rails: GuardRails) -> dict[str, int | None]:
    return {"lowest": rails.lowest, "highest": rails.highest}
