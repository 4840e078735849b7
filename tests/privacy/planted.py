"""A customer's and an agent's dealings with the shop, in words that stand nowhere else; and where such words stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from policyservice.access import agents
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import ApiKey
from policyservice.cases import escalations
from policyservice.cases.promises import StepKind
from policyservice.cases.verified import VerifiedFacts
from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.decisions import settle, verifying
from policyservice.decisions.replies import Idempotency
from policyservice.domain.limits import Grant
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.domain.vocabulary import AgentKind
from policyservice.limits import grants, versions
from policyservice.personal.grants import mask
from policyservice.personal.kept import keep_now
from policyservice.resolutions import contacts, promises
from policyservice.resolutions.contacts import TakenContact
from policyservice.resolutions.escalations import Resolution, resolve
from policyservice.resolutions.promises import MadePromise, TakenStep
from policyservice.runtime import Runtime
from tests.decisions.factories import decide, render

CUSTOMER = "Planted-Customer"
AGENT = "planted.agent"
NAME = "Planta Agentsson"
REFERENCES = (CUSTOMER, "Planted-Case-1", "Planted-Case-2", "Planted-Case-3", "Planted-Order", "Planted-Payment")
TEXTS = (
    "planted justification",
    "planted fact",
    "planted void",
    "planted reversal",
    "planted note",
    "planted trust",
    "planted contact",
    "planted promise",
    "planted step",
    "planted verified",
)
KEYS = ("planted-key",)
PLANTED = (*REFERENCES, AGENT, NAME, *TEXTS, *KEYS)
"""Everything that must stand in no append-only table."""

ERASABLE = {"personal_reference", "personal_text", "agent", "api_key", "verified_facts"}


@dataclass
class Dealings:
    """The ids of what happened."""

    given: str
    voided: str
    escalated: str
    granted: str


def deal(shop: Runtime, key: ApiKey) -> Dealings:
    """A credit given and taken back in part, one voided, and one that a lead granted; a grant of trust before."""
    now = shop.clock.now()
    trust = Grant(
        shop.ids.new("grn"), now, now + timedelta(days=1), TEXTS[5], "key_1", now, agent=AGENT, trust_level="trusted"
    )
    masked, personal = mask(shop.pseudonyms, trust)
    with shop.db.transaction() as conn:
        record = AgentRecord(AGENT, NAME, "web", "new", AgentKind.HUMAN)
        agents.put(conn, record, trust_levels=["new"], now=now)
        grants.add(conn, masked, versions.in_force(conn, now))
        keep_now(conn, personal, now=now)
    usual = {"agent": AGENT, "customer": CUSTOMER, "order": "Planted-Order"}
    facts = {"order.days_late": 4, "note.words": TEXTS[1]}
    given = asked(shop, key, 1, **usual, case=REFERENCES[1], facts=facts, justification=TEXTS[0])
    step(shop, key, given, "commit", external_ref="Planted-Payment")
    step(shop, key, given, "reverse", reason=TEXTS[3], amount="1.00")
    voided = asked(shop, key, 2, **usual, case=REFERENCES[2])
    step(shop, key, voided, "void", reason=TEXTS[2])
    nameless = {**usual, "customer": ..., "case": REFERENCES[3]}
    asked(shop, key, 3, **{**nameless, "customer": CUSTOMER}, amount="1.00")
    escalated = asked(shop, key, 4, **nameless, amount="90.00")
    granted = _granted(shop, key, escalated)
    _speak(shop, key)
    return Dealings(given, voided, escalated, granted)


def _speak(shop: Runtime, key: ApiKey) -> None:
    """A contact before the customer was named, a promise that is kept, and what a system knows of the order."""
    now = shop.clock.now()
    said = TakenContact(agent=AGENT, channel="phone", note=TEXTS[6])
    contacts.take(shop, REFERENCES[1], said, key, Idempotency("c", "c", "f"), lambda contact: "{}")
    made = MadePromise(AGENT, TEXTS[7], now + timedelta(days=1), customer=CUSTOMER)
    ids: list[str] = []
    promises.make(
        shop, REFERENCES[1], made, key, Idempotency("p", "p", "f"), lambda one, steps: ids.append(one.id) or ""
    )
    kept = TakenStep(AGENT, TEXTS[8])
    promises.step(shop, ids[0], StepKind.KEPT, kept, key, Idempotency("s", "s", "f"), lambda one, steps: "{}")
    with shop.db.transaction() as conn:
        said_of_it = VerifiedFacts("CRM", now, None, {"note.words": TEXTS[9]})
        verifying.put(shop, conn, PersonalKind.ORDER, "Planted-Order", said_of_it)


def asked(shop: Runtime, key: ApiKey, number: int, **changes: object) -> str:
    """The id of a decision."""
    return str(decide(shop, key, f"{KEYS[0]} {number}", **changes).decision_id)


def step(shop: Runtime, key: ApiKey, decision_id: str, name: str, **fields: object) -> None:
    """Commit, void or reverse."""
    idempotency = Idempotency.of(f"/v1/decisions/{decision_id}/{name}", KEYS[0], fields)
    getattr(settle, name)(shop, decision_id, key, idempotency, render, **fields)


def _granted(shop: Runtime, key: ApiKey, escalated: str) -> str:
    with shop.db.reading() as conn:
        escalation = escalations.of_decisions(conn, [escalated])[escalated]
    fields = {"result": "granted", "agent": "liisa", "note": TEXTS[4]}
    idempotency = Idempotency.of(f"/v1/escalations/{escalation.id}/resolve", KEYS[0], fields)
    resolve(shop, escalation.id, Resolution(**fields), key, idempotency, lambda resolved: "{}")  # type: ignore[arg-type]
    with shop.db.reading() as conn:
        return str(escalations.get(conn, escalation.id).result_decision_id)


def standing_in(db: Database, names: Iterable[str], words: Iterable[str] = PLANTED) -> set[tuple[str, str]]:
    """Which words stand in which tables, whatever the column."""
    found = set()
    with db.reading() as conn:
        for name in names:
            for row in conn.execute(select(tables.metadata.tables[name])):
                whole = "\x1f".join(str(value) for value in row).casefold()
                found |= {(name, word) for word in words if word.casefold() in whole}
    return found


def standing_in_files(db: Database, words: Iterable[str]) -> set[str]:
    """Which words stand in the bytes of a SQLite file or of those beside it."""
    path = Path(str(db.url.database))
    whole = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    return {word for word in words if word.encode() in whole}
