"""What the company's own systems know of an order or a customer."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, Reference
from policyservice.api.schemas.ask import FACTS
from policyservice.api.schemas.base import Strict


class VerifySchema(Strict):
    """Facts from a system; it describes, `decisions.verifying` reads the body by the vocabulary in force."""

    source = Reference(required=True, metadata={"description": "The system that says so, by its name."})
    at = Instant(allow_none=True, metadata={"description": "Since when it says so; now when left out."})
    currency = fields.String(
        allow_none=True, metadata={"pattern": "^[A-Z]{3}$", "description": "Required beside facts that are money."}
    )
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True, metadata={"description": FACTS})


class VerifiedSchema(VerifySchema):
    """What is kept."""

    ref = Reference(required=True)
