"""Reports: what is asked, and the figures that are answered."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from policyservice.api.fields import Instant, MoneyString, Note, Reference, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.paging import PagingSchema
from policyservice.api.schemas.parts import RangeSchema
from policyservice.db.tables import BOOKED
from policyservice.reports.asked import By
from policyservice.reports.figures import Path
from policyservice.reports.statistics.rates import Change

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_SHARE = {"description": "A decimal string; null where nothing is known."}
_LONGEST = 200


class Day(fields.String):
    """A day of the organisation's calendar, such as "2026-06-01"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "metadata": {"format": "date", **kwargs.get("metadata", {})}})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            if isinstance(value, str) and _DAY.match(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ValidationError("expected a day of the calendar, such as '2026-06-01'.")


class Names(fields.String):
    """Several of a few names, with commas between."""

    def __init__(self, names: tuple[str, ...], **kwargs: Any) -> None:
        self._names = names
        one = f"({'|'.join(names)})"
        described = {"pattern": f"^{one}(,{one})*$", "description": f"With commas between: {', '.join(names)}."}
        super().__init__(**{**kwargs, "metadata": described})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = value.split(",") if isinstance(value, str) else []
        if not found or any(name not in self._names for name in found):
            raise ValidationError(f"expected some of {', '.join(self._names)}, with commas between.")
        return tuple(dict.fromkeys(By(name) for name in found))


class Name(fields.String):
    """A name as rows have it; `or_none`: an empty one asks for rows that have none."""

    def __init__(self, *, or_none: bool = False, **kwargs: Any) -> None:
        self._least = 0 if or_none else 1
        described = {"minLength": self._least, "maxLength": _LONGEST}
        if or_none:
            described["description"] = "Empty: those without one."  # type: ignore[assignment]
        super().__init__(**{**kwargs, "metadata": described})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not self._least <= len(value) <= _LONGEST or not value.isprintable():
            raise ValidationError(f"expected at most {_LONGEST} printable characters.")
        return value


class PeriodSchema(Strict):
    """A period in days of the organisation, half-open, and what rows must have."""

    since = Day(metadata={"description": "The first day; 30 days before `before` when left out."})
    before = Day(metadata={"description": "The first day that is not in it; tomorrow when left out."})
    reason = Name()
    channel = Name()
    team = Name(or_none=True)
    trust_level = Name(or_none=True)
    currency = fields.String(validate=validate.Regexp(r"[A-Z]{3}\Z", error="expected a code such as EUR."))


class ComparisonQuerySchema(PeriodSchema):
    """What is compared, and what its rows are told apart by."""

    by = Names(tuple(by.value for by in By), load_default=(By.REASON,))


class BehindQuerySchema(PeriodSchema, PagingSchema):
    """Which total the decisions are wanted of."""

    path = one_of(*(path.value for path in Path))


def _range() -> fields.Nested:
    return fields.Nested(RangeSchema, required=True, allow_none=True)


class ByViewSchema(Strict):
    """Labour and remedy only; with customers lost; with the public and outside bodies as well."""

    cash = _range()
    churn = _range()
    full = _range()


class EstimateSchema(Strict):
    """Sums of estimates of one path; a saving is never posted."""

    decisions = WholeNumber(required=True)
    remedy = MoneyString(required=True)
    escalation = fields.Nested(ByViewSchema, required=True)
    saving = fields.Nested(ByViewSchema, required=True, allow_none=True)


class SharesSchema(Strict):
    """Shares by view, 0 to 1."""

    cash = fields.String(required=True, allow_none=True, metadata=_SHARE)
    churn = fields.String(required=True, allow_none=True, metadata=_SHARE)
    full = fields.String(required=True, allow_none=True, metadata=_SHARE)


class EstimatesSchema(Strict):
    """Estimates by path, never added up."""

    grade = one_of("A", "B", "C", "D", required=True)
    at_once = fields.Nested(EstimateSchema, required=True)
    stretched = fields.Nested(EstimateSchema, required=True)
    escalated = fields.Nested(EstimateSchema, required=True)
    on_defaults = fields.Nested(SharesSchema, required=True)


BookedSchema: type[Schema] = Strict.from_dict(
    {state: MoneyString(required=True) for state in BOOKED}, name="BookedSchema"
)
CountsSchema: type[Schema] = Strict.from_dict(
    {name: WholeNumber(required=True) for name in ("all", *(path.value for path in Path))}, name="CountsSchema"
)


class BookedCostSchema(Strict):
    """What remedies cost the company when they were given, and of that what was taken back."""

    given = MoneyString(required=True)
    reversed = MoneyString(required=True)


class RealisedSchema(Strict):
    """What escalations that were answered really took; `recorded` is of how many the work is known."""

    answered = WholeNumber(required=True)
    given = WholeNumber(required=True)
    refused = WholeNumber(required=True)
    withdrawn = WholeNumber(required=True)
    recorded = WholeNumber(required=True)
    minutes_second_tier = fields.String(required=True)
    minutes_above = fields.String(required=True)
    contacts = WholeNumber(required=True)
    minutes_contacts = fields.String(required=True)
    hours_waited = fields.String(required=True)
    work = MoneyString(required=True)
    remedies = MoneyString(required=True)


class TargetSchema(Strict):
    """What speed is aimed at: minutes for nine cases in ten, included; the share settled in the first contact."""

    remedy_within_minutes = WholeNumber(required=True, allow_none=True)
    first_contact = fields.String(required=True, allow_none=True, metadata=_SHARE)


class SpeedSchema(Strict):
    """How soon the cases that began here had their remedy; null where too few tell. `aimed` is how many have a time."""

    cases = WholeNumber(required=True)
    given = WholeNumber(required=True)
    median_minutes = WholeNumber(required=True, allow_none=True)
    nine_in_ten_minutes = WholeNumber(required=True, allow_none=True)
    known = WholeNumber(required=True)
    first_contact = fields.String(required=True, allow_none=True, metadata=_SHARE)
    low = fields.String(required=True, allow_none=True, metadata=_SHARE)
    high = fields.String(required=True, allow_none=True, metadata=_SHARE)
    aimed = WholeNumber(required=True)
    within = fields.String(required=True, allow_none=True, metadata=_SHARE)
    target = fields.Nested(TargetSchema, required=True, allow_none=True)
    met = TrueOrFalse(required=True, allow_none=True)


class LineSchema(Strict):
    """The figures of one row; what it is not told apart by is null."""

    period = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    trust_level = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True)
    decisions = fields.Nested(CountsSchema, required=True)
    goodwill = fields.Nested(BookedSchema, required=True)
    entitled = fields.Nested(BookedSchema, required=True)
    cost = fields.Nested(BookedCostSchema, required=True)
    estimate = fields.Nested(EstimatesSchema, required=True)
    realised = fields.Nested(RealisedSchema, required=True)
    speed = fields.Nested(SpeedSchema, required=True)
    behind = fields.String(required=True, metadata={"description": "Where exactly its decisions are listed."})


class AmountsSchema(ByViewSchema):
    """The break-even amounts of remedies that cost alike; null where there is none."""

    remedies = fields.List(fields.String(), required=True)


class LimitBesideSchema(Strict):
    """A limit per decision in force; `bounds` by trust level, `*` for every level that is not named."""

    limit = fields.String(required=True)
    remedies = fields.List(fields.String(), required=True, metadata={"description": "Empty: all."})
    bounds = fields.Dict(keys=fields.String(), values=MoneyString(allow_none=True), required=True)


class BreakEvenSchema(Strict):
    """Up to which amount deciding at once is cheaper, beside the limits in force."""

    reason = fields.String(required=True)
    currency = fields.String(required=True)
    grade = one_of("A", "B", "C", "D", required=True)
    amounts = fields.List(fields.Nested(AmountsSchema), required=True)
    limits = fields.List(fields.Nested(LimitBesideSchema), required=True)


class ReportSchema(Strict):
    """The days a report is of, and what is said beside its figures."""

    since = Day(required=True)
    before = Day(required=True)
    time_zone = fields.String(required=True)
    notes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ComparisonSchema(ReportSchema):
    """What was given, what escalating is estimated to have cost, and what escalations really took."""

    by = fields.List(fields.String(), required=True)
    items = fields.List(fields.Nested(LineSchema), required=True)
    totals = fields.List(fields.Nested(LineSchema), required=True, metadata={"description": "By currency."})
    break_even = fields.List(fields.Nested(BreakEvenSchema), required=True)


class BehindSchema(Strict):
    """A decision behind a total, with its own figures."""

    id = fields.String(required=True)
    at = Instant(required=True)
    agent = fields.String(required=True)
    case = fields.String(required=True)
    reason = fields.String(required=True)
    path = one_of(*(path.value for path in Path), required=True)
    currency = fields.String(required=True)
    goodwill = fields.Nested(BookedSchema, required=True)
    entitled = fields.Nested(BookedSchema, required=True)
    cost = fields.Nested(BookedCostSchema, required=True)


class BehindListSchema(Strict):
    """The newest first."""

    items = fields.List(fields.Nested(BehindSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class RatesSchema(Strict):
    """Counts before and after, the ratio of the daily rates with its 95 % interval, and what may be said."""

    before = WholeNumber(required=True)
    days_before = WholeNumber(required=True)
    after = WholeNumber(required=True)
    days_after = WholeNumber(required=True)
    ratio = fields.String(required=True, allow_none=True, metadata=_SHARE)
    low = fields.String(required=True, metadata=_SHARE)
    high = fields.String(required=True, allow_none=True, metadata=_SHARE)
    change = one_of(*(change.value for change in Change), required=True)


class MeasureBodySchema(Strict):
    """What was done against a reason, since when, and who answers for it."""

    agent = Reference(required=True, metadata={"description": "Who records it."})
    owner = Reference(required=True, metadata={"description": "Who answers for it: a reference of an agent."})
    reason = Name(required=True)
    taken_on = Day(required=True)
    note = Note(required=True)


class MeasureSchema(Strict):
    """A measure that is kept."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    taken_on = Day(required=True)
    owner = fields.String(required=True)
    agent = fields.String(required=True)
    at = Instant(required=True)
    note = fields.String(required=True, allow_none=True)


class MeasuredSchema(MeasureSchema):
    """A measure, and whether there were fewer cases after it."""

    after = fields.Nested(RatesSchema, required=True)


class SavesSchema(ByViewSchema):
    """An estimate by view, and its grade."""

    grade = one_of("A", "B", "C", "D", required=True)


class CauseSchema(Strict):
    """A reason: what it cost, whether it grows, and what was done."""

    reason = fields.String(required=True)
    currency = fields.String(required=True)
    decisions = WholeNumber(required=True)
    cost = MoneyString(required=True)
    remedies = MoneyString(required=True)
    work = MoneyString(required=True)
    saves = fields.Nested(SavesSchema, required=True)
    trend = fields.Nested(RatesSchema, required=True)
    owner = fields.String(required=True, allow_none=True)
    measures = fields.List(fields.Nested(MeasuredSchema), required=True)


class CausesSchema(ReportSchema):
    """Reasons, the dearest first in each currency."""

    items = fields.List(fields.Nested(CauseSchema), required=True)


class CaseBehindSchema(Strict):
    """One case of a group, with what was allowed on the spot."""

    id = fields.String(required=True)
    case = fields.String(required=True)
    allowed = MoneyString(required=True)


class GroupSchema(Strict):
    """The answers of one agent or team to like cases, beside all others'."""

    reason = fields.String(required=True)
    currency = fields.String(required=True)
    loss_from = MoneyString(required=True)
    loss_before = MoneyString(required=True, allow_none=True)
    tier = fields.String(required=True, allow_none=True)
    by = one_of("agent", "team", required=True)
    agent = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    cases = WholeNumber(required=True)
    mean = MoneyString(required=True)
    others = WholeNumber(required=True)
    others_mean = MoneyString(required=True)
    higher = fields.String(required=True, metadata={"description": "How often it allowed more; 0.5 is even."})
    p = fields.String(required=True)
    uneven = TrueOrFalse(required=True)
    decisions = fields.List(fields.Nested(CaseBehindSchema), required=True)


class EvennessSchema(ReportSchema):
    """The most uneven groups of all that were compared."""

    compared = WholeNumber(required=True)
    uneven = WholeNumber(required=True)
    items = fields.List(fields.Nested(GroupSchema), required=True)
