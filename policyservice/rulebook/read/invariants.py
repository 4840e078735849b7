"""Invariants: which requests they are about, and what never becomes of those."""

from __future__ import annotations

from policyservice.domain.vocabulary import Basis
from policyservice.rulebook.model import Invariant, Never
from policyservice.rulebook.read.amounts import amount
from policyservice.rulebook.read.conditions import condition
from policyservice.rulebook.read.reading import Reading, is_true, scalars, title, words
from policyservice.rulebook.text.nodes import Mapped, Node, Scalar


def invariant(reading: Reading, node: Mapped) -> Invariant | None:
    """An invariant; None where it does not say what never happens."""
    never = node.get("never")
    stated = next((n for n in Never if isinstance(never, Mapped) and n in never), None)
    if stated is None or not isinstance(never, Mapped):
        return None
    when, give, asks = node.get("when"), never.get("give"), node.get("asks")
    if stated is Never.REFUSE and "asks" not in node:
        reading.note(node.place, "`refuse` needs `asks`: nothing can be promised of whatever sum is asked")
    more_than = give.get("more_than") if isinstance(give, Mapped) else None
    owed_by = words(asks, "owed_by") if isinstance(asks, Mapped) else None
    return Invariant(
        id=words(node, "id") or "",
        title=title(node),
        never=stated,
        currency=reading.currency,
        when=condition(reading, when) if isinstance(when, Mapped) and when.entries else None,
        below=_level(reading, node.get("agent"), "below"),
        at_least=_level(reading, node.get("agent"), "from"),
        remedies=tuple(
            named.text
            for named in scalars(node.get("remedies"))
            if reading.known("remedies", named, reading.names.remedies)
        ),
        owed_by=None if owed_by is None else Basis(owed_by),
        within_guard_rails=words(node, "limits") != "opening",
        verified=is_true(node, "verified"),
        more_than=None if more_than is None else amount(reading, more_than),
        goodwill_only=isinstance(give, Mapped) and words(give, "part") == "goodwill",
        pack=reading.pack,
        place=node.place,
    )


def _level(reading: Reading, node: Node | None, key: str) -> str | None:
    named = node.get(key) if isinstance(node, Mapped) else None
    if not isinstance(named, Scalar):
        return None
    reading.known("trust_levels", named, [level.name for level in reading.names.trust_levels])
    return named.text
