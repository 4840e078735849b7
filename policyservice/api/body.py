"""The body of a request as a JSON object, read strictly.

JSON as Python reads it lets through what callers never mean: the later of two equal keys, NaN, lone surrogates. All of
that is refused here, before anything looks at a field.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from policyservice.domain.errors import FieldError, InvalidRequest, MalformedBody

DEEPEST = 10
"""The most objects and lists within each other; no request of the service needs more than three."""

_LONGEST_NUMBER = 40
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def read_object(data: bytes) -> dict[str, Any]:
    """The JSON object in a body; no body at all is an empty object.

    Raises:
        MalformedBody: not UTF-8, not JSON, not an object, a key twice, a number that is none, or nested too deep.
        InvalidRequest: control characters or lone surrogates in a text; names the fields.
    """
    if not data.strip():
        return {}
    value = _parse(_decode(data))
    if not isinstance(value, dict):
        raise MalformedBody("The body is JSON, but not an object.")
    _refuse_unfit_texts(value)
    return value


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedBody("The body is not UTF-8.") from None


def _parse(text: str) -> Any:
    _refuse_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except json.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None


def _refuse_depth(text: str) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise MalformedBody(f"The body nests deeper than {DEEPEST} levels.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise MalformedBody(f"The key {twice[:80]!a} stands twice in one object.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedBody(f"{name} is not a number of JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise MalformedBody("A number is beyond what can be read.")
    return number


def _bounded(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise MalformedBody("A number is beyond what can be read.")
    return int(digits)


def _refuse_unfit_texts(body: dict[str, Any]) -> None:
    errors = [
        FieldError(_printable(path), "holds control characters or half a surrogate pair.")
        for path, text in _texts("", body)
        if _UNFIT.search(text)
    ]
    if errors:
        raise InvalidRequest(errors)


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, keys too, with the path of its field."""
    match value:
        case str():
            yield path, value
        case dict():
            for name, item in value.items():
                inner = f"{path}.{name}" if path else name
                yield inner, name
                yield from _texts(inner, item)
        case list():
            for number, item in enumerate(value):
                yield from _texts(f"{path}[{number}]", item)


def _printable(path: str) -> str:
    return path[:120].encode("unicode_escape").decode("ascii")
