"""What several reports have: their days, shares, figures by view, what was booked."""

from __future__ import annotations

from marshmallow import Schema, fields

from policyservice.api.fields import MoneyString
from policyservice.api.schemas.base import Strict
from policyservice.api.schemas.parts import RangeSchema
from policyservice.api.schemas.reports.asked import Day
from policyservice.db.tables import BOOKED

SHARE = {"description": "A decimal string; null where nothing is known."}


def _range() -> fields.Nested:
    return fields.Nested(RangeSchema, required=True, allow_none=True)


class ByViewSchema(Strict):
    """Labour and remedy only; with customers lost; with the public and outside bodies as well."""

    cash = _range()
    churn = _range()
    full = _range()


BookedSchema: type[Schema] = Strict.from_dict(
    {state: MoneyString(required=True) for state in BOOKED}, name="BookedSchema"
)


class BookedCostSchema(Strict):
    """What remedies cost the company when they were given, and of that what was taken back."""

    given = MoneyString(required=True)
    reversed = MoneyString(required=True)


class ReportSchema(Strict):
    """The days a report is of, and what is said beside its figures."""

    since = Day(required=True)
    before = Day(required=True)
    time_zone = fields.String(required=True)
    notes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
