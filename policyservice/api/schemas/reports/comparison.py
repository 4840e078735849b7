"""What was given beside what escalating costs, and how soon; the decisions behind a total."""

from __future__ import annotations

from marshmallow import Schema, fields

from policyservice.api.fields import Instant, MoneyString, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.reports.estimates import BreakEvenSchema, EstimatesSchema
from policyservice.api.schemas.reports.parts import SHARE, BookedCostSchema, BookedSchema, ReportSchema
from policyservice.reports.figures import Path

CountsSchema: type[Schema] = Strict.from_dict(
    {name: WholeNumber(required=True) for name in ("all", *(path.value for path in Path))}, name="CountsSchema"
)


class RealisedSchema(Strict):
    """What escalations that were answered really took; `recorded` is of how many the work is known."""

    answered = WholeNumber(required=True)
    given = WholeNumber(required=True)
    refused = WholeNumber(required=True)
    withdrawn = WholeNumber(required=True)
    recorded = WholeNumber(required=True)
    minutes_second_tier = fields.String(required=True)
    minutes_above = fields.String(required=True)
    contacts = WholeNumber(required=True)
    minutes_contacts = fields.String(required=True)
    hours_waited = fields.String(required=True)
    work = MoneyString(required=True)
    remedies = MoneyString(required=True)


class TargetSchema(Strict):
    """What speed is aimed at: minutes for nine cases in ten, included; the share settled in the first contact."""

    remedy_within_minutes = WholeNumber(required=True, allow_none=True)
    first_contact = fields.String(required=True, allow_none=True, metadata=SHARE)


class SpeedSchema(Strict):
    """How soon the cases that began here had their remedy; null where too few tell. `aimed` is how many have a time."""

    cases = WholeNumber(required=True)
    given = WholeNumber(required=True)
    median_minutes = WholeNumber(required=True, allow_none=True)
    nine_in_ten_minutes = WholeNumber(required=True, allow_none=True)
    known = WholeNumber(required=True)
    first_contact = fields.String(required=True, allow_none=True, metadata=SHARE)
    low = fields.String(required=True, allow_none=True, metadata=SHARE)
    high = fields.String(required=True, allow_none=True, metadata=SHARE)
    aimed = WholeNumber(required=True)
    within = fields.String(required=True, allow_none=True, metadata=SHARE)
    target = fields.Nested(TargetSchema, required=True, allow_none=True)
    met = TrueOrFalse(required=True, allow_none=True)


class LineSchema(Strict):
    """The figures of one row; what it is not told apart by is null."""

    period = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    trust_level = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True)
    decisions = fields.Nested(CountsSchema, required=True)
    goodwill = fields.Nested(BookedSchema, required=True)
    entitled = fields.Nested(BookedSchema, required=True)
    cost = fields.Nested(BookedCostSchema, required=True)
    estimate = fields.Nested(EstimatesSchema, required=True)
    realised = fields.Nested(RealisedSchema, required=True)
    speed = fields.Nested(SpeedSchema, required=True)
    behind = fields.String(required=True, metadata={"description": "Where exactly its decisions are listed."})


class ComparisonSchema(ReportSchema):
    """What was given, what escalating is estimated to have cost, and what escalations really took."""

    by = fields.List(fields.String(), required=True)
    items = fields.List(fields.Nested(LineSchema), required=True)
    totals = fields.List(fields.Nested(LineSchema), required=True, metadata={"description": "By currency."})
    break_even = fields.List(fields.Nested(BreakEvenSchema), required=True)


class BehindSchema(Strict):
    """A decision behind a total, with its own figures."""

    id = fields.String(required=True)
    at = Instant(required=True)
    agent = fields.String(required=True)
    case = fields.String(required=True)
    reason = fields.String(required=True)
    path = one_of(*(path.value for path in Path), required=True)
    currency = fields.String(required=True)
    goodwill = fields.Nested(BookedSchema, required=True)
    entitled = fields.Nested(BookedSchema, required=True)
    cost = fields.Nested(BookedCostSchema, required=True)


class BehindListSchema(Strict):
    """The newest first."""

    items = fields.List(fields.Nested(BehindSchema), required=True)
    next = fields.String(required=True, allow_none=True)
