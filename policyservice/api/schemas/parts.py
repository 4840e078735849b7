"""Parts that several answers share."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.domain.limits import Scope
from policyservice.domain.vocabulary import Basis

BASES = tuple(basis.value for basis in Basis)


class ReasonSchema(Strict):
    """One reason of an answer."""

    code = fields.String(required=True, metadata={"description": "`rule`, or which step of the decision speaks."})
    rule = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    basis = one_of(*BASES, required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True)


class BindingLimitSchema(Strict):
    """The limit that keeps more from being allowed; the counts stand where a count binds."""

    limit = fields.String(required=True)
    scope = one_of(*(scope.value for scope in Scope), required=True)
    left = MoneyString(required=True, allow_none=True)
    bound = MoneyString(required=True, allow_none=True)
    left_count = WholeNumber(required=True, allow_none=True)
    bound_count = WholeNumber(required=True, allow_none=True)
    renews_at = Instant(required=True, allow_none=True)


class RangeSchema(Strict):
    """An estimate with the bounds of its 90 % interval."""

    expected = MoneyString(required=True)
    low = MoneyString(required=True)
    high = MoneyString(required=True)


class ViewSchema(Strict):
    """One view of the estimate."""

    escalation = fields.Nested(RangeSchema, required=True)
    saving = fields.Nested(RangeSchema, required=True)


class ViewsSchema(Strict):
    """Cash alone; with churn; with public complaints and outside bodies too."""

    cash = fields.Nested(ViewSchema, required=True)
    churn = fields.Nested(ViewSchema, required=True)
    full = fields.Nested(ViewSchema, required=True)


class CostSchema(Strict):
    """What the remedy costs the company, beside what escalating would have cost: an estimate, never a booking."""

    remedy = MoneyString(required=True)
    escalation = fields.Nested(RangeSchema, required=True)
    saving = fields.Nested(RangeSchema, required=True)
    parameters = WholeNumber(required=True, metadata={"description": "Version of the cost parameters."})
    views = fields.Nested(ViewsSchema, required=True)


class EscalationRefSchema(Strict):
    """Who decides, and by when the customer has an answer."""

    id = fields.String(required=True)
    to = fields.String(required=True)
    due_at = Instant(required=True)
