"""Frozen dataclasses to plain JSON values and back, exactly, by their annotations.

The record of a decision must read back to equal values for years. So a new field needs a default, and what
has its default value is left out of the JSON: a record written before the field existed reads as one written
after. A default, once logged under, must not change.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Convert = Callable[[Any], Any]

_PLAIN = (str, int, bool)


def encode(value: Any) -> Any:
    """The JSON value of a dataclass whose fields are of the kinds that `reader` knows."""
    kind: Any = type(value)
    return _writer(kind)(value)


def decode(kind: type[T], value: Any) -> T:
    """The value of `kind` that `encode` made this JSON value of."""
    wanted: Any = kind
    return cast(T, _reader(wanted)(value))


def _same(value: Any) -> Any:
    return value


@cache
def _writer(kind: Any) -> Convert:
    if is_dataclass(kind):
        return _dataclass_writer(kind)
    if _is_named_tuple(kind):
        return list
    origin, parts = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _same
    if kind is datetime:
        return datetime.isoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    if origin in (Union, types.UnionType):
        return _optional(parts, _writer)
    if origin is tuple:
        return _tuple_writer(parts)
    if origin is frozenset:
        return sorted
    if origin in (Mapping, dict):
        one = _writer(parts[1])
        return lambda value: {key: one(item) for key, item in value.items()}
    raise TypeError(f"no JSON for {kind!r}")


@cache
def _reader(kind: Any) -> Convert:
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if _is_named_tuple(kind):
        return lambda value: kind(*value)
    origin, parts = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _same
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if origin in (Union, types.UnionType):
        return _optional(parts, _reader)
    if origin is tuple:
        return _tuple_reader(parts)
    if origin is frozenset:
        return frozenset
    if origin in (Mapping, dict):
        one = _reader(parts[1])
        return lambda value: {key: one(item) for key, item in value.items()}
    raise TypeError(f"no value for {kind!r}")


def _dataclass_writer(kind: Any) -> Convert:
    hints = get_type_hints(kind)
    columns = [(f.name, _writer(hints[f.name]), _default(f)) for f in fields(kind)]

    def write(value: Any) -> dict[str, Any]:
        written = {}
        for name, convert, default in columns:
            item = getattr(value, name)
            if item is not default and (item != default or type(item) is not type(default)):
                written[name] = convert(item)
        return written

    return write


def _dataclass_reader(kind: Any) -> Convert:
    hints = get_type_hints(kind)
    readers = {f.name: _reader(hints[f.name]) for f in fields(kind)}

    def read(value: Any) -> Any:
        return kind(**{name: readers[name](item) for name, item in value.items()})

    return read


def _default(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    return MISSING


def _is_named_tuple(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def _optional(parts: tuple[Any, ...], convert: Callable[[Any], Convert]) -> Convert:
    """A union: of plain values, which JSON tells apart, or of one kind and None."""
    kinds = [part for part in parts if part is not types.NoneType]
    if all(part in _PLAIN for part in kinds):
        return _same
    if len(kinds) != 1:
        raise TypeError(f"JSON cannot tell {kinds!r} apart")
    one = convert(kinds[0])
    return lambda value: None if value is None else one(value)


def _tuple_writer(parts: tuple[Any, ...]) -> Convert:
    if len(parts) == 2 and parts[1] is Ellipsis:
        one = _writer(parts[0])
        return lambda value: [one(item) for item in value]
    each = [_writer(part) for part in parts]
    return lambda value: [convert(item) for convert, item in zip(each, value, strict=True)]


def _tuple_reader(parts: tuple[Any, ...]) -> Convert:
    if len(parts) == 2 and parts[1] is Ellipsis:
        one = _reader(parts[0])
        return lambda value: tuple(one(item) for item in value)
    each = [_reader(part) for part in parts]
    return lambda value: tuple(convert(item) for convert, item in zip(each, value, strict=True))
