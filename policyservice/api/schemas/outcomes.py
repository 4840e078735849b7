"""What was heard of a case afterwards."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, Note, Reference, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.cases.outcomes import OutcomeKind
from policyservice.resolutions.outcomes import SCORES, Taken

_SCORE = {"minimum": SCORES[0], "maximum": SCORES[1]}


class OutcomeSchema(Strict):
    """One outcome. It names a case, a customer or a decision, which need not be known yet.

    `score` belongs to satisfaction, `left` to churn. `ref` is your own reference of it: two with the same `source` and
    `ref` are the same one, told twice or put right.
    """

    kind = one_of(*(kind.value for kind in OutcomeKind), required=True)
    at = Instant(required=True, metadata={"description": "When it happened."})
    case = Reference(allow_none=True)
    customer = Reference(allow_none=True)
    decision = fields.String(allow_none=True, metadata={"minLength": 1, "maxLength": 40})
    ref = Reference(allow_none=True)
    source = fields.String(allow_none=True, metadata={"pattern": "^[A-Za-z0-9_.-]{1,60}$"})
    channel = Reference(allow_none=True)
    score = WholeNumber(allow_none=True, metadata=_SCORE)
    lowest = WholeNumber(allow_none=True, metadata={**_SCORE, "description": "The worst answer; 0 when left out."})
    highest = WholeNumber(allow_none=True, metadata={**_SCORE, "description": "The best answer; 100 when left out."})
    left = TrueOrFalse(allow_none=True, metadata={"description": "Whether the customer left."})
    note = Note(allow_none=True)


class ReceiptSchema(Strict):
    """What became of an outcome: the first of these that applies.

    `duplicate`: a copy was kept before, under this id. `contradicts`: kept beside an earlier one (`contradicts`) that
    says otherwise; the later stands. `unknown`: kept, and tied once something is decided about what it names. `late`:
    kept, but longer after the decision than outcomes count.
    """

    id = fields.String(required=True)
    taken = one_of(*(taken.value for taken in Taken), required=True)
    contradicts = fields.String(required=True, allow_none=True)


class DeliverySchema(Strict):
    """What became of each outcome in a delivery, in its order."""

    items = fields.List(fields.Nested(ReceiptSchema), required=True)
