"""Promises, and what becomes of them."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, Note, Reference, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.paging import PagingSchema
from policyservice.cases.promises import PromiseKind, PromiseStatus, StepKind

KINDS = tuple(kind.value for kind in PromiseKind)
STATUSES = tuple(status.value for status in PromiseStatus)
STEPS = tuple(kind.value for kind in StepKind)


class MakePromiseSchema(Strict):
    """What a customer was promised. Either `owner` or `team` sees to it, else whoever promises."""

    agent = Reference(required=True, metadata={"description": "Who promised."})
    what = Note(required=True, metadata={"description": "In a few words, for the next colleague."})
    due_at = Instant(required=True, metadata={"description": "By when."})
    owner = Reference(load_default=None, allow_none=True, metadata={"description": "The agent who sees to it."})
    team = Reference(load_default=None, allow_none=True, metadata={"description": "The team that sees to it."})
    channel = Reference(load_default=None, allow_none=True)
    customer = Reference(
        load_default=None, allow_none=True, metadata={"description": "That of the case when left out."}
    )


class KeepPromiseSchema(Strict):
    """The promise was kept."""

    agent = Reference(required=True, metadata={"description": "Who says so."})
    note = Note(load_default=None, allow_none=True)


class BreakPromiseSchema(Strict):
    """The promise will not be kept, and why."""

    agent = Reference(required=True, metadata={"description": "Who says so."})
    note = Note(required=True, metadata={"description": "Why, for the next colleague."})


class MovePromiseSchema(Strict):
    """The promise is for another time."""

    agent = Reference(required=True, metadata={"description": "Who says so."})
    due_at = Instant(required=True, metadata={"description": "By when, now."})
    note = Note(load_default=None, allow_none=True)


class PromiseStepSchema(Strict):
    """What became of a promise; `due_at` as it stands after it."""

    number = WholeNumber(required=True)
    kind = one_of(*STEPS, required=True)
    at = Instant(required=True)
    agent = fields.String(required=True, allow_none=True)
    due_at = Instant(required=True)
    note = fields.String(required=True, allow_none=True)


class PromiseSchema(Strict):
    """A promise as it stands, and what became of it."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    kind = one_of(*KINDS, required=True, metadata={"description": "answer: to what was escalated."})
    what = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    agent = fields.String(required=True)
    owner = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    escalation = fields.String(required=True, allow_none=True)
    made_at = Instant(required=True)
    due_at = Instant(required=True)
    status = one_of(*STATUSES, required=True)
    overdue = TrueOrFalse(required=True, metadata={"description": "Open, and its time is up."})
    late = TrueOrFalse(required=True, metadata={"description": "Kept after it was due."})
    ended_at = Instant(required=True, allow_none=True)
    history = fields.List(fields.Nested(PromiseStepSchema), required=True)


class PromiseFiltersSchema(PagingSchema):
    """Which promises are wanted; open ones where nothing is said."""

    status = fields.Enum(PromiseStatus, by_value=True, load_default=PromiseStatus.OPEN)
    overdue = one_of("true", "false")
    owner = Reference()
    team = Reference()
    case = Reference()
    customer = Reference()


class PromiseListSchema(Strict):
    """Promises, those due first at the front."""

    items = fields.List(fields.Nested(PromiseSchema), required=True)
    next = fields.String(required=True, allow_none=True)
