"""What packs declare, put together: every name once, alike wherever several packs declare it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from policyservice.rulebook.documents import Document, Documents
from policyservice.rulebook.model import Pack, TrustLevel
from policyservice.rulebook.problems import Problems, listed
from policyservice.rulebook.read.catalogue import check_closed, reason, remedy
from policyservice.rulebook.read.facts import Paid, fact
from policyservice.rulebook.read.names import Names
from policyservice.rulebook.read.parameters import check_names, parameter
from policyservice.rulebook.read.reading import Reading, title
from policyservice.rulebook.read.reckoned import declare_reckoned
from policyservice.rulebook.read.register import register
from policyservice.rulebook.text.nodes import Mapped, Scalar, is_whole

_FACT_FIELDS = ("type", "provided_by", "unit", "values", "ordered", "lowest", "highest", "presume")
_PARAMETER_FIELDS = ("unit", "currency", "values", "lowest", "highest", "in_force_by")


def declare(documents: Documents, packs: Mapping[str, Pack], problems: Problems) -> Names:
    """The names of all packs. Each step uses those before it: facts name reasons, remedies' costs name facts."""
    names = Names(problems, documents.unsure)
    _reasons(documents, packs, names)
    _trust_levels(documents, names)
    _facts(documents, names)
    declare_reckoned([(_reading(d, names), key, node) for d, key, node in _named(documents, names, "reckoned")], names)
    _parameters(documents, names)
    _remedies(documents, names)
    for document, _, node in _named(documents, names, "reasons"):
        check_closed(_reading(document, names), node)
    return names


def _reading(document: Document, names: Names) -> Reading:
    return Reading(document.pack, document.currency, names)


_KINDS = {
    "facts": "vocabulary",
    "reckoned": "vocabulary",
    "reasons": "catalogue",
    "remedies": "catalogue",
    "trust_levels": "catalogue",
}


def _named(documents: Documents, names: Names, section: str) -> Iterator[tuple[Document, Scalar, Mapped]]:
    """Every declaration under a section of its kind of file; those that cannot be read at all are remembered."""
    for document in documents.of(_KINDS[section]):
        found = document.root.get(section)
        if isinstance(found, Mapped):
            if found.partial:
                names.unsure.add(_KINDS[section])
            yield from _each(document, names, "facts" if section == "reckoned" else section, found)


def _each(document: Document, names: Names, kind: str, found: Mapped) -> Iterator[tuple[Document, Scalar, Mapped]]:
    for name, entry in found.entries.items():
        if not is_whole(entry.value):
            names.broken.add((kind, name))
        if isinstance(entry.value, Mapped):
            yield document, entry.key, entry.value


def _reasons(documents: Documents, packs: Mapping[str, Pack], names: Names) -> None:
    for document, key, node in _named(documents, names, "reasons"):
        pack = packs.get(document.pack)
        reading = _reading(document, names)
        found = reason(reading, key, node, is_closed=pack is not None and pack.closed)
        register(reading, names.reasons, key, found, ("closed", "closes"))


def _trust_levels(documents: Documents, names: Names) -> None:
    """The longest list gives the order; every other pack's must be a part of it."""
    lists: dict[str, tuple[Mapped, dict[str, TrustLevel]]] = {}
    for document, key, node in _named(documents, names, "trust_levels"):
        whole = document.root.get("trust_levels")
        assert isinstance(whole, Mapped)
        _, levels = lists.setdefault(document.pack, (whole, {}))
        if key.text in levels:
            _reading(document, names).note(key.place, f"`{key.text}` is declared a second time; take one out")
            continue
        levels[key.text] = TrustLevel(key.text, title(node), len(levels))
    if not lists:
        return
    longest = max(lists.values(), key=lambda found: len(found[1]))[1]
    for whole, levels in lists.values():
        order = [name for name in longest if name in levels]
        if order != list(levels):
            names.problems.add(
                whole.place,
                f"these trust levels do not stand in the order of another pack's: {listed(longest)}; list the same "
                "ones, or some of them, in that order",
            )
    titles = {name: level.title for _, levels in reversed(lists.values()) for name, level in levels.items()}
    names.trust_levels = tuple(replace(level, title=titles[name]) for name, level in longest.items())


def _facts(documents: Documents, names: Names) -> None:
    own: dict[str, list[str]] = {}
    for document, key, _ in _named(documents, names, "reasons"):
        own.setdefault(document.pack, []).append(key.text)
    for document, key, node in _named(documents, names, "facts"):
        reading = _reading(document, names)
        paid = Paid(tuple(own.get(document.pack, names.reasons)))
        found = fact(reading, key, node, paid)
        if found is None or reading.faults:
            names.broken.add(("facts", key.text))
        if found is None:
            continue
        known = names.facts.get(key.text)
        register(reading, names.facts, key, found, _FACT_FIELDS)
        if known is not None and known.pack != found.pack:
            names.facts[key.text] = replace(
                known,
                paid_for=tuple(dict.fromkeys((*known.paid_for, *found.paid_for))),
                paid_where_known=tuple(dict.fromkeys((*known.paid_where_known, *found.paid_where_known))),
            )


def _parameters(documents: Documents, names: Names) -> None:
    for document in documents.of("parameters"):
        if document.root.partial:
            names.unsure.add("parameters")
        for found_document, key, node in _each(document, names, "parameters", document.root):
            reading = _reading(found_document, names)
            found = parameter(reading, key, node)
            if found is None or reading.faults:
                names.broken.add(("parameters", key.text))
            if found is not None:
                register(reading, names.parameters, key, found, _PARAMETER_FIELDS)
    check_names(names)


def _remedies(documents: Documents, names: Names) -> None:
    for document, key, node in _named(documents, names, "remedies"):
        reading = _reading(document, names)
        found = remedy(reading, key, node)
        if found is None or reading.faults:
            names.broken.add(("remedies", key.text))
        if found is not None:
            register(reading, names.remedies, key, found, ("kind", "has_amount"))
