"""Values as they are sent: sums as decimal strings, instants in UTC, bodies as UTF-8 JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Response

from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import Text

JSON_TYPE = "application/json"


def sum_of(minor: int | None, currency: str) -> str | None:
    """A sum as a decimal string; None stays None."""
    return None if minor is None else decimal_string(minor, currency)


def instant(at: datetime | None) -> str | None:
    """An instant as "2026-11-22T10:00:00Z"; microseconds only where there are any."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def in_language(text: Text | None, language: str) -> str | None:
    """A text in one language; None stays None."""
    return None if text is None else text.get(language)


def as_text(document: Any) -> str:
    """A document as JSON text, in the order it was put together."""
    return _AS_TEXT.encode(document)


def as_sent(body: dict[str, Any]) -> dict[str, Any]:
    """A body that was loaded as JSON again, for telling equal bodies; instants that are equal are equal texts."""
    plain: dict[str, Any] = json.loads(json.dumps(body, default=str))
    return plain


_AS_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def answer(document: Any, status: int = 200, *, language: str | None = None, location: str | None = None) -> Response:
    """A document as a response; `language` is that of the texts in it."""
    return sent(as_text(document), status, language=language, location=location)


def sent(body: str, status: int, *, language: str | None = None, location: str | None = None) -> Response:
    """A body that is JSON already, as a response."""
    response = Response(body, status, content_type=JSON_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if language is not None:
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Language"
    if location is not None:
        response.headers["Location"] = location
    return response
