"""What agents hold against decisions."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, Note, Reference
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.paging import PagingSchema
from policyservice.cases.objections import Verdict

_RESULTS = tuple(verdict.value for verdict in Verdict)


class ObjectSchema(Strict):
    """What is wrong with the decision, in a sentence."""

    agent = Reference(required=True)
    note = Note(required=True)


class AnswerObjectionSchema(Strict):
    """What whoever owns the rule says to it."""

    agent = Reference(required=True)
    result = one_of(*_RESULTS, required=True)
    note = Note(required=True)


class ObjectionFiltersSchema(PagingSchema):
    """Which objections are wanted; open ones where nothing is said."""

    owner = Reference(metadata={"description": "Who answers for the rule."})
    decision = Reference()
    status = one_of("open", "answered", load_default="open")


class ObjectionAnswerSchema(Strict):
    """The answer."""

    at = Instant(required=True)
    agent = fields.String(required=True)
    result = one_of(*_RESULTS, required=True)
    note = fields.String(required=True, allow_none=True)


class ObjectionSchema(Strict):
    """An objection with the case it is about, and its answer once there is one."""

    id = fields.String(required=True)
    decision_id = fields.String(required=True)
    case = fields.String(required=True)
    at = Instant(required=True)
    agent = fields.String(required=True)
    owner = fields.String(required=True)
    rule = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    answer = fields.Nested(ObjectionAnswerSchema, required=True, allow_none=True)


class ObjectionListSchema(Strict):
    """Objections, the oldest first."""

    items = fields.List(fields.Nested(ObjectionSchema), required=True)
    next = fields.String(required=True, allow_none=True)
