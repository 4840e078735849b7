"""Many decisions in one call: what is asked, and what became of each."""

from __future__ import annotations

from marshmallow import fields, validate

from policyservice.api.fields import TrueOrFalse
from policyservice.api.schemas.base import Strict
from policyservice.api.schemas.decision import DecisionSchema
from policyservice.api.schemas.problem import ProblemSchema
from policyservice.decisions.batch import MOST


class BatchSchema(Strict):
    """Up to 500 requests; each is decided for itself, in this order."""

    decisions = fields.List(
        fields.Raw(
            metadata={
                "description": "One request: `decision`, the body of `POST /v1/decisions`, and `idempotency_key`, as "
                "the header of a single call and of one scope with it: 1 to 255 printable ASCII characters. One that "
                "is anything else is answered with a problem in its place, and does not spoil the others."
            }
        ),
        required=True,
        validate=validate.Length(1, MOST),
    )


class BatchOutcomeSchema(Strict):
    """What a single call would have been answered: its status, and a decision or a problem."""

    idempotency_key = fields.String(required=True, allow_none=True, metadata={"description": "Null: it was no text."})
    status = fields.Integer(required=True)
    replayed = TrueOrFalse(required=True)
    decision = fields.Nested(DecisionSchema, required=True, allow_none=True)
    problem = fields.Nested(ProblemSchema, required=True, allow_none=True)


class BatchAnswerSchema(Strict):
    """One outcome for each request, in the order they were sent."""

    items = fields.List(fields.Nested(BatchOutcomeSchema), required=True)
