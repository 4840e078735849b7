"""What may be given without a decision when the service cannot be reached, and recorded afterwards."""

from __future__ import annotations

from policyservice.domain.case import Request
from policyservice.domain.errors import BeyondSafeFloor
from policyservice.domain.money import decimal_string
from policyservice.rulebook.model import Rulebook


def floor_of(rulebook: Rulebook, remedy: str, reason: str, currency: str) -> int | None:
    """The sum of a remedy that needs no decision, in minor units; None where there is none.

    The pack that declares the reason says so; where it says nothing of the remedy, the least that any other
    pack says. A floor in another currency is none.
    """
    stated = {p.name: p for p in rulebook.packs if p.currency == currency and remedy in p.safe_floor}
    own = stated.get(rulebook.reasons[reason].pack)
    if own is not None:
        return own.safe_floor[remedy]
    return min((pack.safe_floor[remedy] for pack in stated.values()), default=None)


def require_within(rulebook: Rulebook, request: Request) -> None:
    """Let a request pass that records what was given without a decision (`given_at`) within the floor.

    Raises:
        BeyondSafeFloor: more was given than needs no decision; a remedy without a sum always needs one.
    """
    if request.given_at is None:
        return
    floor = floor_of(rulebook, request.remedy, request.reason, request.currency)
    given = request.amount_minor or 0
    if floor is None or given > floor:
        raise BeyondSafeFloor(
            request.remedy,
            decimal_string(given, request.currency),
            decimal_string(floor or 0, request.currency),
            request.currency,
        )
