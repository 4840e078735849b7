"""What a rule demands to be verified: a sum, and the facts where it names them."""

from __future__ import annotations

from collections.abc import Iterator

from policyservice.rulebook.model import Verify
from policyservice.rulebook.read.conditions import fact_named
from policyservice.rulebook.read.reading import Reading, scalars
from policyservice.rulebook.text.nodes import Mapped, Node, Scalar


def verify(reading: Reading, node: Mapped) -> Verify | None:
    """What a rule or table says under `verify_above`; None where it says nothing, or nothing that can be read."""
    stated = node.get("verify_above")
    above = reading.sum(stated) if isinstance(stated, Scalar) else None
    facts: tuple[str, ...] = ()
    if isinstance(stated, Mapped):
        above = reading.sum_at(stated, "amount")
        facts = tuple(_facts(reading, stated.get("facts")))
    return None if above is None else Verify(above, facts, node.entries["verify_above"].key.place)


def _facts(reading: Reading, node: Node | None) -> Iterator[str]:
    """The facts of a list; one that stands in it twice is noted."""
    seen: set[str] = set()
    for named in scalars(node):
        fact = fact_named(reading, named)
        if fact is None:
            continue
        if fact.name in seen:
            reading.note(named.place, f"`{fact.name}` stands in the list twice; take one out")
            continue
        seen.add(fact.name)
        yield fact.name
