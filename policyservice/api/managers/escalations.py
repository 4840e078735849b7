"""The queue of escalations, and their results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, g, request

from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import SETTLE, Operation, operation
from policyservice.api.language import language
from policyservice.api.managers.blueprint import bp
from policyservice.api.present.escalation import escalation
from policyservice.api.refs import escalation_id
from policyservice.api.rendering import rendered, reply_as_response
from policyservice.api.schemas.escalations import (
    EscalationFiltersSchema,
    EscalationListSchema,
    ResolvedSchema,
    ResolveSchema,
)
from policyservice.api.wire import answer, as_text, instant
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation, EscalationFilters
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.sight import ids_of_own
from policyservice.decisions.values import an_instant
from policyservice.domain.errors import FieldProblem, InvalidRequest, NotFound
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.shown import shown
from policyservice.resolutions.escalations import Resolution, Resolved, resolve

_BETWEEN = "~"


@operation(
    bp,
    "GET",
    "/escalations",
    Operation(
        answer=EscalationListSchema,
        query=EscalationFiltersSchema,
        answers={"one": {"items": [examples.ESCALATION], "next": None}},
        refusals=(401, 403, 422, 500, 503),
    ),
)
def list_escalations(query: dict[str, Any]) -> Response:
    """The queue, those due first at the front; open ones unless asked otherwise

    A key that is bound to agents or teams sees and resolves what these asked for, and nothing else.
    """
    services, limit = runtime(), query["limit"]
    now = services.clock.now()
    filters = EscalationFilters(
        status=query["status"],
        to=query.get("to"),
        overdue_at=now if query.get("overdue") == "true" else None,
        holder=services.pseudonyms.of(PersonalKind.AGENT, query["holder"]) if query.get("holder") else None,
    )
    with services.db.reading() as conn:
        mine = ids_of_own(caller())
        found = escalations.listed(conn, filters, after=_after(query["cursor"]), limit=limit + 1, among=mine)
        items = shown(conn, [escalation(one, now) for one in found[:limit]])
    return answer({"items": items, "next": _cursor(found[limit - 1]) if len(found) > limit else None})


@operation(
    bp,
    "POST",
    "/escalations/<id>/resolve",
    Operation(
        answer=ResolvedSchema,
        body=ResolveSchema,
        examples={"granted": examples.RESOLVE, "other": examples.RESOLVE_OTHER, "refused": examples.RESOLVE_REFUSED},
        answers={"granted": examples.RESOLVED},
        refusals=SETTLE,
        idempotent=True,
        texts=True,
    ),
)
def resolve_escalation(id: str, body: dict[str, Any]) -> Response:
    """Grant or refuse what was escalated

    A grant, of all, of less or of another remedy, is a decision of the resolver's own, by the same rules and within
    their own limits: it holds the money and is to be committed like any other. Nobody resolves what they asked for
    themselves, and of two who do so at once one is told who came before.
    """
    spoken, services = language(), runtime()
    now = services.clock.now()

    def render(resolved: Resolved) -> str:
        decision = resolved.decision
        return as_text(
            {
                "escalation": escalation(resolved.escalation, now),
                "decision": None if decision is None else rendered(decision, spoken, history=True),
            }
        )

    idempotency = Idempotency.of(request.path, request.headers.get("Idempotency-Key"), body)
    reply = resolve(services, escalation_id(id), Resolution(**body), caller(), idempotency, render)
    g.decision = reply.decision_id
    return reply_as_response(reply, spoken)


def _cursor(last: Escalation) -> str:
    return f"{instant(last.due_at)}{_BETWEEN}{last.id}"


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    due_at, _, last_id = cursor.partition(_BETWEEN)
    try:
        return an_instant("cursor", due_at), escalation_id(last_id)
    except (InvalidRequest, NotFound):
        raise FieldProblem("cursor", "is not a cursor of this list; use `next` of the page before.") from None
