"""Dated exceptions for a person or a team."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, Note, Reference, WholeNumber
from policyservice.api.schemas.base import Strict


class GrantSchema(Strict):
    """Another bound on one limit, or another trust level; for an agent or a team."""

    agent = Reference(allow_none=True, metadata={"description": "Either this or `team`."})
    team = Reference(allow_none=True)
    limit = fields.String(allow_none=True, metadata={"description": "With `amount`, `count` or both."})
    amount = MoneyString(allow_none=True)
    currency = fields.String(allow_none=True, metadata={"description": "Of the amount: the limit's own."})
    count = WholeNumber(allow_none=True)
    trust_level = fields.String(allow_none=True, metadata={"description": "Instead of a limit."})
    starts_at = Instant(allow_none=True, metadata={"description": "Now where it is left out."})
    ends_at = Instant(required=True, metadata={"description": "Excluded."})
    reason = Note(required=True)


class MadeGrantSchema(Strict):
    """A grant as it was made; the latest one stands."""

    id = fields.String(required=True)
    agent = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    limit = fields.String(required=True, allow_none=True)
    amount = MoneyString(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    count = WholeNumber(required=True, allow_none=True)
    trust_level = fields.String(required=True, allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    reason = fields.String(required=True)
    author = fields.String(required=True, metadata={"description": "The key that made it."})
