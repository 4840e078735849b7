"""What is asked: the bodies of `POST /v1/options` and `POST /v1/decisions`.

They describe; `decisions.validate` is the one gate that reads these bodies, so that every field at fault is
named at once, the vocabulary's facts among them.
"""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, Note, Reference
from policyservice.api.schemas.base import Strict

FACTS = "Facts by dotted name, as GET /v1/vocabulary lists them: money as decimal strings, dates as YYYY-MM-DD."


class CaseSchema(Strict):
    """A case before a remedy is chosen."""

    agent = Reference(required=True, metadata={"description": "Who acts; registered with PUT /v1/agents/{ref}."})
    case = Reference(required=True, metadata={"description": "The case or ticket in your system."})
    channel = Reference(required=True, metadata={"description": "chat, phone, cabin, ..."})
    reason = fields.String(required=True, metadata={"description": "A reason of the catalogue."})
    currency = fields.String(
        required=True, metadata={"pattern": "^[A-Z]{3}$", "description": "Of every sum in the request; ISO 4217."}
    )
    customer = Reference(allow_none=True, metadata={"description": "Pseudonymous reference, never a name or address."})
    order = Reference(allow_none=True)
    incident = Reference(allow_none=True, metadata={"description": "The shared cause, where there is one."})
    justification = Note(
        allow_none=True,
        metadata={"minLength": 0, "description": "Why a usual cap should be exceeded; an empty one is none."},
    )
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), allow_none=True, metadata={"description": FACTS})


class AskSchema(CaseSchema):
    """A remedy that an agent asks to give."""

    remedy = fields.String(required=True, metadata={"description": "A remedy of the catalogue."})
    amount = MoneyString(allow_none=True, metadata={"description": "Required unless the remedy has no sum."})
    given_at = Instant(
        allow_none=True,
        metadata={"description": "When it was given already, under the safe floor, as the service did not answer."},
    )
