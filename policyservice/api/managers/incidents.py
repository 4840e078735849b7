"""Incidents: opened, moved on, given a corrective action and one remedy for all alike, rolled out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, request

from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import SETTLE, Operation, operation
from policyservice.api.language import language
from policyservice.api.managers.blueprint import bp
from policyservice.api.present.incident import incident, rolled_out, told
from policyservice.api.refs import incident_id
from policyservice.api.rendering import reply_as_response
from policyservice.api.schemas import incidents as schemas
from policyservice.api.wire import answer, as_text, instant
from policyservice.cases import incidents
from policyservice.cases.incidents import Incident, State
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.values import an_instant
from policyservice.domain.errors import FieldProblem, InvalidRequest, NotFound
from policyservice.personal.shown import shown
from policyservice.resolutions.incidents import action, course, remedy, steps
from policyservice.resolutions.incidents.steps import OK, Call, Told
from policyservice.resolutions.keyed import answered_before, once_per_key
from policyservice.resolutions.rolling_out import MOST, roll_out

_BETWEEN = "~"


@operation(
    bp,
    "GET",
    "/incidents",
    Operation(
        answer=schemas.IncidentListSchema,
        query=schemas.IncidentFiltersSchema,
        answers={"one": {"items": [examples.INCIDENT], "next": None}},
        refusals=(401, 403, 422, 500, 503),
    ),
)
def list_incidents(query: dict[str, Any]) -> Response:
    """Incidents, the newest first"""
    services, limit = runtime(), query["limit"]
    status = State(query["status"]) if query.get("status") else None
    with services.db.reading() as conn:
        found = incidents.listed(conn, status, after=_after(query["cursor"]), limit=limit + 1)
        now = services.clock.now()
        items = shown(conn, [incident(one, counts, now) for one, counts in steps.listed(conn, found[:limit])])
    return answer({"items": items, "next": _cursor(found[limit - 1]) if len(found) > limit else None})


@operation(
    bp,
    "GET",
    "/incidents/<id>",
    Operation(answer=schemas.OneIncidentSchema, answers={"one": examples.ONE_INCIDENT}),
)
def get_incident(id: str) -> Response:
    """One incident, with how many cases it is behind and what happened to it"""
    services = runtime()
    with services.db.reading() as conn:
        one = steps.read(conn, incident_id(id))
        return answer(shown(conn, told(one, services.clock.now())))


@operation(
    bp,
    "POST",
    "/incidents",
    Operation(
        answer=schemas.OneIncidentSchema,
        status=201,
        body=schemas.OpenIncidentSchema,
        examples={"by rule": examples.OPEN_INCIDENT},
        answers={"opened": examples.ONE_INCIDENT},
        refusals=SETTLE,
        idempotent=True,
    ),
)
def open_incident(body: dict[str, Any]) -> Response:
    """Open an incident

    The cases whose decisions its rule holds for are linked behind the requests, those there already too; so are those
    that name it as `incident`. Their escalations leave the queue: the incident decides for all alike.
    """
    return _answered(lambda services, call: course.open_incident(services, call, **_instants(body)), body)


def _step(body: type[Any], **named: Any) -> Operation:
    return Operation(
        answer=schemas.OneIncidentSchema,
        body=body,
        examples=named,
        answers={"done": examples.ONE_INCIDENT},
        refusals=SETTLE,
        idempotent=True,
    )


@operation(bp, "POST", "/incidents/<id>/transition", _step(schemas.TransitionSchema, confirmed=examples.TRANSITION))
def move_incident(id: str, body: dict[str, Any]) -> Response:
    """Move an incident to its next state; every reporter is told

    What is dismissed was none: the escalations that it took out of the queue are back in it.
    """
    return _answered(lambda services, call: course.transition(services, call, incident_id(id), **_to(body)), body)


@operation(bp, "POST", "/incidents/<id>/action", _step(schemas.ActionSchema, planned=examples.ACTION))
def plan_action(id: str, body: dict[str, Any]) -> Response:
    """Say what is done about it, by whom and by when; or that it is done"""
    return _answered(lambda services, call: action.act(services, call, incident_id(id), **_instants(body)), body)


@operation(bp, "POST", "/incidents/<id>/remedy", _step(schemas.SetRemedySchema, credit=examples.SHARED_REMEDY))
def set_shared_remedy(id: str, body: dict[str, Any]) -> Response:
    """Say what everybody gets alike, and how much it may come to in all

    The budget is a limit of scope `incident`. Nobody gets the remedy twice for one incident, proactively or in
    conversation.
    """
    return _answered(lambda services, call: remedy.set_remedy(services, call, incident_id(id), **body), body)


@operation(
    bp,
    "POST",
    "/incidents/<id>/roll-out",
    Operation(
        answer=schemas.RolledOutSchema,
        body=schemas.RollOutSchema,
        examples={"a hundred": examples.ROLL_OUT},
        answers={"done": examples.ROLLED_OUT},
        refusals=SETTLE,
        idempotent=True,
    ),
)
def roll_out_remedy(id: str, body: dict[str, Any]) -> Response:
    """Give the remedy to cases that have not got it: a proactive decision for each, once

    Call it again, with a new key, until `left` is 0. Each decision holds the money and is to be committed like any
    other; each leaves as an event.
    """
    named, services, actor, idempotency = incident_id(id), runtime(), caller(), _idempotency(body)
    if not 1 <= body["most"] <= MOST:
        raise FieldProblem("most", f"expected a whole number, 1 up to and including {MOST}.")
    earlier = answered_before(services, actor, idempotency)
    if earlier is None:
        done = as_text(rolled_out(roll_out(services, named, body["agent"], actor, most=body["most"])))
        earlier = once_per_key(services, actor, idempotency, lambda conn: Reply(OK, done))
    return reply_as_response(earlier, language())


def _answered(do: Callable[[Any, Call], Reply], body: dict[str, Any]) -> Response:
    services = runtime()
    now = services.clock.now()

    def render(one: Told) -> str:
        return as_text(told(one, now))

    return reply_as_response(do(services, Call(caller(), _idempotency(body), render)), language())


def _idempotency(body: dict[str, Any]) -> Idempotency:
    return Idempotency.of(request.path, request.headers.get("Idempotency-Key"), _instants(body))


def _instants(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its instants as texts again, which the service reads by itself."""
    return {name: instant(value) if isinstance(value, datetime) else value for name, value in body.items()}


def _to(body: dict[str, Any]) -> dict[str, Any]:
    return {"agent": body["agent"], "to": body["to"], "note": body.get("note")}


def _cursor(last: Incident) -> str:
    return f"{instant(last.opened_at)}{_BETWEEN}{last.id}"


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    opened_at, _, last_id = cursor.partition(_BETWEEN)
    try:
        return an_instant("cursor", opened_at), incident_id(last_id)
    except (InvalidRequest, NotFound):
        raise FieldProblem("cursor", "is not a cursor of this list; use `next` of the page before.") from None
