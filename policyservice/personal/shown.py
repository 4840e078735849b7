"""Puts plain references and texts back into a document for as long as they are kept.

Documents of the log hold pseudonyms and seals. Only fields that hold nothing else are looked at, so that what a caller
wrote somewhere else is never taken for a pseudonym. A reference that was erased stays its pseudonym, so that cases and
histories can still be told apart; a text that was erased is null.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

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
_FACTS = "facts"
_EVERY_KIND = frozenset(PersonalKind)
_BODIES = select(personal_text.c.seal, personal_text.c.body).where(
    personal_text.c.seal.in_(bindparam("seals", expanding=True))
)
_PLAIN = select(personal_reference.c.pseudonym, personal_reference.c.plain).where(
    personal_reference.c.pseudonym.in_(bindparam("pseudonyms", expanding=True))
)


def shown(conn: Connection, document: Any, kinds: Collection[PersonalKind] = _EVERY_KIND) -> Any:
    """The document with what is kept of its pseudonyms of `kinds`, and of its texts; a new one, in the same order."""
    pseudonyms: set[str] = set()
    seals: set[str] = set()

    def note(value: str, kind: PersonalKind | None) -> str:
        if kind is None:
            seals.add(value)
        elif kind in kinds:
            pseudonyms.add(value)
        return value

    _walk(document, note)
    plain = references(conn, pseudonyms)
    bodies = texts(conn, seals)
    return _walk(document, lambda value, kind: bodies.get(value) if kind is None else plain.get(value, value))


def references(conn: Connection, pseudonyms: Collection[str]) -> dict[str, str]:
    """The plain references that are kept, by pseudonym."""
    return _pairs(conn.execute(_PLAIN, {"pseudonyms": list(pseudonyms)})) if pseudonyms else {}


def texts(conn: Connection, seals: Collection[str]) -> dict[str, str]:
    """The texts that are kept, by seal."""
    return _pairs(conn.execute(_BODIES, {"seals": list(seals)})) if seals else {}


def _pairs(rows: Any) -> dict[str, str]:
    return {row[0]: row[1] for row in rows}


Replace = Callable[[str, PersonalKind | None], str | None]
"""A pseudonym with its kind, or the seal of a text with None, to what is shown in its place."""


def _walk(value: Any, replace: Replace) -> Any:
    if isinstance(value, dict):
        return dict(_fields(value, replace))
    if isinstance(value, list):
        return [_walk(item, replace) for item in value]
    return value


def _fields(document: dict[str, Any], replace: Replace) -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if name == _FACTS and isinstance(value, dict):
            yield name, {fact: _one(given, None, replace) for fact, given in value.items()}
        elif name in _TEXTS:
            yield name, _one(value, None, replace)
        elif name in _REFERENCES and isinstance(value, list):
            yield name, [_one(item, _REFERENCES[name], replace) for item in value]
        elif name in _REFERENCES:
            yield name, _one(value, _REFERENCES[name], replace)
        else:
            yield name, _walk(value, replace)


def _one(value: Any, kind: PersonalKind | None, replace: Replace) -> Any:
    if not isinstance(value, str) or not ANY.fullmatch(value):
        return _walk(value, replace)
    if (kind is None) != value.startswith("txt_"):
        return value
    return replace(value, kind)
