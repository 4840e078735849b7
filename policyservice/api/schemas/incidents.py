"""Incidents: a shared cause behind many cases."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, Note, Reference, TrueOrFalse, WholeNumber
from policyservice.api.schemas.ask import FACTS
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.paging import PagingSchema
from policyservice.cases.incident_cases import How, Outcome
from policyservice.cases.incident_events import EventKind
from policyservice.cases.incidents import State
from policyservice.resolutions.incident_rules import LONGEST
from policyservice.resolutions.incidents.course import LONGEST_TITLE
from policyservice.resolutions.rolling_out import MOST

STATES = tuple(state.value for state in State)
RULE = "A condition as rules write it, over the facts of decisions: `{reason: delivery.late, order.category: meal}`."


class IncidentFiltersSchema(PagingSchema):
    """Which incidents are wanted; all where nothing is said."""

    status = one_of(*STATES)


class OpenIncidentSchema(Strict):
    """What happened, and which cases it is behind."""

    agent = Reference(required=True)
    title = fields.String(
        required=True, metadata={"minLength": 1, "maxLength": LONGEST_TITLE, "description": "Name no person in it."}
    )
    reason = fields.String(required=True, metadata={"description": "A reason of the catalogue."})
    began_at = Instant(allow_none=True, metadata={"description": "From when decisions belong to it; now if left out."})
    rule = fields.String(allow_none=True, metadata={"maxLength": LONGEST, "description": RULE})
    rule_until = Instant(allow_none=True, metadata={"description": "Only decisions before it."})
    note = Note(allow_none=True)


class TransitionSchema(Strict):
    """The state it comes to."""

    agent = Reference(required=True)
    to = one_of(*STATES, required=True)
    note = Note(allow_none=True)


class ActionSchema(Strict):
    """What is done about it, by whom and by when; or that it is done."""

    agent = Reference(required=True)
    what = fields.String(allow_none=True)
    owner = Reference(allow_none=True)
    due_at = Instant(allow_none=True)
    done = TrueOrFalse(allow_none=True)
    note = Note(allow_none=True)


class SetRemedySchema(Strict):
    """What everybody gets alike, and how much it may come to in all."""

    agent = Reference(required=True)
    remedy = fields.String(required=True)
    amount = MoneyString(required=True)
    currency = fields.String(required=True)
    budget = MoneyString(required=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), allow_none=True, metadata={"description": FACTS})
    note = Note(allow_none=True)


class LinkSchema(Strict):
    """A case that reports it, without asking for anything."""

    agent = Reference(required=True)
    case = Reference(required=True)
    channel = Reference(required=True)
    customer = Reference(allow_none=True)
    order = Reference(allow_none=True)


class UnlinkSchema(Strict):
    """Who takes a case out, and why it does not belong."""

    agent = Reference(required=True)
    note = Note(required=True)


class LinkedSchema(Strict):
    """Whether the case is linked: it is so now, or was so before the call."""

    incident = fields.String(required=True)
    linked = TrueOrFalse(required=True)


class RollOutSchema(Strict):
    """Who decides, and for how many cases in this call."""

    agent = Reference(required=True)
    most = WholeNumber(load_default=100, metadata={"minimum": 1, "maximum": MOST, "default": 100})


class CaseCountsSchema(Strict):
    """Cases, and what the roll-out did for them."""

    cases = fields.Integer(required=True)
    given = fields.Integer(required=True)
    had = fields.Integer(required=True, metadata={"description": "They, or their customers, had it already."})
    left = fields.Integer(required=True)


class RolledOutSchema(Strict):
    """What this call did, and how it stands."""

    given = fields.Integer(required=True)
    had = fields.Integer(required=True)
    not_given = fields.Integer(required=True, metadata={"description": "`why` of the case says what kept it."})
    counts = fields.Nested(CaseCountsSchema, required=True)


class SharedRemedySchema(Strict):
    """The one remedy for all alike."""

    remedy = fields.String(required=True)
    amount = MoneyString(required=True)
    currency = fields.String(required=True)
    budget = MoneyString(required=True)
    set_at = Instant(required=True)


class CorrectiveActionSchema(Strict):
    """The one thing that is done about it."""

    what = fields.String(required=True)
    owner = fields.String(required=True)
    due_at = Instant(required=True)
    done_at = Instant(required=True, allow_none=True)
    overdue = TrueOrFalse(required=True)


class IncidentSchema(Strict):
    """A shared cause behind many cases; nothing of a single one stands in it."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    reason = fields.String(required=True)
    status = one_of(*STATES, required=True)
    began_at = Instant(required=True)
    opened_at = Instant(required=True)
    changed_at = Instant(required=True)
    rule = fields.String(required=True, allow_none=True)
    rule_until = Instant(required=True, allow_none=True)
    action = fields.Nested(CorrectiveActionSchema, required=True, allow_none=True)
    remedy = fields.Nested(SharedRemedySchema, required=True, allow_none=True)
    counts = fields.Nested(CaseCountsSchema, required=True)


class IncidentEventSchema(Strict):
    """One thing that happened."""

    kind = one_of(*(kind.value for kind in EventKind), required=True)
    at = Instant(required=True)
    by = fields.String(required=True, allow_none=True)
    was = fields.String(required=True, allow_none=True)
    to = fields.String(required=True, allow_none=True)
    about = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    note = fields.String(required=True, allow_none=True)


class OneIncidentSchema(IncidentSchema):
    """An incident with what happened to it."""

    history = fields.List(fields.Nested(IncidentEventSchema), required=True)


class IncidentListSchema(Strict):
    """Incidents, the newest first."""

    items = fields.List(fields.Nested(IncidentSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class LinkedCaseFiltersSchema(PagingSchema):
    """Which cases of an incident are wanted: those that belong, or those that were taken out."""

    linked = one_of(
        "true", "false", load_default="true", metadata={"description": "`false`: those that were taken out again."}
    )


class UnlinkedSchema(Strict):
    """When, by whom and why a case was taken out."""

    at = Instant(required=True)
    by = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)


class LinkedCaseSchema(Strict):
    """One case of an incident."""

    case = fields.String(required=True)
    customer = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    how = one_of(*(how.value for how in How), required=True)
    linked_at = Instant(required=True)
    outcome = one_of(*(outcome.value for outcome in Outcome), required=True, allow_none=True)
    decision_id = fields.String(required=True, allow_none=True, metadata={"description": "That gave the remedy."})
    why = fields.String(required=True, allow_none=True, metadata={"description": "What kept it from being given."})
    unlinked = fields.Nested(
        UnlinkedSchema, required=True, allow_none=True, metadata={"description": "Of one that was taken out again."}
    )


class LinkedCasesSchema(Strict):
    """The cases of an incident."""

    items = fields.List(fields.Nested(LinkedCaseSchema), required=True)
    next = fields.String(required=True, allow_none=True)
