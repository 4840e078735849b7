"""Reads what a survey tool sends, or a line of its export, as outcomes: by a mapping that is data.

A mapping (`mappings/NAME.json`) says where the items are, which field of ours comes from which of theirs, and what is
the same for all. A path is names with dots between; `answers[question=csat].value` picks the item of a list by one of
its fields. Of several paths the first that leads to something is taken. `values` turns their codes into ours. Source:
docs/reference/outcomes.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest, NotFound

MOST_ITEMS = 500
"""How many outcomes one delivery may hold."""

_NUMBERS = frozenset({"score", "lowest", "highest"})
_WHOLE = re.compile(r"-?[0-9]{1,6}(\.0+)?\Z")
_STEP = re.compile(r"([^.\[\]]+)(?:\[([^=\]]+)=([^\]]+)\])?")
_YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NAME = re.compile(r"[a-z0-9_.-]{1,60}\Z")


@dataclass(frozen=True, slots=True)
class Field:
    """Where one of our fields comes from."""

    paths: tuple[str, ...]
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SurveyMapping:
    """How the items of one tool are read. `strict`: a field of theirs that nothing reads is refused."""

    name: str
    items: str
    fields: Mapping[str, Field]
    constants: Mapping[str, object]
    strict: bool


def shipped() -> tuple[str, ...]:
    """The names of the mappings that there are."""
    found = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in found if name.endswith(".json")))


@cache
def mapping(name: str) -> SurveyMapping:
    """A mapping by its name.

    Raises:
        NotFound: there is none of that name.
    """
    if not _NAME.match(name) or name not in shipped():
        raise NotFound("mapping of a survey tool", name)
    body = json.loads((_folder() / f"{name}.json").read_text("utf-8"))
    fields = {
        ours: Field(
            tuple([where["from"]] if isinstance(where["from"], str) else where["from"]), where.get("values", {})
        )
        for ours, where in body["fields"].items()
    }
    return SurveyMapping(name, body.get("items", ""), fields, body.get("constants", {}), body.get("strict", False))


def outcomes_in(found: SurveyMapping, body: object, zone: ZoneInfo) -> list[dict[str, object]]:
    """The fields of each outcome in a delivery, by our names, raw; times without an offset are in `zone`.

    Raises:
        InvalidRequest: there are no items where the mapping has them, or too many, or one cannot be read.
    """
    items = _at(body, found.items) if found.items and _at(body, found.items) is not None else body
    listed = items if isinstance(items, list) else [items]
    if not 1 <= len(listed) <= MOST_ITEMS:
        raise FieldProblem(found.items or "body", f"expected 1 to {MOST_ITEMS} items.")
    read, errors = [], []
    for place, item in enumerate(listed):
        where = f"{place}." if len(listed) > 1 else ""
        if not isinstance(item, Mapping):
            errors.append(FieldError(f"{where}body", "expected an object."))
            continue
        try:
            read.append(an_outcome(found, item, zone))
        except InvalidRequest as refused:
            errors += [FieldError(where + error.field, error.message) for error in refused.errors]
    if errors:
        raise InvalidRequest(errors)
    return read


def an_outcome(found: SurveyMapping, item: Mapping[str, Any], zone: ZoneInfo) -> dict[str, object]:
    """The fields of one item, or of one line of an export.

    Raises:
        InvalidRequest: a code that the mapping does not know, or a field that nothing reads where that is refused.
    """
    unread = (
        sorted(set(item) - {path for where in found.fields.values() for path in where.paths}) if found.strict else []
    )
    errors = [FieldError(name[:80], "is unknown: not a field of this mapping.") for name in unread]
    read: dict[str, object] = dict(found.constants)
    for ours, where in found.fields.items():
        theirs = next((value for path in where.paths if (value := _at(item, path)) not in (None, "")), None)
        if theirs is None:
            continue
        try:
            read[ours] = _ours(ours, where, theirs, zone)
        except InvalidRequest as refused:
            errors += refused.errors
    if errors:
        raise InvalidRequest(errors)
    return read


def _ours(name: str, where: Field, theirs: object, zone: ZoneInfo) -> object:
    if where.values:
        key = str(theirs).strip().casefold()
        if key not in where.values:
            raise FieldProblem(name, f"expected one of {', '.join(where.values)}.")
        return where.values[key]
    if name in _NUMBERS:
        return _number(theirs)
    if name == "left":
        return _YES_OR_NO.get(str(theirs).strip().casefold(), theirs)
    if isinstance(theirs, bool) or not isinstance(theirs, int | str):
        return theirs
    text = str(theirs).strip()
    return _instant(text, zone) if name == "at" else text


def _number(theirs: object) -> object:
    """A whole number, also as a text; anything else as it is, to be refused by its field."""
    if isinstance(theirs, str) and _WHOLE.match(theirs.strip()):
        return int(float(theirs))
    return int(theirs) if isinstance(theirs, float) and theirs.is_integer() and abs(theirs) < 1e6 else theirs


def _instant(text: str, zone: ZoneInfo) -> str:
    """With the offset of the zone where there is none; a text that is no time as it is, to be refused by its field."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.isoformat()


def _at(item: object, path: str) -> Any:
    """What lies at a path, None where nothing does. A name that stands as it is comes before its parts."""
    if isinstance(item, Mapping) and path in item:
        return item[path]
    for name, key, wanted in _steps(path):
        item = item.get(name) if isinstance(item, Mapping) else None
        if key:
            listed = item if isinstance(item, list) else []
            item = next((one for one in listed if isinstance(one, Mapping) and str(one.get(key)) == wanted), None)
    return item


def _steps(path: str) -> Iterator[tuple[str, str, str]]:
    return (step.groups(default="") for step in _STEP.finditer(path))  # type: ignore[misc]


def _folder() -> Any:
    return files("policyservice.resolutions.surveys") / "mappings"
