"""What a colleague who grants an escalated request has found out, so that the rules let it be granted.

A person grants because of what they found: the booking system shows that no part was flown, the invoice was in another
name. Only for the reasons of the histories that the commands make; for any other nothing is found out.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyservice.domain.case import Request
from policyservice.domain.money import decimal_string
from policyservice.rulebook.model import Rulebook

_PAID = "as asked"
_FOUND: Mapping[str, Mapping[str, object]] = {
    "product.returned": {"order.paid": _PAID, "order.days_since_delivery": 10, "order.returned": True},
    "billing.error": {"fee.amount": _PAID, "fee.paid": True},
    "cancel.airline_cancelled": {"booking.any_segment_flown": False},
    "complaint.flight_delayed": {"booking.changed_or_cancelled": True},
}
"""By reason: facts beside or instead of those of the request; `_PAID` is the sum that is asked."""


def found_out(request: Request, rulebook: Rulebook) -> dict[str, object]:
    """Raw facts, by name, of which the rulebook knows."""
    asked = decimal_string(request.amount_minor or 0, request.currency)
    return {
        name: asked if value is _PAID else value
        for name, value in _FOUND.get(request.reason, {}).items()
        if name in rulebook.facts
    }
