"""What every schema shares: an unknown key is an error, not a shrug."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

UNKNOWN = "is unknown: not a field of this request."


class Strict(Schema):
    """A schema that refuses keys it does not declare, and names them."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": "expected an object."}


def one_of(*names: str, **kwargs: Any) -> fields.String:
    """A text that is one of a few names."""
    allowed = [*names, None] if kwargs.get("allow_none") else list(names)
    return fields.String(validate=validate.OneOf(allowed, error="expected one of {choices}."), **kwargs)
