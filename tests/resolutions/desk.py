"""What the tests of escalations share: one that was asked, and the steps on it by their names."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.escalations import Escalation
from policyservice.db import tables
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.resolutions import working
from policyservice.resolutions.escalations import Resolution, resolve
from policyservice.resolutions.working import Step, Worked
from policyservice.runtime import Runtime
from tests.decisions.factories import decide


def escalated(shop: Runtime, key: ApiKey, **changes: object) -> str:
    """The id of an escalation of Maija's, of a credit of EUR 40 where she may give 20; it is for the trusted."""
    wanted: dict[str, object] = {"amount": "40.00", **changes}
    decision_id = str(decide(shop, key, f"ask {wanted}", **wanted).decision_id)
    with shop.db.reading() as conn:
        return escalations.of_decisions(conn, [decision_id])[decision_id].id


def step(shop: Runtime, key: ApiKey, name: str, escalation_id: str, *, under: str = "new", **fields: object) -> Reply:
    """Take, hand on, ... under an idempotency key: a new one unless named."""
    under = shop.ids.new("key") if under == "new" else under
    idempotency = Idempotency.of(f"/v1/escalations/{escalation_id}/{name}", under, fields)
    return getattr(working, name)(shop, Step(escalation_id, key, idempotency, rendered), **fields)  # type: ignore[no-any-return]


def settled(shop: Runtime, key: ApiKey, escalation_id: str, *, under: str = "new", **fields: object) -> Reply:
    """Resolve it, granted by Teppo unless said otherwise."""
    under = shop.ids.new("key") if under == "new" else under
    body: dict[str, Any] = {"result": "granted", "agent": "teppo", **fields}
    idempotency = Idempotency.of(f"/v1/escalations/{escalation_id}/resolve", under, body)
    return resolve(shop, escalation_id, Resolution(**body), key, idempotency, lambda done: str(done.escalation.result))


def rendered(one: Worked) -> str:
    """The effort and who has it, as JSON."""
    effort = one.effort
    return json.dumps(
        [one.escalation.holder, list(effort.worked_seconds.items()), effort.contacts, effort.waited_seconds]
    )


def read(shop: Runtime, escalation_id: str) -> Escalation:
    """The escalation as it stands."""
    with shop.db.reading() as conn:
        return escalations.get(conn, escalation_id)


def history(shop: Runtime, key: ApiKey, escalation_id: str) -> Worked:
    """The escalation with what happened to it."""
    with shop.db.reading() as conn:
        return working.read(conn, escalation_id, key)


def announced(shop: Runtime) -> list[tuple[str, str, dict[str, Any]]]:
    """The events that left: kind, what it is about, body; in their order."""
    table = tables.outbox_event
    with shop.db.reading() as conn:
        rows = conn.execute(select(table.c.kind, table.c.about, table.c.body).order_by(table.c.seq))
        return [(row.kind, row.about, row.body) for row in rows]
