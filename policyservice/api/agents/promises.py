"""Promises: made, moved, kept, broken, and listed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, request
from marshmallow import Schema

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import SETTLE, Operation, operation
from policyservice.api.language import language
from policyservice.api.present.promises import promise as presented
from policyservice.api.refs import promise_id
from policyservice.api.refs import ref as reference
from policyservice.api.rendering import reply_as_response
from policyservice.api.schemas.promises import (
    BreakPromiseSchema,
    KeepPromiseSchema,
    MakePromiseSchema,
    MovePromiseSchema,
    PromiseFiltersSchema,
    PromiseListSchema,
    PromiseSchema,
)
from policyservice.api.wire import answer, as_sent, as_text, instant
from policyservice.cases import promises as kept_promises
from policyservice.cases.promises import Promise, PromiseFilters, StepKind
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.sight import seen_to
from policyservice.decisions.values import an_instant
from policyservice.domain.errors import FieldProblem, InvalidRequest, NotFound
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.named import pseudonym
from policyservice.personal.shown import shown
from policyservice.resolutions import promises
from policyservice.resolutions.promises import MadePromise, Render, TakenStep

_BETWEEN = "~"


@operation(
    bp,
    "POST",
    "/cases/<path:ref>/promises",
    Operation(
        answer=PromiseSchema,
        status=201,
        body=MakePromiseSchema,
        examples={"a call back": examples.PROMISE},
        answers={"made": examples.MADE_PROMISE},
        refusals=tuple(status for status in SETTLE if status != 404),
        idempotent=True,
        texts=True,
    ),
)
def make_promise(ref: str, body: dict[str, Any]) -> Response:
    """Promise something to the customer of a case

    What, by when, and who sees to it. One that is overdue is listed and told of as an event before the customer calls.
    What is escalated promises an answer by itself.
    """
    spoken = language()
    reply = promises.make(runtime(), reference(ref), MadePromise(**body), caller(), _idempotency(body), _render(spoken))
    return reply_as_response(reply, spoken)


def _step(body: type[Schema], example: dict[str, Any], answered: dict[str, Any]) -> Operation:
    return Operation(
        answer=PromiseSchema,
        body=body,
        examples={"usual": example},
        answers={"said": answered},
        refusals=SETTLE,
        idempotent=True,
        texts=True,
    )


@operation(
    bp, "POST", "/promises/<promise>/keep", _step(KeepPromiseSchema, examples.KEEP_PROMISE, examples.KEPT_PROMISE)
)
def keep_promise(promise: str, body: dict[str, Any]) -> Response:
    """The promise was kept; late where it was due before"""
    return _said(promise, StepKind.KEPT, body)


@operation(
    bp, "POST", "/promises/<promise>/move", _step(MovePromiseSchema, examples.MOVE_PROMISE, examples.MOVED_PROMISE)
)
def move_promise(promise: str, body: dict[str, Any]) -> Response:
    """The promise is for another time; the customer should be told"""
    return _said(promise, StepKind.MOVED, body)


@operation(
    bp, "POST", "/promises/<promise>/break", _step(BreakPromiseSchema, examples.BREAK_PROMISE, examples.BROKEN_PROMISE)
)
def break_promise(promise: str, body: dict[str, Any]) -> Response:
    """The promise will not be kept, and why"""
    return _said(promise, StepKind.BROKEN, body)


@operation(
    bp,
    "GET",
    "/promises",
    Operation(
        answer=PromiseListSchema,
        query=PromiseFiltersSchema,
        answers={"one": {"items": [examples.MADE_PROMISE], "next": None}},
        refusals=(401, 403, 422, 500, 503),
        texts=True,
    ),
)
def list_promises(query: dict[str, Any]) -> Response:
    """Promises, those due first at the front; open ones unless asked otherwise

    A key that is bound to agents or teams lists those that these made or see to.
    """
    services, spoken, limit = runtime(), language(), query["limit"]
    now = services.clock.now()
    with services.db.reading() as conn:
        named = {
            name: pseudonym(conn, kind, query[name])
            for name, kind in (
                ("owner", PersonalKind.AGENT),
                ("case", PersonalKind.CASE),
                ("customer", PersonalKind.CUSTOMER),
            )
            if name in query
        }
        filters = PromiseFilters(
            status=query["status"],
            overdue_at=now if query.get("overdue") == "true" else None,
            owner_team=query.get("team"),
            **named,
        )
        after = _after(query["cursor"])
        found = kept_promises.listed(conn, filters, seen_to(caller()), after=after, limit=limit + 1)
        steps = kept_promises.steps_of(conn, [one.id for one in found[:limit]])
        items = shown(conn, [presented(one, steps[one.id], now, spoken) for one in found[:limit]])
    return answer({"items": items, "next": _cursor(found[limit - 1]) if len(found) > limit else None}, language=spoken)


def _said(id: str, kind: StepKind, body: dict[str, Any]) -> Response:
    spoken = language()
    taken = TakenStep(**body)
    reply = promises.step(runtime(), promise_id(id), kind, taken, caller(), _idempotency(body), _render(spoken))
    return reply_as_response(reply, spoken)


def _render(spoken: str) -> Render:
    now = runtime().clock.now()
    return lambda one, steps: as_text(presented(one, steps, now, spoken))


def _idempotency(body: dict[str, Any]) -> Idempotency:
    return Idempotency.of(request.path, request.headers.get("Idempotency-Key"), as_sent(body))


def _cursor(last: Promise) -> str:
    return f"{instant(last.due_at)}{_BETWEEN}{last.id}"


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    due_at, _, last_id = cursor.partition(_BETWEEN)
    try:
        return an_instant("cursor", due_at), promise_id(last_id)
    except (InvalidRequest, NotFound):
        raise FieldProblem("cursor", "is not a cursor of this list; use `next` of the page before.") from None
