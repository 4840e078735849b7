"""JSON schemas (draft 2020-12) for editors, made of the shapes that check the files.

An editor reads YAML 1.2: dates and percentages are strings there, a decimal is a number. What only the whole rulebook
shows (a fact that is declared nowhere, a sum with too many decimals) is left to `rules check`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from policyservice.rulebook.schema.files import FILES
from policyservice.rulebook.schema.shapes import ByForm, Key, Later, ListOf, Plain, Record, Shape
from policyservice.rulebook.text.nodes import Kind

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_OF_KIND: Mapping[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "number"},
    Kind.PERCENT: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)? %$"},
    Kind.DATE: {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    Kind.NULL: {"type": "null"},
}
_NOTHING = ("null", "~", "")


def schemas() -> dict[str, Schema]:
    """The schema of each kind of file, by kind."""
    return {kind: _document(kind, shape) for kind, shape in FILES.items()}


def _document(kind: str, shape: Record) -> Schema:
    writer = _Writer()
    body = writer.schema(shape)
    named = f"policyservice {kind}"
    return {"$schema": DRAFT, "title": named, **body, **({"$defs": writer.defs} if writer.defs else {})}


class _Writer:
    """Writes shapes as schemas; one that holds itself is written once and referred to."""

    def __init__(self) -> None:
        self.defs: dict[str, Schema] = {}

    def schema(self, shape: Shape) -> Schema:
        """A shape as a schema, described by what the reader says it expects."""
        match shape:
            case Plain():
                return _plain(shape)
            case ListOf():
                least = {} if shape.empty_is_fine else {"minItems": 1}
                return {"description": shape.says, "type": "array", "items": self.schema(shape.of), **least}
            case Record():
                return self._record(shape)
            case ByForm():
                forms = [form for form in (shape.scalar, shape.items, shape.mapped) if form is not None]
                return {"description": shape.says, "anyOf": [self.schema(form) for form in forms]}
            case Later():
                return self._reference(shape)

    def _reference(self, shape: Later) -> Schema:
        name = re.split(r":| such as", shape.says)[0].split(" ")[-1]
        if name not in self.defs:
            self.defs[name] = {}  # it holds itself
            self.defs[name] = self.schema(shape.shape())
        return {"$ref": f"#/$defs/{name}"}

    def _record(self, shape: Record) -> Schema:
        required = [name for name, key in shape.keys.items() if key.required]
        found: Schema = {
            "description": shape.says,
            "type": "object",
            "properties": {name: self._key(key) for name, key in shape.keys.items()},
            "additionalProperties": False if shape.free is None else self.schema(shape.free.value),
        }
        if required:
            found["required"] = required
        elif not shape.empty_is_fine:
            found["minProperties"] = 1
        if shape.free is not None:
            found["propertyNames"] = {"anyOf": [{"enum": list(shape.keys)}, _plain(shape.free.name)]}
        if shape.one_of:
            found["oneOf"] = [{"required": [name]} for name in shape.one_of]
        return found

    def _key(self, key: Key) -> Schema:
        written = self.schema(key.shape)
        return {**written, "description": key.about} if key.about else written


def _plain(shape: Plain) -> Schema:
    parts = [_of_kind(shape, kind) for kind in sorted(shape.kinds) if not _is_covered(kind, shape)]
    return {"description": shape.says, **(parts[0] if len(parts) == 1 else {"anyOf": parts})}


def _is_covered(kind: Kind, shape: Plain) -> bool:
    """Whether another kind of the shape takes all that this one does: any text, any number."""
    anything = Kind.TEXT in shape.kinds and shape.pattern is None and not shape.choices
    return (kind is Kind.INTEGER and Kind.DECIMAL in shape.kinds) or (kind in (Kind.PERCENT, Kind.DATE) and anything)


def _of_kind(shape: Plain, kind: Kind) -> Schema:
    written = dict(_OF_KIND[kind])
    if kind is Kind.TEXT and shape.choices:
        return {"enum": [word for word in shape.choices if word not in _NOTHING]}
    if kind is Kind.BOOLEAN and shape.choices:
        return {"enum": [word == "true" for word in shape.choices]}
    if kind is Kind.TEXT and shape.pattern is not None:
        written["pattern"] = _pattern(shape.pattern)
    if kind is Kind.INTEGER:
        bounds = (("minimum", shape.lowest), ("maximum", shape.highest))
        written |= {name: bound for name, bound in bounds if bound is not None}
    return written


def _pattern(pattern: re.Pattern[str]) -> str:
    """A pattern as ECMA 262 has it, for the whole of a text; there is no flag by which a point takes a line's end."""
    source = pattern.pattern.replace(r"\Z", "$")
    if source.startswith("(?s)"):
        source = source.removeprefix("(?s)").replace(".", r"[\s\S]")
    return f"^(?:{source})$"
