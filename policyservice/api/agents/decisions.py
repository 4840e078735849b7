"""Decisions: ask for one, read one, list them, have one explained."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import ASK, Operation, operation
from policyservice.api.language import language
from policyservice.api.refs import decision_id
from policyservice.api.rendering import rendered, renderer, reply_as_response
from policyservice.api.schemas.ask import AskSchema
from policyservice.api.schemas.decision import DecisionListSchema, DecisionSchema, OneDecisionSchema
from policyservice.api.schemas.search import DecisionFiltersSchema
from policyservice.api.wire import answer
from policyservice.cases import escalations
from policyservice.decisions import log, searching
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import ask
from policyservice.decisions.searching import LogFilters
from policyservice.personal.shown import shown


@operation(
    bp,
    "POST",
    "/decisions",
    Operation(
        answer=DecisionSchema,
        status=201,
        body=AskSchema,
        raw_body=True,
        examples={"the missed breakfast": examples.ASK, "without a sum": examples.ASK_WITHOUT_SUM},
        answers={"allowed": examples.ALLOWED, "escalated": examples.ESCALATED},
        refusals=(*ASK, 409),
        idempotent=True,
        texts=True,
    ),
)
def ask_decision(body: dict[str, Any]) -> Response:
    """Decide, hold the money, log it

    Answers 201 whatever the outcome is: `allow`, `escalate` or `deny`. Repeating the key repeats the answer.
    """
    spoken = language()
    idempotency = Idempotency.of(request.path, request.headers.get("Idempotency-Key"), body)
    reply = ask(runtime(), body, caller(), idempotency, renderer(spoken, history=False))
    g.decision = reply.decision_id
    return reply_as_response(reply, spoken, location=f"/v1/decisions/{reply.decision_id}")


@operation(
    bp,
    "GET",
    "/decisions/<decision:id>",
    Operation(answer=OneDecisionSchema, answers={"committed": examples.COMMITTED}, texts=True),
)
def get_decision(id: str) -> Response:
    """One decision, what was asked, and what became of it"""
    spoken = language()
    with runtime().db.reading() as conn:
        stored = log.read(conn, decision_id(id), seen_by=caller())
        document = shown(conn, rendered(stored, spoken, history=True))
        answered = escalations.resulted_in(conn, stored.id)
    if answered is not None:
        document["resolves"] = answered
    return answer(document, language=spoken)


@operation(
    bp,
    "GET",
    "/decisions",
    Operation(
        answer=DecisionListSchema,
        query=DecisionFiltersSchema,
        answers={"one": {"items": [examples.COMMITTED], "next": None}},
        refusals=(401, 403, 422, 500, 503),
        texts=True,
    ),
)
def list_decisions(query: dict[str, Any]) -> Response:
    """Decisions by filters, newest first

    A key that is bound to agents or teams lists theirs alone.
    """
    spoken = language()
    cursor, limit = query.pop("cursor"), query.pop("limit")
    with runtime().db.reading() as conn:
        page = searching.search(conn, LogFilters(**query), cursor=cursor, limit=limit, seen_by=caller())
        items = shown(conn, [rendered(stored, spoken, history=True) for stored in page.items])
    return answer({"items": items, "next": page.next}, language=spoken)
