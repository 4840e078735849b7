"""What was decided and promised before, for whoever picks up the phone next."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, TrueOrFalse
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.decision import OUTCOMES, STATUSES
from policyservice.api.schemas.parts import BASES, EscalationRefSchema


class PastSchema(Strict):
    """One decision in short. `standing` is what is held or given now."""

    id = fields.String(required=True)
    at = Instant(required=True)
    agent = fields.String(required=True)
    channel = fields.String(required=True)
    case = fields.String(required=True)
    order = fields.String(required=True, allow_none=True)
    incident = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    remedy = fields.String(required=True)
    amount = MoneyString(required=True, allow_none=True)
    standing = MoneyString(required=True, allow_none=True)
    currency = fields.String(required=True)
    outcome = one_of(*OUTCOMES, required=True)
    status = one_of(*STATUSES, required=True)
    basis = one_of(*BASES, required=True, allow_none=True)
    say = fields.String(required=True, allow_none=True)
    escalation = fields.Nested(EscalationRefSchema, required=True, allow_none=True)
    given_before = TrueOrFalse(required=True, metadata={"description": "Given before it was asked (`given_at`)."})


class HistorySchema(Strict):
    """A customer's decisions, newest first, whoever decided and in which channel."""

    customer = fields.String(required=True)
    items = fields.List(fields.Nested(PastSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class CaseViewSchema(Strict):
    """A case as decisions know it, newest first."""

    case = fields.String(required=True)
    customers = fields.List(fields.String(), required=True)
    orders = fields.List(fields.String(), required=True)
    items = fields.List(fields.Nested(PastSchema), required=True)
