"""Traces of errors for the log: where it went wrong and of which kind, without a word of what it was about.

The words of an error may hold what a caller sent: a statement's parameters, the row that a database shows, the text
that is no number. So the log has kinds and places alone; the request's id leads to the rest.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

_DEEPEST = 8


def traced(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A step of structlog: `exc_info` becomes `exception`, a text of kinds and places."""
    given = event.pop("exc_info", None)
    error = _error(given)
    if error is not None:
        event["exception"] = trace(error)
    return event


def trace(error: BaseException) -> str:
    """An error and those it came from, the first cause at the top."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < _DEEPEST:
        told.append(_one(seen))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n\nwhich led to\n\n".join(reversed(told))


def _one(error: BaseException) -> str:
    frames = "".join(traceback.format_list(_without_values(traceback.extract_tb(error.__traceback__))))
    kind = type(error)
    return f"Traceback (most recent call last):\n{frames}{kind.__module__}.{kind.__qualname__}{_code(error)}"


def _without_values(frames: traceback.StackSummary) -> traceback.StackSummary:
    return traceback.StackSummary.from_list([(f.filename, f.lineno or 0, f.name, f.line) for f in frames])


def _code(error: BaseException) -> str:
    """What a database or the system calls it: a code, never a text."""
    for name in ("sqlstate", "sqlite_errorname", "errno"):
        code = getattr(error, name, None) or getattr(getattr(error, "orig", None), name, None)
        if code is not None:
            return f" ({name} {code})"
    return ""


def _error(given: Any) -> BaseException | None:
    match given:
        case BaseException():
            return given
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exc_info()[1]
        case _:
            return None
