"""One operation: what it takes and gives, for the service and for its documentation at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from policyservice.api.body import read_object
from policyservice.api.context import runtime
from policyservice.api.refusals import documented
from policyservice.api.schemas.base import UNKNOWN
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest

View = TypeVar("View", bound=Callable[..., Response])

LOOK_UP = (401, 403, 404, 422, 500, 503)
ASK = (400, 401, 403, 413, 415, 422, 500, 503)
SETTLE = (400, 401, 403, 404, 409, 413, 415, 422, 500, 503)

_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each new intent, the same when a call is repeated: the answer is then repeated, too.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "example": "T-1001/refund/1",
}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "en or fi; without it the language of the settings.",
    "schema": {"type": "string"},
    "example": "fi",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What one operation takes and gives.

    `also` are further statuses of the same answer. A `body` is loaded by its schema, unless `raw_body`: then it only
    describes, and the service's own gate reads the object. `examples` name whole bodies, `answers` whole answers.
    `refusals` are the statuses of its problems.
    """

    answer: type[Schema] | None = None
    status: int = 200
    also: tuple[int, ...] = ()
    body: type[Schema] | None = None
    raw_body: bool = False
    query: type[Schema] | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    refusals: tuple[int, ...] = LOOK_UP
    idempotent: bool = False
    texts: bool = False  # the answer has texts in the caller's language
    keyless: bool = False
    media_types: tuple[str, ...] = ("application/json",)  # of the answer


def operation(blueprint: Blueprint, method: str, path: str, what: Operation) -> Callable[[View], View]:
    """Make a view answer `method path`, with `body` and `query` loaded as its arguments of these names."""

    def decorate(view: View) -> View:
        @wraps(view)
        def called(**arguments: Any) -> Response:
            if what.query is not None:
                arguments["query"] = _load(what.query(), _query_values())
            elif not what.keyless:
                _refuse_parameters()
            if what.body is not None:
                body = json_object()
                arguments["body"] = body if what.raw_body else _load(what.body(), body)
            return view(**arguments)

        called.operation = what  # type: ignore[attr-defined]
        documentation = _documentation(what, view.__name__)
        blueprint.route(path, methods=[method])(blueprint.doc(**documentation)(called))
        return view

    return decorate


def json_object() -> dict[str, Any]:
    """The request's body as an object; nothing sent is an empty one.

    Raises:
        MalformedBody, InvalidRequest: see `body.read_object`.
        UnsupportedMediaType, RequestEntityTooLarge: not declared as JSON; longer than the settings allow.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    data = request.get_data(cache=False)
    if len(data) > runtime().settings.max_body_bytes:
        raise RequestEntityTooLarge
    if data and request.mimetype != "application/json":
        raise UnsupportedMediaType
    return read_object(data)


def _query_values() -> dict[str, str]:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise FieldProblem(name[:80], "is given twice.")
    return request.args.to_dict()


def _refuse_parameters() -> None:
    """A parameter that nothing reads is a mistake; a key in an address would end up in logs on the way."""
    if request.args:
        raise InvalidRequest([FieldError(name[:80], UNKNOWN) for name in request.args])


def _load(schema: Schema, values: Mapping[str, Any]) -> Any:
    try:
        return schema.load(values)
    except ValidationError as refused:
        raise InvalidRequest(list(_flat("", refused.messages))) from None


def _flat(path: str, messages: Any) -> list[FieldError]:
    """marshmallow's nested messages as one list of fields."""
    if isinstance(messages, dict):
        inner = [(f"{path}.{name}" if path else str(name), item) for name, item in messages.items()]
        return [error for name, item in inner for error in _flat(name[:120], item)]
    return [FieldError(path, " ".join(str(message) for message in messages))]


def _documentation(what: Operation, name: str) -> dict[str, Any]:
    parameters: list[Any] = [{"in": "query", "schema": what.query}] if what.query is not None else []
    parameters += [deepcopy(_IDEMPOTENCY)] if what.idempotent else []
    parameters += [deepcopy(_LANGUAGE)] if what.texts else []
    documentation: dict[str, Any] = {
        "operationId": name,
        "parameters": parameters,
        "responses": {
            **{str(status): _answer(what) for status in (what.status, *what.also)},
            **documented(sorted({*what.refusals, *(() if what.keyless else (429,))})),
        },
    }
    if what.body is not None:
        content: dict[str, Any] = {"schema": what.body}
        if what.examples:
            content["examples"] = {key: {"value": deepcopy(value)} for key, value in what.examples.items()}
        documentation["requestBody"] = {"required": True, "content": {"application/json": content}}
    if what.keyless:
        documentation["security"] = []
    return documentation


def _answer(what: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": what.answer if what.answer is not None else {"type": "string"}}
    if what.answers:
        content["examples"] = {key: {"value": deepcopy(value)} for key, value in what.answers.items()}
    answer: dict[str, Any] = {"description": "Answered.", "content": {kind: dict(content) for kind in what.media_types}}
    headers: dict[str, Any] = {"X-Request-Id": {"schema": {"type": "string"}}}
    if what.idempotent:
        headers["Idempotent-Replayed"] = {
            "description": "`true` where the answer was kept from an earlier call with the same key.",
            "schema": {"type": "string", "enum": ["true"]},
        }
    if what.texts:
        headers["Content-Language"] = {"schema": {"type": "string", "enum": ["en", "fi"]}}
    answer["headers"] = headers
    return answer
