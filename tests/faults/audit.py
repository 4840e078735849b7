"""Whether what was answered is what was kept: nothing lost, nothing doubled, nothing that nobody asked for."""

from __future__ import annotations

import json
from collections import Counter
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.domain.pseudonyms import Pseudonyms
from policyservice.ledger.reconcile import reconcile
from policyservice.personal import key
from policyservice.personal.shown import shown
from tests.faults.load import Load

_ZONE = ZoneInfo("Europe/Helsinki")


def audit(url: str, *loads: Load) -> list[str]:
    """Everything that is wrong, in words."""
    db = Database(url)
    pseudonyms = key.pseudonyms(db, None)
    try:
        with db.reading() as conn:
            found = [*_replies(conn, pseudonyms, loads), *_holds(conn), *map(str, reconcile(conn, _ZONE))]
    finally:
        db.dispose()
    return found + [f"unexpected: {each}" for load in loads for each in load.unexpected]


def held_minor(url: str) -> int:
    """The sum of everything that was ever held, in minor units."""
    db = Database(url)
    with db.reading() as conn:
        held = conn.execute(select(tables.entry.c.amount_minor).where(tables.entry.c.kind == "hold")).scalars().all()
    db.dispose()
    return sum(held)


def _replies(conn: Connection, pseudonyms: Pseudonyms, loads: tuple[Load, ...]) -> list[str]:
    """Keys are kept as digests, and answers with pseudonyms that are put back as they leave."""
    plain = {pseudonyms.digest("idempotency key", each): each for load in loads for each in list(load.sent)}
    kept = {plain.get(row.key, row.key): row for row in conn.execute(select(tables.reply))}
    logged = Counter(conn.execute(select(tables.decision.c.id)).scalars())
    answered = {key: body for load in loads for key, body in dict(load.answered).items()}
    sent = {key for load in loads for key in list(load.sent)}
    found = [f"{key} was answered and its answer is not kept" for key in answered if key not in kept]
    found += [
        f"{key} was answered otherwise than is kept"
        for key in answered
        if key in kept and shown(conn, json.loads(kept[key].body)) != json.loads(answered[key])
    ]
    found += [f"{key} was never sent" for key in kept if key not in sent]
    found += [
        f"{json.loads(body)['id']} was answered and is not in the log"
        for body in answered.values()
        if not logged[json.loads(body)["id"]]
    ]
    found += [f"{each} is in the log {times} times" for each, times in logged.items() if times > 1]
    of_keys = Counter(row.decision_id for row in kept.values())
    return found + [f"{each} is in the log for {of_keys[each]} keys" for each in logged if of_keys[each] != 1]


def _holds(conn: Connection) -> list[str]:
    outcomes = {row.id: row.outcome for row in conn.execute(select(tables.decision.c.id, tables.decision.c.outcome))}
    holds = Counter(conn.execute(select(tables.entry.c.decision_id).where(tables.entry.c.kind == "hold")).scalars())
    heads = Counter(conn.execute(select(tables.reservation.c.decision_id)).scalars())
    wanted = Counter({each: 1 for each, outcome in outcomes.items() if outcome == "allow"})
    found = [
        f"{each} holds {holds[each]} times, not {wanted[each]}"
        for each in {*holds, *wanted}
        if holds[each] != wanted[each]
    ]
    return found + [f"{each} has {heads[each]} heads" for each in {*heads, *wanted} if heads[each] != wanted[each]]
