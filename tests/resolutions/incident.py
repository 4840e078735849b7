"""What the tests of incidents share: one that is open, and the steps on it by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policyservice.access.keys import ApiKey
from policyservice.cases import incident_cases
from policyservice.cases.incident_cases import Link
from policyservice.decisions.compensation import SETTLING
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.resolutions.incidents.action import act
from policyservice.resolutions.incidents.course import open_incident, transition
from policyservice.resolutions.incidents.remedy import set_remedy
from policyservice.resolutions.incidents.steps import Call, Told
from policyservice.resolutions.incidents.steps import read as read_incident
from policyservice.resolutions.linking import Reporter, link_by_hand, link_new
from policyservice.resolutions.rolling_out import RolledOut, roll_out
from policyservice.resolutions.unlinking import unlink
from policyservice.runtime import Runtime

RULE = "{reason: delivery.late, order.days_late: {at_least: 3}}"
_STEPS: dict[str, Callable[..., Reply]] = {"transition": transition, "act": act, "set_remedy": set_remedy}
CREDIT = {"remedy": "credit", "amount": "5.00", "currency": "EUR", "budget": "500.00"}


def opened(shop: Runtime, key: ApiKey, **changes: object) -> str:
    """The id of an incident that Liisa opens: parcels that are late since an hour ago."""
    began = shop.clock.now().replace(microsecond=0).isoformat()
    fields: dict[str, object] = {
        "agent": "liisa",
        "title": "The sorting centre stands still",
        "reason": "delivery.late",
        "began_at": began,
        "rule": RULE,
        **changes,
    }
    given = {name: value for name, value in fields.items() if value is not ...}
    return open_incident(shop, call(shop, key, given), **given).body  # type: ignore[arg-type]


def step(shop: Runtime, key: ApiKey, name: str, incident_id: str, *, under: str = "new", **fields: object) -> Reply:
    """Transition, act or set a remedy, by Liisa unless said otherwise."""
    given = {"agent": "liisa", "note": None, **fields}
    return _STEPS[name](shop, call(shop, key, given, under), incident_id, **given)


def call(shop: Runtime, key: ApiKey, body: dict[str, object], under: str = "new") -> Call:
    """A call under an idempotency key: a new one unless named; answered with the incident's id."""
    under = shop.ids.new("key") if under == "new" else under
    return Call(key, Idempotency.of("/v1/incidents", under, body), lambda one: one.incident.id)


def confirmed(shop: Runtime, key: ApiKey, **changes: object) -> str:
    """An incident that is confirmed, with a credit of EUR 5 for all that may be rolled out."""
    incident_id = opened(shop, key, **changes)
    step(shop, key, "transition", incident_id, to="confirmed")
    step(shop, key, "set_remedy", incident_id, **CREDIT)
    shop.clock.advance(seconds=SETTLING.total_seconds())
    return incident_id


def linked(shop: Runtime, key: ApiKey, incident_id: str, case: str, under: str = "new", **changes: object) -> Reply:
    """A case that reports it by chat."""
    body: dict[str, Any] = {"agent": "maija", "case": case, "channel": "chat", **changes}
    under = shop.ids.new("key") if under == "new" else under
    idempotency = Idempotency.of(f"/v1/incidents/{incident_id}/cases", under, body)
    return link_by_hand(shop, incident_id, Reporter(**body), key, idempotency, "linked")


def unlinked(shop: Runtime, key: ApiKey, incident_id: str, case: str, under: str = "new", **changes: object) -> Reply:
    """A case that Liisa takes out again."""
    body: dict[str, Any] = {"agent": "liisa", "note": "Another cause.", **changes}
    under = shop.ids.new("key") if under == "new" else under
    idempotency = Idempotency.of(f"/v1/incidents/{incident_id}/cases/{case}/unlink", under, body)
    return unlink(shop, incident_id, case, key, idempotency, "unlinked", **body)


def links(shop: Runtime, incident_id: str, *, belonging: bool = True) -> list[Link]:
    """Its links, those that belong unless said otherwise."""
    with shop.db.reading() as conn:
        return incident_cases.page(conn, incident_id, belonging=belonging)


def link_all(shop: Runtime) -> int:
    """Look at every decision there is."""
    total = 0
    while done := link_new(shop):
        total += done
    return total


def rolled_out(shop: Runtime, key: ApiKey, incident_id: str, *, agent: str = "liisa", most: int = 500) -> RolledOut:
    """Roll its remedy out."""
    return roll_out(shop, incident_id, agent, key, most=most)


def read(shop: Runtime, incident_id: str) -> Told:
    """The incident as it stands."""
    with shop.db.reading() as conn:
        return read_incident(conn, incident_id)
