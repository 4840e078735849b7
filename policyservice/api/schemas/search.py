"""The filters of `GET /v1/decisions`."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validates_schema

from policyservice.api.fields import Instant, Reference
from policyservice.api.schemas.paging import PagingSchema
from policyservice.domain.decision import Outcome, Status


class DecisionFiltersSchema(PagingSchema):
    """Which decisions are wanted; what is left out is not asked."""

    agent = Reference()
    team = Reference()
    customer = Reference()
    case = Reference()
    order = Reference()
    incident = Reference()
    reason = Reference()
    remedy = Reference()
    outcome = fields.Enum(Outcome, by_value=True)
    status = fields.Enum(Status, by_value=True)
    since = Instant(metadata={"description": "Included; by the decision's instant."})
    before = Instant(metadata={"description": "Excluded."})

    @validates_schema
    def in_order(self, data: dict[str, object], **_: object) -> None:
        """A span that ends before it begins is a mistake, not an empty list."""
        since, before = data.get("since"), data.get("before")
        if since is not None and before is not None and before <= since:  # type: ignore[operator]
            raise ValidationError("is not after since.", "before")
