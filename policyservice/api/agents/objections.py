"""This answer is wrong."""

from __future__ import annotations

from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.present.objection import presented
from policyservice.api.refs import decision_id
from policyservice.api.schemas.objections import ObjectionSchema, ObjectSchema
from policyservice.api.wire import answer
from policyservice.resolutions.objections import object_to


@operation(
    bp,
    "POST",
    "/decisions/<id>/objections",
    Operation(
        answer=ObjectionSchema,
        status=201,
        also=(200,),
        body=ObjectSchema,
        examples={"usual": examples.OBJECT},
        answers={"kept": examples.OBJECTION},
        refusals=(400, 401, 403, 404, 413, 415, 422, 500, 503),
    ),
)
def object_to_decision(id: str, body: dict[str, Any]) -> Response:
    """Say in a sentence that a decision is wrong

    It goes to whoever owns the rule that spoke (`owner`), with the case, and is answered. The decision stays as it is.
    The same sentence again is answered 200 with the objection that is kept.
    """
    services = runtime()
    raised = object_to(services, decision_id(id), body["agent"], body["note"], caller())
    with services.db.reading() as conn:
        (document,) = presented(conn, [raised.objection])
    return answer(document, 201 if raised.is_new else 200)
