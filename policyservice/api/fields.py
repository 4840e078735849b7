"""Fields of the wire: strict, so that nothing is coerced, and described once for the documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from marshmallow import ValidationError, fields

from policyservice.decisions.values import LONGEST_JUSTIFICATION, a_reference, a_text, an_instant
from policyservice.domain.errors import InvalidRequest

MONEY_PATTERN = r"^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,18})?$"
REFERENCE_LENGTH = 200

Read = TypeVar("Read")


class MoneyString(fields.String):
    """A sum as a decimal string such as "7.00"; its currency stands beside it. A JSON number is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, pattern=MONEY_PATTERN, description="Decimal string; never a number."))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("expected a decimal string such as '7.00'.")
        return value


class Reference(fields.String):
    """A name that the caller's systems know something by: 1 to 200 printable characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, minLength=1, maxLength=REFERENCE_LENGTH))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return _checked(lambda: a_reference("", value))


class Note(fields.String):
    """A text for people, line breaks included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, minLength=1, maxLength=LONGEST_JUSTIFICATION))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = _checked(lambda: a_text("", value, LONGEST_JUSTIFICATION, lines=True))
        if not text.strip():
            raise ValidationError("is empty.")
        return text


class Instant(fields.String):
    """An instant of RFC 3339 with its offset; answers are in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, format="date-time"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _checked(lambda: an_instant("", value))


class WholeNumber(fields.Integer):
    """An integer of JSON: not a text, not a boolean, not 7.0."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError("expected an integer.")
        return value


class TrueOrFalse(fields.Boolean):
    """A boolean of JSON, and nothing that reads like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("expected true or false.")
        return value


def _described(kwargs: dict[str, Any], **described: Any) -> dict[str, Any]:
    return {**kwargs, "metadata": {**described, **kwargs.get("metadata", {})}}


def _checked(read: Callable[[], Read]) -> Read:
    """What one of the service's own readers returns; its refusal in marshmallow's words."""
    try:
        return read()
    except InvalidRequest as refused:
        raise ValidationError([error.message for error in refused.errors]) from None
