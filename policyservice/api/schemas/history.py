"""What was decided and promised before, for whoever picks up the phone next."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, TrueOrFalse
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.decision import OUTCOMES, STATUSES, ConflictSchema
from policyservice.api.schemas.paging import PagingSchema
from policyservice.api.schemas.parts import BASES, EscalationRefSchema
from policyservice.api.schemas.promises import PromiseSchema


class PastSchema(Strict):
    """One decision in short. `standing` is what is held or given now."""

    id = fields.String(required=True)
    at = Instant(required=True)
    agent = fields.String(required=True)
    channel = fields.String(required=True)
    case = fields.String(required=True)
    order = fields.String(required=True, allow_none=True)
    incident = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    remedy = fields.String(required=True)
    amount = MoneyString(required=True, allow_none=True)
    standing = MoneyString(required=True, allow_none=True)
    currency = fields.String(required=True)
    outcome = one_of(*OUTCOMES, required=True)
    status = one_of(*STATUSES, required=True)
    basis = one_of(*BASES, required=True, allow_none=True)
    say = fields.String(required=True, allow_none=True)
    escalation = fields.Nested(EscalationRefSchema, required=True, allow_none=True)
    given_before = TrueOrFalse(required=True, metadata={"description": "Given before it was asked (`given_at`)."})
    conflicts = fields.List(fields.Nested(ConflictSchema), required=True)


class TimelineEntrySchema(Strict):
    """One thing that happened; `details` are those of its kind."""

    at = Instant(required=True)
    kind = fields.String(
        required=True,
        metadata={
            "description": "contact, decision, settlement, escalation, escalation_step, promise, promise_step, "
            "conflict, outcome, incident, ..."
        },
    )
    id = fields.String(required=True, metadata={"description": "Of what it is about: a decision, a promise, ..."})
    case = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    agent = fields.String(required=True, allow_none=True)
    details = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)


class HistoryQuerySchema(PagingSchema):
    """From where on; `items` and `timeline` are two lists, each with its cursor."""

    timeline_cursor = fields.String(load_default=None, metadata={"description": "`timeline_next` of the page before."})


class KnownFactSchema(Strict):
    """A fact known for the case, as a default for the next decision: who says so, and when."""

    fact = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    source = one_of("stated", "verified", required=True)
    by = fields.String(required=True, allow_none=True, metadata={"description": "Of a verified one: the system."})
    agent = fields.String(required=True, allow_none=True, metadata={"description": "Of a stated one."})
    at = Instant(required=True)
    order = fields.String(required=True, allow_none=True, metadata={"description": "For which order."})


class CommunicationSchema(Strict):
    """Was the customer answered, told what happens next, told the end? Null where not."""

    first_heard_at = Instant(required=True, allow_none=True)
    answered_at = Instant(required=True, allow_none=True)
    told_next_at = Instant(required=True, allow_none=True)
    told_end_at = Instant(required=True, allow_none=True)


class DecisionStepSchema(Strict):
    """What is decided, by whom, done or not. `waits_for` is who has yet to decide, by `due_at`."""

    decision = fields.String(required=True)
    outcome = fields.String(required=True, metadata={"description": "allow, escalate, deny; granted, refused, ..."})
    agent = fields.String(required=True, allow_none=True)
    at = Instant(required=True)
    waits_for = fields.String(required=True, allow_none=True)
    due_at = Instant(required=True, allow_none=True)
    done = TrueOrFalse(required=True)


class PathsSchema(Strict):
    """The two paths of a case, side by side."""

    communication = fields.Nested(CommunicationSchema, required=True)
    decision = fields.List(fields.Nested(DecisionStepSchema), required=True)


class NowSchema(Strict):
    """How the case stands, by ids: promises that are open, decisions whose remedy was given, decisions that wait."""

    promised = fields.List(fields.String(), required=True)
    given = fields.List(fields.String(), required=True)
    open = fields.List(fields.String(), required=True)


class HistorySchema(Strict):
    """A customer's decisions, and everything that happened, newest first, whoever served and in which channel."""

    customer = fields.String(required=True)
    promises = fields.List(
        fields.Nested(PromiseSchema),
        required=True,
        metadata={"description": "Open ones, those due first at the front."},
    )
    items = fields.List(fields.Nested(PastSchema), required=True)
    next = fields.String(required=True, allow_none=True)
    timeline = fields.List(fields.Nested(TimelineEntrySchema), required=True)
    timeline_next = fields.String(required=True, allow_none=True)


class CaseViewSchema(Strict):
    """A case as one story: how it stands, its two paths, what is known, and everything that happened, newest first."""

    case = fields.String(required=True)
    customers = fields.List(fields.String(), required=True)
    orders = fields.List(fields.String(), required=True)
    now = fields.Nested(NowSchema, required=True)
    paths = fields.Nested(PathsSchema, required=True)
    promises = fields.List(fields.Nested(PromiseSchema), required=True)
    known = fields.List(fields.Nested(KnownFactSchema), required=True)
    items = fields.List(fields.Nested(PastSchema), required=True)
    timeline = fields.List(fields.Nested(TimelineEntrySchema), required=True)
