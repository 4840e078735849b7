"""The answer to "what may I give?"."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.parts import BASES, BindingLimitSchema, CostSchema, ReasonSchema


class OptionSchema(Strict):
    """A remedy that may be given now, up to and including `up_to` (null: it has no sum)."""

    remedy = fields.String(required=True)
    up_to = MoneyString(required=True, allow_none=True)
    currency = fields.String(required=True)
    basis = one_of(*BASES, required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    say = fields.String(required=True, allow_none=True)
    advice = fields.List(fields.String(), required=True)
    binding_limit = fields.Nested(BindingLimitSchema, required=True, allow_none=True)
    cost = fields.Nested(CostSchema, required=True, allow_none=True)


class WhoDecidesSchema(Strict):
    """Who would decide, and by when the customer would have an answer."""

    to = fields.String(required=True)
    due_at = Instant(required=True)


class EscalateOnlySchema(Strict):
    """A remedy that only somebody else can give."""

    remedy = fields.String(required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    binding_limit = fields.Nested(BindingLimitSchema, required=True, allow_none=True)
    escalation = fields.Nested(WhoDecidesSchema, required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)


class OptionsSchema(Strict):
    """What may be given, best first; and what needs somebody else."""

    options = fields.List(fields.Nested(OptionSchema), required=True)
    escalate_only = fields.List(fields.Nested(EscalateOnlySchema), required=True)
