"""Contacts: whoever speaks or writes with a customer says so."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import SETTLE, Operation, operation
from policyservice.api.language import language
from policyservice.api.present.promises import contact
from policyservice.api.refs import contact_id
from policyservice.api.refs import ref as reference
from policyservice.api.rendering import reply_as_response
from policyservice.api.schemas.contacts import ContactSchema, CorrectContactSchema, TakenContactSchema
from policyservice.api.wire import as_sent, as_text
from policyservice.decisions.replies import Idempotency
from policyservice.resolutions import contacts
from policyservice.resolutions.contacts import TakenContact


@operation(
    bp,
    "POST",
    "/cases/<path:ref>/contacts",
    Operation(
        answer=TakenContactSchema,
        status=201,
        body=ContactSchema,
        examples={"a call": examples.CONTACT},
        answers={"kept": examples.TAKEN_CONTACT},
        refusals=tuple(status for status in SETTLE if status != 404),
        idempotent=True,
    ),
)
def post_contact(ref: str, body: dict[str, Any]) -> Response:
    """Somebody spoke or wrote with the customer of a case

    In any channel; the case need not have been heard of before. `told` says what the customer was told, so that the
    next colleague sees it: an answer, what happens next, how it ended.
    """
    idempotency = Idempotency.of(request.path, request.headers.get("Idempotency-Key"), as_sent(body))
    said = TakenContact(**body)
    reply = contacts.take(runtime(), reference(ref), said, caller(), idempotency, lambda taken: as_text(contact(taken)))
    return reply_as_response(reply, language())


@operation(
    bp,
    "POST",
    "/contacts/<id>/correct",
    Operation(
        answer=TakenContactSchema,
        body=CorrectContactSchema,
        examples={"it took longer": examples.CORRECT_CONTACT},
        answers={"as it stands now": examples.CORRECTED_CONTACT},
        refusals=SETTLE,
        idempotent=True,
    ),
)
def correct_contact(id: str, body: dict[str, Any]) -> Response:
    """How long a contact really was handled, with a reason

    The contact stays as it was recorded; the last correction of its minutes stands.
    """
    idempotency = Idempotency.of(request.path, request.headers.get("Idempotency-Key"), as_sent(body))
    reply = contacts.correct(
        runtime(), contact_id(id), caller(), idempotency, lambda right: as_text(contact(right)), **body
    )
    return reply_as_response(reply, language())
