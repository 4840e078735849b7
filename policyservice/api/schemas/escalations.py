"""The queue of cases that somebody with more authority decides."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, Note, Reference, TrueOrFalse, WholeNumber
from policyservice.api.schemas.ask import FACTS
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.decision import StoredDecisionSchema
from policyservice.api.schemas.paging import PagingSchema
from policyservice.cases.escalation_events import EventKind
from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.resolutions import escalations as resolutions
from policyservice.resolutions.checking import MOST_CONTACTS, MOST_MINUTES
from policyservice.resolutions.working import MOST_TIERS, MOST_WAITING_MINUTES

STATUSES = tuple(status.value for status in EscalationStatus)
RESULTS = tuple(result.value for result in Result)
WANTED = tuple(result.value for result in resolutions.RESULTS)
KINDS = tuple(kind.value for kind in EventKind)
MINUTES = {"minimum": 0, "maximum": MOST_MINUTES}


class EscalationFiltersSchema(PagingSchema):
    """Which escalations are wanted; open ones where nothing is said."""

    status = fields.Enum(EscalationStatus, by_value=True, load_default=EscalationStatus.OPEN)
    to = Reference(metadata={"description": "Who decides: a trust level, or a name of the rulebook."})
    overdue = one_of("true", "false")
    holder = Reference(metadata={"description": "The agent who has it in hand."})


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
    level = fields.Integer(required=True, metadata={"description": "How many times it rose."})
    rises_at = Instant(required=True, allow_none=True, metadata={"description": "When it rises by itself."})
    holder = fields.String(required=True, allow_none=True, metadata={"description": "The agent who has it in hand."})
    taken_at = Instant(required=True, allow_none=True)


class EscalationListSchema(Strict):
    """Escalations, those due first at the front."""

    items = fields.List(fields.Nested(EscalationSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class WorkedTierSchema(Strict):
    """Minutes of one tier: 2 is the first that was asked, one more each time it went to a higher level."""

    tier = fields.Integer(required=True)
    minutes = fields.Integer(required=True)


class EffortSchema(Strict):
    """What an escalation took so far, in whole minutes."""

    worked = fields.List(fields.Nested(WorkedTierSchema), required=True)
    contacts = fields.Integer(required=True)
    contact_minutes = fields.Integer(required=True, metadata={"description": "Of speaking in them, where stated."})
    waiting_minutes = fields.Integer(required=True)


class EscalationEventSchema(Strict):
    """One thing that happened; the figures of a correction are changes."""

    kind = one_of(*KINDS, required=True)
    at = Instant(required=True)
    by = fields.String(required=True, allow_none=True)
    tier = fields.Integer(required=True)
    was = fields.String(required=True, allow_none=True, metadata={"description": "Who decided before."})
    to = fields.String(required=True, allow_none=True)
    holder = fields.String(required=True, allow_none=True)
    worked_seconds = fields.Integer(required=True)
    contacts = fields.Integer(required=True)
    spoken_seconds = fields.Integer(required=True)
    waited_seconds = fields.Integer(required=True)
    stated = TrueOrFalse(required=True, metadata={"description": "Somebody said how long it took; else measured."})
    note = fields.String(required=True, allow_none=True)


class EscalatedAskSchema(Strict):
    """What is to be decided."""

    agent = fields.String(required=True)
    case = fields.String(required=True)
    customer = fields.String(required=True, allow_none=True)
    order = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    reason = fields.String(required=True)
    remedy = fields.String(required=True)
    amount = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True)
    justification = fields.String(required=True, allow_none=True)


class WorkedEscalationSchema(Strict):
    """An escalation with what is to be decided, what happened to it and what that took."""

    escalation = fields.Nested(EscalationSchema, required=True)
    asked = fields.Nested(EscalatedAskSchema, required=True)
    history = fields.List(fields.Nested(EscalationEventSchema), required=True)
    effort = fields.Nested(EffortSchema, required=True)


class ResolveSchema(Strict):
    """What whoever has the authority decided. `agent` is who resolves: it decides within its own limits."""

    result = one_of(*WANTED, required=True)
    agent = Reference(required=True)
    note = Note(allow_none=True, metadata={"description": "Required where it is refused."})
    amount = MoneyString(allow_none=True, metadata={"description": "Granted instead of what was asked."})
    remedy = fields.String(allow_none=True, metadata={"description": "Granted instead, with the result `other`."})
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), allow_none=True, metadata={"description": FACTS})
    minutes = WholeNumber(allow_none=True, metadata={**MINUTES, "description": "The work; else it is measured."})
    contacts = WholeNumber(allow_none=True, metadata={"minimum": 0, "maximum": MOST_CONTACTS})


class TakeSchema(Strict):
    """Who takes it in hand."""

    agent = Reference(required=True)
    note = Note(allow_none=True)


class HandOnSchema(Strict):
    """Who hands it on, and to whom: a level or name of the rulebook (`to`), or a colleague (`to_agent`)."""

    agent = Reference(required=True)
    to = fields.String(allow_none=True)
    to_agent = Reference(allow_none=True)
    note = Note(required=True, metadata={"description": "What is known so far."})
    minutes = WholeNumber(allow_none=True, metadata={**MINUTES, "description": "The work; else it is measured."})
    contacts = WholeNumber(allow_none=True, metadata={"minimum": 0, "maximum": MOST_CONTACTS})


class EscalationContactSchema(Strict):
    """Who spoke with the customer meanwhile."""

    agent = Reference(required=True)
    note = Note(allow_none=True)
    minutes = WholeNumber(allow_none=True, metadata=MINUTES)


class WithdrawSchema(Strict):
    """Why nobody needs the answer any more."""

    agent = Reference(required=True)
    note = Note(required=True)


class CorrectSchema(Strict):
    """What it really took; what is left out stays as it is."""

    agent = Reference(required=True)
    reason = Note(required=True)
    tier = WholeNumber(allow_none=True, metadata={"minimum": 2, "maximum": MOST_TIERS, "description": "Of `minutes`."})
    minutes = WholeNumber(allow_none=True, metadata=MINUTES)
    contacts = WholeNumber(allow_none=True, metadata={"minimum": 0, "maximum": MOST_CONTACTS})
    contact_minutes = WholeNumber(allow_none=True, metadata={**MINUTES, "description": "Of speaking in contacts."})
    waiting_minutes = WholeNumber(allow_none=True, metadata={"minimum": 0, "maximum": MOST_WAITING_MINUTES})


class ResolvedSchema(Strict):
    """The escalation, and the decision that granted it (null where it was refused)."""

    escalation = fields.Nested(EscalationSchema, required=True)
    decision = fields.Nested(StoredDecisionSchema, required=True, allow_none=True)
