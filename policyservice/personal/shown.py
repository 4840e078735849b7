"""Puts plain references and texts back into a document for as long as they are kept.

Documents of the log hold pseudonyms and seals. Only fields that hold nothing else are looked at, so that what a caller
wrote somewhere else is never taken for a pseudonym. A reference that was erased stays its pseudonym, so that cases and
histories can still be told apart; a text that was erased is null.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from policyservice.db.among import among
from policyservice.db.prepared import Prepared
from policyservice.db.tables import personal_reference, personal_text
from policyservice.domain.pseudonyms import ANY, PersonalKind

_REFERENCES: Mapping[str, PersonalKind] = {
    "agent": PersonalKind.AGENT,
    "owner": PersonalKind.AGENT,
    "resolved_by": PersonalKind.AGENT,
    "by": PersonalKind.AGENT,
    "holder": PersonalKind.AGENT,
    "customer": PersonalKind.CUSTOMER,
    "customers": PersonalKind.CUSTOMER,
    "case": PersonalKind.CASE,
    "order": PersonalKind.ORDER,
    "orders": PersonalKind.ORDER,
    "external_ref": PersonalKind.PAYMENT,
}
_TEXTS = frozenset({"justification", "note", "stated", "value", "verified", "what"})
_FIELDS: Mapping[str, PersonalKind | None] = {**_REFERENCES, **dict.fromkeys(_TEXTS)}
_FACTS = "facts"
_EVERY_KIND = frozenset(PersonalKind)
_text, _reference = personal_text.c, personal_reference.c
_BODIES = Prepared(select(_text.seal, _text.body).where(among(_text.seal, "seals")))
_PLAIN = Prepared(select(_reference.pseudonym, _reference.plain).where(among(_reference.pseudonym, "pseudonyms")))


def shown(conn: Connection, document: Any, kinds: Collection[PersonalKind] = _EVERY_KIND) -> Any:
    """The document with what is kept of its pseudonyms of `kinds`, and of its texts; a new one, in the same order."""
    held: list[_Held] = []
    copy = _copied(document, held)
    plain = references(conn, {one.value for one in held if one.kind in kinds})
    bodies = texts(conn, {one.value for one in held if one.kind is None})
    for place, name, value, kind in held:
        place[name] = bodies.get(value) if kind is None else plain.get(value, value)
    return copy


def references(conn: Connection, pseudonyms: Collection[str]) -> dict[str, str]:
    """The plain references that are kept, by pseudonym."""
    return dict(_PLAIN.rows(conn, {"pseudonyms": list(pseudonyms)})) if pseudonyms else {}


def texts(conn: Connection, seals: Collection[str]) -> dict[str, str]:
    """The texts that are kept, by seal."""
    return dict(_BODIES.rows(conn, {"seals": list(seals)})) if seals else {}


class _Held(NamedTuple):
    """Where a document holds a pseudonym of a kind, or with None the seal of a text."""

    place: Any
    name: str | int
    value: str
    kind: PersonalKind | None


def _copied(value: Any, held: list[_Held]) -> Any:
    """A copy of a document; what it holds is noted by its place in the copy."""
    if isinstance(value, dict):
        copy = dict(value)
        for name, item in value.items():
            if isinstance(item, str):
                if name in _FIELDS:
                    _note(copy, name, item, _FIELDS[name], held)
            elif isinstance(item, dict | list):
                copy[name] = _copied_field(name, item, held)
        return copy
    if isinstance(value, list):
        return [_copied(item, held) if isinstance(item, dict | list) else item for item in value]
    return value


def _copied_field(name: str, value: Any, held: list[_Held]) -> Any:
    if name == _FACTS and isinstance(value, dict):  # by any name, and nothing but texts
        facts = {fact: _copied(item, held) for fact, item in value.items()}
        _note_all(facts, facts.items(), None, held)
        return facts
    copy = _copied(value, held)
    if name in _REFERENCES and isinstance(value, list):
        _note_all(copy, enumerate(copy), _REFERENCES[name], held)
    return copy


def _note_all(place: Any, items: Iterable[tuple[Any, Any]], kind: PersonalKind | None, held: list[_Held]) -> None:
    for name, item in items:
        if isinstance(item, str):
            _note(place, name, item, kind, held)


def _note(place: Any, name: str | int, value: str, kind: PersonalKind | None, held: list[_Held]) -> None:
    if ANY.fullmatch(value) and (kind is None) == value.startswith("txt_"):
        held.append(_Held(place, name, value, kind))
