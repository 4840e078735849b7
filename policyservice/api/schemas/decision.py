"""The answer to a request for a decision, and its list."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.parts import (
    BASES,
    BindingLimitSchema,
    CostSchema,
    EscalationRefSchema,
    ReasonSchema,
)
from policyservice.domain.decision import Outcome, Status

OUTCOMES = tuple(outcome.value for outcome in Outcome)
STATUSES = tuple(status.value for status in Status)


class AlternativeSchema(Strict):
    """What this agent may give now instead; `up_to` is null for a remedy without a sum."""

    remedy = fields.String(required=True)
    up_to = MoneyString(required=True, allow_none=True)
    currency = fields.String(required=True)
    basis = one_of(*BASES, required=True)
    say = fields.String(required=True, allow_none=True)


class PolicySchema(Strict):
    """What the decision was made under; each version is immutable."""

    rules = fields.String(required=True, metadata={"pattern": "^sha256:[0-9a-f]{64}$"})
    limits = WholeNumber(required=True)
    costs = WholeNumber(required=True)


class ConflictSchema(Strict):
    """A fact that was stated otherwise than the company's systems have it; the verified one was taken."""

    fact = fields.String(required=True)
    stated = fields.Raw(required=True, allow_none=True)
    verified = fields.Raw(required=True, allow_none=True)
    source = fields.String(required=True, metadata={"description": "The system that says so."})
    at = Instant(required=True, metadata={"description": "Since when it says so."})


class DecisionSchema(Strict):
    """A decision. `available` is what this agent could give of the remedy now."""

    id = fields.String(required=True)
    outcome = one_of(*OUTCOMES, required=True)
    status = one_of(*STATUSES, required=True)
    expires_at = Instant(required=True, allow_none=True)
    remedy = fields.String(required=True)
    amount = MoneyString(required=True, allow_none=True)
    available = MoneyString(required=True, allow_none=True)
    currency = fields.String(required=True)
    basis = one_of(*BASES, required=True, allow_none=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    say = fields.String(required=True, allow_none=True, metadata={"description": "What may be said to the customer."})
    advice = fields.List(fields.String(), required=True, metadata={"description": "For the agent alone."})
    binding_limit = fields.Nested(BindingLimitSchema, required=True, allow_none=True)
    alternatives = fields.List(fields.Nested(AlternativeSchema), required=True)
    escalation = fields.Nested(EscalationRefSchema, required=True, allow_none=True)
    stretched = TrueOrFalse(required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "Facts to be found out."})
    presumed = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        required=True,
        metadata={"description": "Facts that were not given and were presumed, with the value taken."},
    )
    conflicts = fields.List(
        fields.Nested(ConflictSchema),
        required=True,
        metadata={"description": "Facts stated otherwise than they are verified."},
    )
    fault = TrueOrFalse(required=True, metadata={"description": "An engine failed or the two disagreed."})
    given_at = Instant(metadata={"description": "Only where it was given before it was asked."})
    cost = fields.Nested(CostSchema, required=True, allow_none=True)
    policy = fields.Nested(PolicySchema, required=True)


class EntrySchema(Strict):
    """One entry of what became of a decision; `standing` is what is held or given after it."""

    number = WholeNumber(required=True)
    kind = one_of("hold", "commit", "void", "expire", "reverse", required=True)
    at = Instant(required=True)
    standing = MoneyString(required=True)
    late = TrueOrFalse(required=True)
    note = fields.String(required=True, allow_none=True)
    external_ref = fields.String(required=True, allow_none=True)


class AskedSchema(Strict):
    """What was asked, as the decision saw it."""

    agent = fields.String(required=True)
    team = fields.String(required=True, allow_none=True)
    case = fields.String(required=True)
    customer = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    order = fields.String(required=True, allow_none=True)
    incident = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    justification = fields.String(required=True, allow_none=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


class StoredDecisionSchema(DecisionSchema):
    """A decision of the log: the answer, what was asked, and what became of it."""

    at = Instant(required=True, metadata={"description": "The decision's instant."})
    asked = fields.Nested(AskedSchema, required=True)
    standing = MoneyString(required=True, allow_none=True, metadata={"description": "Held or given now."})
    history = fields.List(fields.Nested(EntrySchema), required=True)


class OneDecisionSchema(StoredDecisionSchema):
    """A decision of the log, and what it answered."""

    resolves = fields.String(metadata={"description": "The escalation that it answered; only where it did."})


class DecisionListSchema(Strict):
    """Decisions, newest first; `next` is the cursor of those after them."""

    items = fields.List(fields.Nested(StoredDecisionSchema), required=True)
    next = fields.String(required=True, allow_none=True)
