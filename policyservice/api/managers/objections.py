"""Objections to decisions, for whoever owns the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.managers.blueprint import bp
from policyservice.api.present.objection import presented
from policyservice.api.refs import objection_id
from policyservice.api.schemas.objections import (
    AnswerObjectionSchema,
    ObjectionFiltersSchema,
    ObjectionListSchema,
    ObjectionSchema,
)
from policyservice.api.wire import answer, instant
from policyservice.cases import objections
from policyservice.cases.objections import Objection, ObjectionFilters, Verdict
from policyservice.decisions.sight import ids_of_own
from policyservice.decisions.values import an_instant
from policyservice.domain.errors import FieldProblem, InvalidRequest, NotFound
from policyservice.resolutions import objections as answering

_BETWEEN = "~"


@operation(
    bp,
    "GET",
    "/objections",
    Operation(
        answer=ObjectionListSchema,
        query=ObjectionFiltersSchema,
        answers={"one": {"items": [examples.OBJECTION], "next": None}},
        refusals=(401, 403, 422, 500, 503),
    ),
)
def list_objections(query: dict[str, Any]) -> Response:
    """What agents hold against decisions, the oldest first; open ones unless asked otherwise

    A key that is bound to agents or teams sees objections to their decisions, and no others.
    """
    limit = query["limit"]
    filters = ObjectionFilters(query.get("owner"), query.get("decision"), is_open=query["status"] == "open")
    with runtime().db.reading() as conn:
        among = ids_of_own(caller())
        found = objections.listed(conn, filters, after=_after(query["cursor"]), limit=limit + 1, among=among)
        items = presented(conn, found[:limit])
    return answer({"items": items, "next": _cursor(found[limit - 1]) if len(found) > limit else None})


@operation(
    bp,
    "POST",
    "/objections/<objection>/answer",
    Operation(
        answer=ObjectionSchema,
        body=AnswerObjectionSchema,
        examples={"usual": examples.ANSWER_OBJECTION},
        answers={"answered": examples.OBJECTION_ANSWERED},
        refusals=(400, 401, 403, 404, 409, 413, 415, 422, 500, 503),
    ),
)
def answer_objection(objection: str, body: dict[str, Any]) -> Response:
    """Answer an objection, once

    `stands`: rule and decision are right. `rule_changes`: the rule is being put right. `decision_was_wrong`: the rule
    is right, and this case was taken for another. Nobody answers their own objection.
    """
    services = runtime()
    found = answering.answer(
        services, objection_id(objection), body["agent"], Verdict(body["result"]), body["note"], caller()
    )
    with services.db.reading() as conn:
        (document,) = presented(conn, [found])
    return answer(document)


def _cursor(last: Objection) -> str:
    return f"{instant(last.at)}{_BETWEEN}{last.id}"


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, _, last_id = cursor.partition(_BETWEEN)
    try:
        return an_instant("cursor", at), objection_id(last_id)
    except (InvalidRequest, NotFound):
        raise FieldProblem("cursor", "is not a cursor of this list; use `next` of the page before.") from None
