"""The queue of cases that somebody with more authority decides."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, Note, Reference, TrueOrFalse
from policyservice.api.schemas.ask import FACTS
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.decision import StoredDecisionSchema
from policyservice.api.schemas.paging import PagingSchema
from policyservice.cases.escalations import EscalationStatus, Result

STATUSES = tuple(status.value for status in EscalationStatus)
RESULTS = tuple(result.value for result in Result)


class EscalationFiltersSchema(PagingSchema):
    """Which escalations are wanted; open ones where nothing is said."""

    status = fields.Enum(EscalationStatus, by_value=True, load_default=EscalationStatus.OPEN)
    to = fields.String(metadata={"description": "Who decides: a trust level, or a name of the rulebook."})
    overdue = one_of("true", "false")


class EscalationSchema(Strict):
    """One case in the queue, and its result once there is one."""

    id = fields.String(required=True)
    decision_id = fields.String(required=True)
    to = fields.String(required=True)
    opened_at = Instant(required=True)
    due_at = Instant(required=True)
    overdue = TrueOrFalse(required=True)
    status = one_of(*STATUSES, required=True)
    result = one_of(*RESULTS, required=True, allow_none=True)
    resolved_at = Instant(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)
    result_decision_id = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class EscalationListSchema(Strict):
    """Escalations, those due first at the front."""

    items = fields.List(fields.Nested(EscalationSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class ResolveSchema(Strict):
    """What whoever has the authority decided. `agent` is who resolves: it decides within its own limits."""

    result = one_of(*RESULTS, required=True)
    agent = Reference(required=True)
    note = Note(allow_none=True, metadata={"description": "Required where it is refused."})
    amount = MoneyString(allow_none=True, metadata={"description": "Granted instead of what was asked."})
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), allow_none=True, metadata={"description": FACTS})


class ResolvedSchema(Strict):
    """The escalation, and the decision that granted it (null where it was refused)."""

    escalation = fields.Nested(EscalationSchema, required=True)
    decision = fields.Nested(StoredDecisionSchema, required=True, allow_none=True)
