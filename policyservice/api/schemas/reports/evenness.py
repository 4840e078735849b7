"""How evenly like cases were answered."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import MoneyString, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.reports.parts import ReportSchema


class CaseBehindSchema(Strict):
    """One case of a group, with what was allowed on the spot."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    allowed = MoneyString(required=True)


class GroupSchema(Strict):
    """The answers of one agent or team to like cases, beside all others'."""

    reason = fields.String(required=True)
    currency = fields.String(required=True)
    loss_from = MoneyString(required=True)
    loss_before = MoneyString(required=True, allow_none=True)
    tier = fields.String(required=True, allow_none=True)
    by = one_of("agent", "team", required=True)
    agent = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    cases = WholeNumber(required=True)
    mean = MoneyString(required=True)
    others = WholeNumber(required=True)
    others_mean = MoneyString(required=True)
    higher = fields.String(required=True, metadata={"description": "How often it allowed more; 0.5 is even."})
    p = fields.String(required=True)
    uneven = TrueOrFalse(required=True)
    decisions = fields.List(fields.Nested(CaseBehindSchema), required=True)


class EvennessSchema(ReportSchema):
    """The most uneven groups of all that were compared."""

    compared = WholeNumber(required=True)
    uneven = WholeNumber(required=True)
    items = fields.List(fields.Nested(GroupSchema), required=True)
