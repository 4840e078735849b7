"""Lists: how many, and from where on."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from policyservice.api.schemas.base import Strict

MOST_PER_PAGE = 200
USUAL_PER_PAGE = 50


class PageSize(fields.Integer):
    """How many items a page has, as a parameter of the address."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        plain = isinstance(value, str) and value.isascii() and value.isdigit()
        if not (plain and 1 <= int(value[:6]) <= MOST_PER_PAGE):
            raise ValidationError(f"expected 1 to {MOST_PER_PAGE}.")
        return int(value)


class PagingSchema(Strict):
    """The two parameters of every list."""

    limit = PageSize(
        load_default=USUAL_PER_PAGE,
        metadata={"minimum": 1, "maximum": MOST_PER_PAGE, "description": "How many at most."},
    )
    cursor = fields.String(load_default=None, metadata={"description": "`next` of the page before."})
