"""The limits in force."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.domain.limits import Counts, Measure, Scope, WindowKind


class BoundSchema(Strict):
    """The most a limit admits, inclusive."""

    amount = MoneyString(required=True, allow_none=True)
    count = WholeNumber(required=True, allow_none=True)


class RailsSchema(Strict):
    """The range, ends included, inside which a bound may be moved; null is without end."""

    lowest = fields.Raw(required=True)
    highest = fields.Raw(required=True, allow_none=True)


class GuardRailsSchema(Strict):
    """For amounts as decimal strings, for counts as whole numbers."""

    amount = fields.Nested(RailsSchema, required=True)
    count = fields.Nested(RailsSchema, required=True)


class LimitSchema(Strict):
    """One limit. `bounds` is by trust level; the key `*` holds for every level that is not named."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    scope = one_of(*(scope.value for scope in Scope), required=True)
    window = one_of(*(kind.value for kind in WindowKind), required=True)
    days = WholeNumber(required=True, allow_none=True, metadata={"description": "Of a rolling window."})
    currency = fields.String(required=True)
    measure = one_of(*(measure.value for measure in Measure), required=True)
    counts = one_of(*(counts.value for counts in Counts), required=True)
    remedies = fields.List(fields.String(), required=True, metadata={"description": "Empty: all."})
    reasons = fields.List(fields.String(), required=True, metadata={"description": "Empty: all."})
    bounds = fields.Dict(keys=fields.String(), values=fields.Nested(BoundSchema), required=True)
    guard_rails = fields.Nested(GuardRailsSchema, required=True)


class LimitsSchema(Strict):
    """One immutable version of the limits."""

    version = WholeNumber(required=True)
    effective_from = Instant(required=True, allow_none=True)
    author = fields.String(required=True)
    because = fields.String(required=True)
    limits = fields.List(fields.Nested(LimitSchema), required=True)
