"""What became of a decision: given, not given, taken back."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request
from marshmallow import Schema

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import SETTLE, Operation, operation
from policyservice.api.language import language
from policyservice.api.refs import decision_id
from policyservice.api.rendering import renderer, reply_as_response
from policyservice.api.schemas.decision import StoredDecisionSchema
from policyservice.api.schemas.settle import CommitSchema, ReverseSchema, VoidSchema
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency, Reply


def _settles(body: type[Schema], example: dict[str, Any], answered: dict[str, Any]) -> Operation:
    return Operation(
        answer=StoredDecisionSchema,
        body=body,
        examples={"usual": example},
        answers={"settled": answered},
        refusals=SETTLE,
        idempotent=True,
        texts=True,
    )


@operation(bp, "POST", "/decisions/<id>/commit", _settles(CommitSchema, examples.COMMIT, examples.COMMITTED))
def commit_decision(id: str, body: dict[str, Any]) -> Response:
    """The remedy was given

    All of it, or the amount named: the rest is free again. A commit after the hold has ended is booked all the same and
    marked late, since the customer has the money.
    """
    spoken = language()
    reply = settle.commit(
        runtime(),
        decision_id(id),
        caller(),
        _idempotency(body),
        renderer(spoken, history=True),
        amount=body.get("amount"),
        external_ref=body.get("external_ref"),
    )
    return _answer(reply, spoken)


@operation(bp, "POST", "/decisions/<id>/void", _settles(VoidSchema, examples.VOID, examples.VOIDED))
def void_decision(id: str, body: dict[str, Any]) -> Response:
    """The remedy was not given: what was held is free again"""
    spoken = language()
    render = renderer(spoken, history=True)
    reply = settle.void(runtime(), decision_id(id), caller(), _idempotency(body), render, reason=body["reason"])
    return _answer(reply, spoken)


@operation(bp, "POST", "/decisions/<id>/reverse", _settles(ReverseSchema, examples.REVERSE, examples.REVERSED))
def reverse_decision(id: str, body: dict[str, Any]) -> Response:
    """What was given is taken back, all of it or a part"""
    spoken = language()
    reply = settle.reverse(
        runtime(),
        decision_id(id),
        caller(),
        _idempotency(body),
        renderer(spoken, history=True),
        amount=body.get("amount"),
        reason=body["reason"],
    )
    return _answer(reply, spoken)


def _idempotency(body: dict[str, Any]) -> Idempotency:
    return Idempotency.of(request.path, request.headers.get("Idempotency-Key"), body)


def _answer(reply: Reply, spoken: str) -> Response:
    g.decision = reply.decision_id
    return reply_as_response(reply, spoken)
