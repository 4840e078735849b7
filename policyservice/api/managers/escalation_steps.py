"""One escalation: what happened to it, and the steps before it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from marshmallow import Schema

from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import SETTLE, Operation, operation
from policyservice.api.language import language
from policyservice.api.managers.blueprint import bp
from policyservice.api.present.escalation import worked
from policyservice.api.refs import escalation_id
from policyservice.api.rendering import reply_as_response
from policyservice.api.schemas.escalations import (
    CorrectSchema,
    EscalationContactSchema,
    HandOnSchema,
    TakeSchema,
    WithdrawSchema,
    WorkedEscalationSchema,
)
from policyservice.api.wire import answer, as_text
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.personal.shown import shown
from policyservice.resolutions import working
from policyservice.resolutions.working import Step


def _step(body: type[Schema], **named: Any) -> Operation:
    return Operation(
        answer=WorkedEscalationSchema,
        body=body,
        examples=named,
        answers={"done": examples.WORKED},
        refusals=SETTLE,
        idempotent=True,
    )


@operation(bp, "GET", "/escalations/<id>", Operation(answer=WorkedEscalationSchema, answers={"one": examples.WORKED}))
def get_escalation(id: str) -> Response:
    """One escalation: what is to be decided, what happened to it, and what that took"""
    services = runtime()
    with services.db.reading() as conn:
        one = working.read(conn, escalation_id(id), caller())
        return answer(shown(conn, worked(one, services.clock.now())))


@operation(bp, "POST", "/escalations/<id>/take", _step(TakeSchema, taken=examples.TAKE))
def take_escalation(id: str, body: dict[str, Any]) -> Response:
    """Have it in hand, so that nobody else begins on it

    For whoever it is for, or who stands above them, and not for whoever asked. Taking what one has changes nothing.
    """
    return _answered(id, body, working.take)


@operation(bp, "POST", "/escalations/<id>/hand-on", _step(HandOnSchema, raised=examples.HAND_ON))
def hand_on_escalation(id: str, body: dict[str, Any]) -> Response:
    """Hand it on to another level, or into a colleague's hands

    Also out of somebody else's hands. When the customer was promised an answer does not change.
    """
    return _answered(id, body, working.hand_on)


@operation(bp, "POST", "/escalations/<id>/contacts", _step(EscalationContactSchema, asked=examples.ESCALATION_CONTACT))
def record_contact(id: str, body: dict[str, Any]) -> Response:
    """Record that the customer was spoken with while waiting"""
    return _answered(id, body, working.contact)


@operation(bp, "POST", "/escalations/<id>/withdraw", _step(WithdrawSchema, withdrawn=examples.WITHDRAW))
def withdraw_escalation(id: str, body: dict[str, Any]) -> Response:
    """Close it, since nobody needs the answer any more

    Nothing is decided and nothing held. Whoever asked may do so too.
    """
    return _answered(id, body, working.withdraw)


@operation(bp, "POST", "/escalations/<id>/correct", _step(CorrectSchema, corrected=examples.CORRECT))
def correct_escalation(id: str, body: dict[str, Any]) -> Response:
    """Say what it really took, and why that was recorded wrongly

    What was recorded stays: the correction is a further row of its history.
    """
    return _answered(id, body, working.correct)


def _answered(id: str, body: dict[str, Any], do: Callable[..., Reply]) -> Response:
    services = runtime()
    now = services.clock.now()
    idempotency = Idempotency.of(request.path, request.headers.get("Idempotency-Key"), body)
    step = Step(escalation_id(id), caller(), idempotency, lambda one: as_text(worked(one, now)))
    reply = do(services, step, **body)
    g.decision = reply.decision_id
    return reply_as_response(reply, language())
