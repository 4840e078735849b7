"""What became of a decision: the bodies of commit, void and reverse."""

from __future__ import annotations

from policyservice.api.fields import MoneyString, Note, Reference
from policyservice.api.schemas.base import Strict


class CommitSchema(Strict):
    """The remedy was given: all of it, or less."""

    amount = MoneyString(allow_none=True, metadata={"description": "What was given, where that is less."})
    external_ref = Reference(allow_none=True, metadata={"description": "The payment or order that carries it."})


class VoidSchema(Strict):
    """The remedy was not given."""

    reason = Note(required=True)


class ReverseSchema(Strict):
    """What was given is taken back: all of it, or a part."""

    amount = MoneyString(allow_none=True)
    reason = Note(required=True)
