"""Reasons by what they cost, and what was done against them."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, Note, Reference, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.reports.asked import Day, Name
from policyservice.api.schemas.reports.parts import SHARE, ByViewSchema, ReportSchema
from policyservice.reports.statistics.rates import Change


class RatesSchema(Strict):
    """Counts before and after, the ratio of the daily rates with its 95 % interval, and what may be said."""

    before = WholeNumber(required=True)
    days_before = WholeNumber(required=True)
    after = WholeNumber(required=True)
    days_after = WholeNumber(required=True)
    ratio = fields.String(required=True, allow_none=True, metadata=SHARE)
    low = fields.String(required=True, metadata=SHARE)
    high = fields.String(required=True, allow_none=True, metadata=SHARE)
    change = one_of(*(change.value for change in Change), required=True)


class MeasureBodySchema(Strict):
    """What was done against a reason, since when, and who answers for it."""

    agent = Reference(required=True, metadata={"description": "Who records it."})
    owner = Reference(required=True, metadata={"description": "Who answers for it: a reference of an agent."})
    reason = Name(required=True)
    taken_on = Day(required=True)
    note = Note(required=True)


class MeasureSchema(Strict):
    """A measure that is kept."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    taken_on = Day(required=True)
    owner = fields.String(required=True)
    agent = fields.String(required=True)
    at = Instant(required=True)
    note = fields.String(required=True, allow_none=True)


class MeasuredSchema(MeasureSchema):
    """A measure, and whether there were fewer cases after it."""

    after = fields.Nested(RatesSchema, required=True)


class SavesSchema(ByViewSchema):
    """An estimate by view, and its grade."""

    grade = one_of("A", "B", "C", "D", required=True)


class CauseSchema(Strict):
    """A reason: what it cost, whether it grows, and what was done."""

    reason = fields.String(required=True)
    currency = fields.String(required=True)
    decisions = WholeNumber(required=True)
    cost = MoneyString(required=True)
    remedies = MoneyString(required=True)
    work = MoneyString(required=True)
    saves = fields.Nested(SavesSchema, required=True)
    trend = fields.Nested(RatesSchema, required=True)
    owner = fields.String(required=True, allow_none=True)
    measures = fields.List(fields.Nested(MeasuredSchema), required=True)


class CausesSchema(ReportSchema):
    """Reasons, the dearest first in each currency."""

    items = fields.List(fields.Nested(CauseSchema), required=True)
