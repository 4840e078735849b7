"""Grants: more or less trust for a while."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import Connection

from policyservice.access import agents
from policyservice.access.authority import require_agent, require_team
from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.managers.blueprint import bp
from policyservice.api.schemas.grants import GrantSchema, MadeGrantSchema
from policyservice.api.wire import answer, instant, sum_of
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.values import a_sum
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest
from policyservice.domain.limits import Bound, Grant, LimitSet
from policyservice.limits import grants
from policyservice.personal.grants import mask
from policyservice.personal.kept import keep_now
from policyservice.rulebook.model import Rulebook


@operation(
    bp,
    "POST",
    "/grants",
    Operation(
        answer=MadeGrantSchema,
        status=201,
        body=GrantSchema,
        examples={"a raised limit": examples.GRANT, "a higher trust level": examples.GRANT_OF_LEVEL},
        answers={"made": examples.MADE_GRANT},
        refusals=(400, 401, 403, 413, 415, 422, 500, 503),
    ),
)
def make_grant(body: dict[str, Any]) -> Response:
    """Raise or lower a bound, or lend a trust level, between two instants

    Grants are never edited: where several hold, the one made last stands. A bound stays inside the guard rails of its
    limit.
    """
    services = runtime()
    now, pseudonyms = services.clock.now(), services.pseudonyms
    with services.db.transaction() as conn:
        policy = policy_in_force(conn, now)
        rulebook = services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook
        _require_within_binding(conn, body)
        _require_known(conn, body, rulebook, policy.limits)
        grant = Grant(
            id=services.ids.new("grn"),
            agent=body.get("agent"),
            team=body.get("team"),
            limit=body.get("limit"),
            bound=_bound(body, policy.limits),
            trust_level=body.get("trust_level"),
            starts_at=body.get("starts_at") or now,
            ends_at=body["ends_at"],
            reason=body["reason"],
            author=caller().id,
            made_at=now,
        )
        masked, personal = mask(pseudonyms, grant)
        grants.add(conn, masked, policy.limits)
        keep_now(conn, personal, now=now)
    return answer(_document(grant, body), 201)


def _require_within_binding(conn: Connection, body: dict[str, Any]) -> None:
    """A key that is bound trusts nobody outside its binding, and is not told who is registered there."""
    if body.get("agent") is not None:
        record = agents.get(conn, body["agent"])
        require_agent(caller(), body["agent"], record.team if record else None)
    if body.get("team") is not None:
        require_team(caller(), body["team"])


def _require_known(conn: Connection, body: dict[str, Any], rulebook: Rulebook, limits: LimitSet) -> None:
    """A grant for nobody, or of something that does not exist, would silently do nothing."""
    errors = []
    if body.get("agent") is not None and agents.get(conn, body["agent"]) is None:
        errors.append(FieldError("agent", "is not registered."))
    if body.get("limit") is not None and limits.by_id(body["limit"]) is None:
        known = ", ".join(limit.id for limit in limits.limits)
        errors.append(FieldError("limit", f"is not one of {known}."))
    if body.get("trust_level") is not None and rulebook.rank_of(body["trust_level"]) < 0:
        known = ", ".join(level.name for level in rulebook.trust_levels)
        errors.append(FieldError("trust_level", f"is not one of {known}."))
    if errors:
        raise InvalidRequest(errors)


def _bound(body: dict[str, Any], limits: LimitSet) -> Bound | None:
    limit = limits.by_id(body.get("limit") or "")
    count = body.get("count")
    if body.get("amount") is None and count is None:
        return None
    if limit is None:
        raise FieldProblem("limit", "is required beside an amount or a count.")
    if count is not None and count < 0:
        raise FieldProblem("count", "is negative.")
    if body.get("amount") is None:
        return Bound(count=count)
    if body.get("currency") != limit.currency:
        raise FieldProblem("currency", f"expected {limit.currency}, the currency of {limit.id}.")
    return Bound(a_sum("amount", body["amount"], limit.currency, zero=True), count)


def _document(grant: Grant, body: dict[str, Any]) -> dict[str, Any]:
    bound = grant.bound or Bound()
    currency = body.get("currency")
    return {
        "id": grant.id,
        "agent": grant.agent,
        "team": grant.team,
        "limit": grant.limit,
        "amount": sum_of(bound.amount_minor, currency) if currency else None,
        "currency": currency,
        "count": bound.count,
        "trust_level": grant.trust_level,
        "starts_at": instant(grant.starts_at),
        "ends_at": instant(grant.ends_at),
        "reason": grant.reason,
        "author": grant.author,
    }
