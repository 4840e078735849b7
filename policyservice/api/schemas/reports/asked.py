"""What a report is asked for."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from policyservice.api.schemas.base import Strict, one_of
from policyservice.api.schemas.paging import PagingSchema
from policyservice.reports.asked import By
from policyservice.reports.figures import Path

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


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
