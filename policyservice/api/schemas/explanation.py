"""Every rule and limit that was considered, and what became of each."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import Instant, MoneyString, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.decision import OUTCOMES
from policyservice.api.schemas.parts import BASES
from policyservice.domain.limits import Scope
from policyservice.engine.traces import RuleState

STATES = tuple(state.value for state in RuleState)


class ConditionSchema(Strict):
    """One comparison of a rule in words; `holds` is null where a fact is not known."""

    text = fields.String(required=True)
    holds = TrueOrFalse(required=True, allow_none=True)


class DemandSchema(Strict):
    """What has to be verified above a sum of what a rule gives; at the sum itself nothing has."""

    text = fields.String(required=True)
    above = MoneyString(required=True)
    facts = fields.List(fields.String(), required=True)
    unverified = fields.List(
        fields.String(), required=True, metadata={"description": "Of those the ones that only the caller stated."}
    )


class ExplainedRuleSchema(Strict):
    """One rule that could have spoken for this reason."""

    rule = fields.String(required=True)
    title = fields.String(required=True)
    basis = one_of(*BASES, required=True)
    reference = fields.String(required=True, allow_none=True)
    state = one_of(*STATES, required=True)
    effects = fields.List(fields.String(), required=True)
    conditions = fields.List(fields.Nested(ConditionSchema), required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "Facts to be found out."})
    verify = fields.Nested(DemandSchema, required=True, allow_none=True)


class ExplainedLimitSchema(Strict):
    """One limit that met the request; `left` is what it left for the remedy before this decision."""

    limit = fields.String(required=True)
    scope = one_of(*(scope.value for scope in Scope), required=True)
    window = fields.String(required=True)
    applies = TrueOrFalse(required=True)
    binds = TrueOrFalse(required=True)
    bound = MoneyString(required=True, allow_none=True)
    left = MoneyString(required=True, allow_none=True)
    bound_count = WholeNumber(required=True, allow_none=True)
    left_count = WholeNumber(required=True, allow_none=True)
    renews_at = Instant(required=True, allow_none=True)


class ExplainedFactSchema(Strict):
    """A fact that the rules saw, and where it is from; `stated` where a caller stated it otherwise."""

    fact = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    source = one_of("stated", "verified", "presumed", "derived", required=True)
    by = fields.String(required=True, allow_none=True, metadata={"description": "Of a verified one: the system."})
    at = Instant(required=True, allow_none=True, metadata={"description": "Since when the system says so."})
    stated = fields.Raw(required=True, allow_none=True)


class ExplanationSchema(Strict):
    """Reckoned from what was logged: years later it is the explanation of that day."""

    id = fields.String(required=True)
    outcome = one_of(*OUTCOMES, required=True)
    currency = fields.String(required=True)
    entitled = MoneyString(required=True, metadata={"description": "What law, contract or policy owes of the remedy."})
    permitted = MoneyString(required=True, metadata={"description": "What the rules permit beyond, before limits."})
    rules = fields.List(fields.Nested(ExplainedRuleSchema), required=True)
    limits = fields.List(fields.Nested(ExplainedLimitSchema), required=True)
    facts = fields.List(fields.Nested(ExplainedFactSchema), required=True)
