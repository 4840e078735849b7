"""What escalating is estimated to have cost, and up to which amount deciding at once is cheaper."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import MoneyString, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.reports.parts import SHARE, ByViewSchema


class EstimateSchema(Strict):
    """Sums of estimates of one path; a saving is never posted."""

    decisions = WholeNumber(required=True)
    remedy = MoneyString(required=True)
    escalation = fields.Nested(ByViewSchema, required=True)
    saving = fields.Nested(ByViewSchema, required=True, allow_none=True)


class SharesSchema(Strict):
    """Shares by view, 0 to 1."""

    cash = fields.String(required=True, allow_none=True, metadata=SHARE)
    churn = fields.String(required=True, allow_none=True, metadata=SHARE)
    full = fields.String(required=True, allow_none=True, metadata=SHARE)


class EstimatesSchema(Strict):
    """Estimates by path, never added up."""

    grade = one_of("A", "B", "C", "D", required=True)
    at_once = fields.Nested(EstimateSchema, required=True)
    stretched = fields.Nested(EstimateSchema, required=True)
    escalated = fields.Nested(EstimateSchema, required=True)
    on_defaults = fields.Nested(SharesSchema, required=True)


class AmountsSchema(ByViewSchema):
    """The break-even amounts of remedies that cost alike; null where there is none."""

    remedies = fields.List(fields.String(), required=True)


class LimitBesideSchema(Strict):
    """A limit per decision in force; `bounds` by trust level, `*` for every level that is not named."""

    limit = fields.String(required=True)
    remedies = fields.List(fields.String(), required=True, metadata={"description": "Empty: all."})
    bounds = fields.Dict(keys=fields.String(), values=MoneyString(allow_none=True), required=True)


class BreakEvenSchema(Strict):
    """Up to which amount deciding at once is cheaper, beside the limits in force."""

    reason = fields.String(required=True)
    currency = fields.String(required=True)
    grade = one_of("A", "B", "C", "D", required=True)
    amounts = fields.List(fields.Nested(AmountsSchema), required=True)
    limits = fields.List(fields.Nested(LimitBesideSchema), required=True)
