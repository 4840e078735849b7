"""The refusals of an operation as the documentation shows them, from the table of problems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policyservice.api.problems import HTTP_PROBLEMS, MEDIA_TYPE, ON_THE_COMMAND_LINE, STATUS
from policyservice.api.schemas.problem import ProblemSchema

_FIELDS = {422: [{"field": "amount", "message": "expected a decimal string such as '7.00'."}]}


def codes(status: int) -> dict[str, str]:
    """Code -> title of every problem of a status."""
    met = {kind: answered for kind, answered in STATUS.items() if kind not in ON_THE_COMMAND_LINE}
    found = {kind.code: kind.title for kind, answered in met.items() if answered == status}
    if status in HTTP_PROBLEMS:
        known = HTTP_PROBLEMS[status]
        found.setdefault(known.code, known.title)
    return found


def documented(statuses: Iterable[int]) -> dict[str, Any]:
    """The responses of an operation that refuse."""
    return {str(status): _response(status) for status in statuses}


def _response(status: int) -> dict[str, Any]:
    known = codes(status)
    listed = "; ".join(f"`{code}`: {title}" for code, title in sorted(known.items()))
    response: dict[str, Any] = {
        "description": f"{listed}.",
        "content": {MEDIA_TYPE: {"schema": ProblemSchema, "example": _example(status, known)}},
    }
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status in (429, 503):
        response["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return response


def _example(status: int, known: dict[str, str]) -> dict[str, Any]:
    preferred = {422: "invalid-request", 503: "temporarily-unavailable", 409: "wrong-status", 400: "malformed-body"}
    code = preferred.get(status, next(iter(known)))
    example: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": known[code],
        "status": status,
        "detail": "What happened, with which values, and what to do next.",
        "instance": "/v1/decisions#req_01k0example",
        "code": code,
    }
    if status in _FIELDS:
        example["errors"] = _FIELDS[status]
    return example
