"""Remedies and reasons of the catalogue."""

from __future__ import annotations

from fractions import Fraction

from policyservice.domain.vocabulary import RemedyKind
from policyservice.rulebook.model import Reason, Remedy, WhenHoldEnds
from policyservice.rulebook.read.amounts import amount
from policyservice.rulebook.read.pack import answer_steps, seconds
from policyservice.rulebook.read.reading import Reading, scalars, text, title, whole, words
from policyservice.rulebook.text.nodes import Mapped, Scalar


def reason(reading: Reading, key: Scalar, node: Mapped, *, is_closed: bool) -> Reason:
    """A reason; `is_closed` is what its pack says where it says nothing of its own."""
    otherwise = node.get("otherwise")
    listed = otherwise if isinstance(otherwise, Mapped) else None
    said = words(node, "otherwise")
    return Reason(
        name=key.text,
        title=title(node),
        closed=said == "forbid" if otherwise is not None else is_closed,
        closes=frozenset(name.text for name in scalars(listed.get("forbid"))) if listed is not None else frozenset(),
        because=text(listed, "because") if listed is not None else None,
        answer_within_minutes=whole(node, "answer_within_minutes"),
        answer_within_by_amount=answer_steps(reading, node),
        currency=reading.currency,
        pack=reading.pack,
        place=key.place,
        owner=words(node, "owner"),
    )


def check_closed(reading: Reading, node: Mapped) -> None:
    """Note remedies that a reason closes and no catalogue has."""
    otherwise = node.get("otherwise")
    if isinstance(otherwise, Mapped):
        for named in scalars(otherwise.get("forbid")):
            reading.known("remedies", named, reading.names.remedies)


def remedy(reading: Reading, key: Scalar, node: Mapped) -> Remedy | None:
    """A remedy; None where its kind is not known."""
    kind = words(node, "kind")
    if kind is None:
        reading.excuse()
        return None
    has_amount = "amount" not in node
    if not has_amount and "cost_factor" in node:
        place = node.entries["cost_factor"].key.place
        reading.note(place, "a remedy without a sum has no `cost_factor`; state its `cost`")
    cost = node.get("cost")
    return Remedy(
        name=key.text,
        kind=RemedyKind(kind),
        title=title(node),
        has_amount=has_amount,
        cost_factor=_factor(node),
        cost=None if cost is None else amount(reading, cost),
        fee_minor=reading.sum_at(node, "fee") or 0,
        currency=reading.currency,
        when_hold_ends=WhenHoldEnds(words(node, "when_hold_ends") or WhenHoldEnds.RELEASE),
        hold_seconds=seconds(node, "hold_minutes"),
        pack=reading.pack,
        place=key.place,
    )


def _factor(node: Mapped) -> Fraction:
    written = node.get("cost_factor")
    return written.value if isinstance(written, Scalar) and isinstance(written.value, Fraction) else Fraction(1)
