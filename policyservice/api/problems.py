"""Errors as problem+json (RFC 9457); the only table from an error's class to its HTTP status."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from policyservice.domain import errors
from policyservice.domain.errors import FieldError, PolicyServiceError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
_PLACE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")

STATUS: Mapping[type[PolicyServiceError], int] = {
    errors.PolicyServiceError: 500,
    errors.InvalidRequest: 422,
    errors.FieldProblem: 422,
    errors.CurrencyMismatch: 422,
    errors.MalformedBody: 400,
    errors.UnknownAgent: 422,
    errors.NotAuthenticated: 401,
    errors.NotAllowed: 403,
    errors.RateLimited: 429,
    errors.NotFound: 404,
    errors.IdempotencyKeyMissing: 400,
    errors.IdempotencyKeyReused: 422,
    errors.WrongStatus: 409,
    errors.MoreThanHeld: 422,
    errors.BeyondSafeFloor: 422,
    errors.OutsideGuardRails: 422,
    errors.NoRulebookInForce: 503,
    errors.RulebookRefused: 422,
    errors.HistoryRefused: 422,
    errors.BackupRefused: 422,
    errors.PlainLog: 503,
    errors.PseudonymKeyMismatch: 503,
    errors.SchemaOutOfDate: 503,
    errors.LogUnavailable: 503,
    errors.Unconfirmed: 503,
    errors.InvalidSettings: 500,
    errors.InvalidCostParameter: 500,
    errors.EngineFault: 500,
    errors.BeyondAuthority: 403,
    errors.EscalationResolved: 409,
    errors.PromiseEnded: 409,
    errors.DeliveryRefused: 401,
    errors.DeliveryReplayed: 409,
    errors.DeliveriesLimited: 429,
    errors.ObjectionAnswered: 409,
    errors.CalibrationRefused: 422,
    errors.EscalationTaken: 409,
    errors.NotYourLevel: 403,
    errors.WrongState: 409,
}


ON_THE_COMMAND_LINE = frozenset(
    {
        errors.BackupRefused,
        errors.CalibrationRefused,
        errors.HistoryRefused,
        errors.RulebookRefused,
        errors.InvalidSettings,
        errors.InvalidCostParameter,
        errors.PlainLog,
        errors.PseudonymKeyMismatch,
    }
)
"""Errors that no call over HTTP meets; the documentation of the calls leaves them out."""


class HttpProblem(NamedTuple):
    """A refusal that HTTP itself knows: stable code, title, and what to do next."""

    code: str
    title: str
    detail: str


HTTP_PROBLEMS: Mapping[int, HttpProblem] = {
    400: HttpProblem("malformed-request", "The request cannot be read", "The request is not valid HTTP for this call."),
    404: HttpProblem("not-found", "Not found", "There is no such address. /openapi.json lists those there are."),
    405: HttpProblem(
        "method-not-allowed", "The method is not for this address", "Use one of the methods of the Allow header."
    ),
    413: HttpProblem(
        "body-too-large", "The body is too large", "The body is longer than this service reads; nothing was decided."
    ),
    415: HttpProblem(
        "unsupported-media-type",
        "The body is not declared as JSON",
        "Send the body with Content-Type: application/json.",
    ),
    500: HttpProblem(
        "internal",
        "Something went wrong",
        "An error that nobody foresaw was logged under the request's id (X-Request-Id). Repeat the request with the "
        "same Idempotency-Key: it is safe.",
    ),
}


NOT_READY = HttpProblem("not-ready", "The service is not ready", "No decision can be made: the checks named failed.")


class Explained(NamedTuple):
    """A problem's code in words, for people."""

    status: int
    title: str
    meaning: str


def explained(code: str) -> Explained | None:
    """What a code means; None for one that no answer carries."""
    return known_problems().get(code)


def known_problems() -> dict[str, Explained]:
    """Every code that an answer can carry."""
    found = {known.code: Explained(status, known.title, known.detail) for status, known in HTTP_PROBLEMS.items()}
    for kind, status in STATUS.items():
        found.setdefault(kind.code, Explained(status, kind.title, " ".join((kind.__doc__ or "").split())))
    found[NOT_READY.code] = Explained(503, NOT_READY.title, NOT_READY.detail)
    return found


def status_of(error: PolicyServiceError) -> int:
    """The HTTP status of an error: its class's, or that of the nearest class above it."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def document_of(error: PolicyServiceError) -> dict[str, object]:
    """The problem document of an error of ours."""
    return _document(status_of(error), error.code, error.title, error.without_values, error.errors)


def _document(status: int, code: str, title: str, detail: str, field_errors: Sequence[FieldError]) -> dict[str, object]:
    """Nothing of what a caller sent stands in it but the names of fields: not the address either, which holds
    references.
    """
    document: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"{_route()}#{g.get('request_id', '')}",
        "code": code,
    }
    if field_errors:
        document["errors"] = [{"field": e.field, "message": e.message} for e in field_errors]
    return document


def problem(status: int, code: str, title: str, detail: str, field_errors: Sequence[FieldError] = ()) -> Response:
    """One problem document as a response."""
    document = _document(status, code, title, detail, field_errors)
    # Escaped to ASCII: a field's name comes from the caller and may hold what UTF-8 cannot carry.
    answer = Response(json.dumps(document), status, content_type=MEDIA_TYPE)
    answer.headers["Content-Language"] = "en"
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="policyservice"'
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _route() -> str:
    """The route of the call as a path, such as "/v1/customers/:ref/history"; nothing where there is no such address."""
    return _PLACE.sub(r":\1", request.url_rule.rule) if request.url_rule else ""


def register(app: Flask) -> None:
    """Answer every error of the application with a problem document."""
    app.register_error_handler(PolicyServiceError, on_purpose)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(Exception, unforeseen)


def on_purpose(error: PolicyServiceError) -> Response:
    """An error of ours."""
    g.problem = error.code
    answer = problem(status_of(error), error.code, error.title, error.without_values, error.errors)
    if isinstance(error, errors.RateLimited | errors.DeliveriesLimited):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def of_http(error: HTTPException) -> Response:
    """A refusal by the framework, such as 404, 405, 413."""
    status = error.code or 500
    known = HTTP_PROBLEMS.get(status) or HttpProblem("refused", error.name, error.description or error.name)
    g.problem = known.code
    answer = problem(status, known.code, known.title, known.detail)
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            answer.headers[name] = value
    return answer


def unforeseen(error: Exception) -> Response:
    """What nobody foresaw: logged with its trace, answered without it."""
    structlog.get_logger("policyservice.api").error("unforeseen", exc_info=error, request_id=g.get("request_id"))
    known = HTTP_PROBLEMS[500]
    g.problem = known.code
    return problem(500, known.code, known.title, known.detail)
