"""Contacts of a case."""

from __future__ import annotations

from marshmallow import fields, validate

from policyservice.api.fields import Instant, Note, Reference, WholeNumber
from policyservice.api.schemas.base import Strict
from policyservice.cases.contacts import Direction, Told
from policyservice.resolutions.checking import MOST_MINUTES


class ContactSchema(Strict):
    """That somebody spoke or wrote with a customer."""

    agent = Reference(required=True, metadata={"description": "Who did; registered with PUT /v1/agents/{ref}."})
    channel = Reference(required=True, metadata={"description": "chat, phone, email, ..."})
    at = Instant(load_default=None, allow_none=True, metadata={"description": "When; now when left out."})
    customer = Reference(
        load_default=None, allow_none=True, metadata={"description": "That of the case when left out."}
    )
    direction = fields.Enum(
        Direction, by_value=True, load_default=Direction.IN, metadata={"description": "in: the customer turned to us."}
    )
    told = fields.List(
        fields.Enum(Told, by_value=True),
        load_default=list,
        metadata={"description": "What the customer was told: an answer, what happens next, how it ended."},
    )
    note = Note(load_default=None, allow_none=True, metadata={"description": "Short, for the next colleague."})
    minutes = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, MOST_MINUTES),
        metadata={"description": "How long it was handled, writing up included; not known when left out."},
    )


class CorrectContactSchema(Strict):
    """How long a contact really was handled, and why that is known now."""

    agent = Reference(required=True, metadata={"description": "Who says so."})
    minutes = WholeNumber(required=True, validate=validate.Range(0, MOST_MINUTES))
    reason = Note(required=True)


class TakenContactSchema(Strict):
    """A contact as it is kept."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    at = Instant(required=True)
    channel = fields.String(required=True)
    direction = fields.Enum(Direction, by_value=True, required=True)
    agent = fields.String(required=True)
    told = fields.List(fields.Enum(Told, by_value=True), required=True)
    note = fields.String(required=True, allow_none=True)
    minutes = WholeNumber(required=True, allow_none=True)
