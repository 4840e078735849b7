"""Many decisions in one call: what is asked, and what became of each."""

from __future__ import annotations

from marshmallow import fields, validate

from policyservice.api.fields import TrueOrFalse
from policyservice.api.schemas.ask import AskSchema
from policyservice.api.schemas.base import Strict
from policyservice.api.schemas.decision import DecisionSchema
from policyservice.api.schemas.problem import ProblemSchema
from policyservice.decisions.batch import MOST

_KEY = {"pattern": "^[ -~]{1,255}$", "description": "As the header Idempotency-Key of a single call, and of one scope."}


class BatchItemSchema(Strict):
    """One request with its key."""

    idempotency_key = fields.String(required=True, metadata=_KEY)
    decision = fields.Nested(AskSchema, required=True)


class BatchSchema(Strict):
    """Up to 500 requests; each is decided for itself, in this order."""

    decisions = fields.List(fields.Nested(BatchItemSchema), required=True, validate=validate.Length(1, MOST))


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
