"""Invariants that contradict each other: of one request they say that it is never allowed and never refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policyservice.assurance.proving import claims
from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.proving.search import search
from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.model import Invariant, Never

_NEVER_ALLOWS = (Never.ALLOW, Never.GIVE, Never.REFUND_BEYOND_PAID)


def contradictory_invariants(book: CompiledRulebook, *, day: date) -> Iterator[Weakness]:
    """An error for each pair, with a request on or after a day that both are about."""
    invariants = book.rulebook.invariants
    for one in invariants:
        for other in invariants:
            if one.never is Never.REFUSE and other.never in _NEVER_ALLOWS:
                case = _about_both(book, one, other, day)
                if case is not None:
                    yield _weakness(book, one, other, case)


def _about_both(book: CompiledRulebook, refuse: Invariant, allow: Invariant, day: date) -> FoundCase | None:
    def confirm(case: FoundCase) -> bool:
        """Whatever is decided breaks one of the two."""
        decided = case.decided(book)
        return claims.is_violated(refuse, book, case, decided) or claims.is_violated(allow, book, case, decided)

    for question in claims.conflicts(book, refuse, allow):
        found = search(question, confirm, day=day)
        if isinstance(found, FoundCase):
            return found
    return None


def _weakness(book: CompiledRulebook, refuse: Invariant, allow: Invariant, case: FoundCase) -> Weakness:
    message = (
        f"`{refuse.id}` says that a request is never refused, `{allow.id}` ({allow.place}) that it is never allowed: "
        f"{case.in_one_line(book.rulebook)}; both cannot hold, narrow one of them"
    )
    return Weakness(Weight.ERROR, refuse.place, message)
