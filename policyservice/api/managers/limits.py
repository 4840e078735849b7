"""The limits in force now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.context import runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.language import language
from policyservice.api.managers.blueprint import bp
from policyservice.api.schemas.limits import LimitsSchema
from policyservice.api.wire import answer, instant, sum_of
from policyservice.domain.limits import GuardRails, Limit, LimitSet, WindowKind
from policyservice.limits import versions

EVERY_LEVEL = "*"


@operation(
    bp,
    "GET",
    "/limits",
    Operation(
        answer=LimitsSchema, answers={"one limit": examples.LIMITS}, refusals=(401, 403, 422, 500, 503), texts=True
    ),
)
def get_limits() -> Response:
    """The limits in force, with the guard rails inside which they may be moved"""
    spoken, services = language(), runtime()
    with services.db.reading() as conn:
        limits = versions.in_force(conn, services.clock.now())
    return answer(_document(limits, spoken), language=spoken)


def _document(limits: LimitSet, spoken: str) -> dict[str, Any]:
    return {
        "version": limits.version,
        "effective_from": instant(limits.effective_from),
        "author": limits.author,
        "because": limits.because,
        "limits": [_limit(limit, spoken) for limit in limits.limits],
    }


def _limit(limit: Limit, spoken: str) -> dict[str, Any]:
    def money(minor: int | None) -> str | None:
        return sum_of(minor, limit.currency)

    return {
        "id": limit.id,
        "title": limit.title.get(spoken),
        "scope": limit.scope.value,
        "window": limit.window.kind.value,
        "days": limit.window.days if limit.window.kind is WindowKind.ROLLING else None,
        "currency": limit.currency,
        "measure": limit.measure.value,
        "counts": limit.counts.value,
        "remedies": list(limit.remedies),
        "reasons": list(limit.reasons),
        "bounds": {
            level or EVERY_LEVEL: {"amount": money(bound.amount_minor), "count": bound.count}
            for level, bound in limit.bounds.items()
        },
        "guard_rails": {
            "amount": _rails(limit.amount_rails, money),
            "count": _rails(limit.count_rails, lambda number: number),
        },
    }


def _rails(rails: GuardRails, written: Callable[[int | None], Any]) -> dict[str, Any]:
    return {"lowest": written(rails.lowest), "highest": written(rails.highest)}
