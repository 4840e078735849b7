"""Erases what leads from the log to a person: plain references, names, free text. The log itself stays as it is.

What was decided, held and counted stands under pseudonyms, so it replays, reconciles and verifies as before. The key
stays too: the same customer who comes back has the same pseudonym, and with it the same limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from policyservice.access import agents
from policyservice.cases import verified
from policyservice.db import tables
from policyservice.decisions.services import Services
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.values import a_reference, a_text
from policyservice.domain.errors import FieldProblem
from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms, SealedText
from policyservice.personal.kept import Personal, keep_now
from policyservice.personal.shown import references
from policyservice.privacy.about import Person

_CLEARING_TRIES = 20


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: plain references, texts, and rows of the registers that named the person.

    `traces_cleared` is False where SQLite's write-ahead log could not be emptied, since others were reading; it empties
    by itself later.
    """

    pseudonym: str
    reference_count: int
    text_count: int
    register_count: int
    traces_cleared: bool = True

    @property
    def anything(self) -> bool:
        """Whether there was anything to erase."""
        return bool(self.reference_count or self.text_count or self.register_count)


def erase(services: Services, kind: PersonalKind, reference: str, because: str) -> Erased:
    """Erase what is kept of a person; recorded with its reason where there was anything, so it can be repeated.

    Raises:
        FieldProblem: the reference cannot be read; no reason, or one that names the reference.
        LogUnavailable: the database does not answer; nothing was erased.
    """
    plain = a_reference("reference", reference)
    reason = services.pseudonyms.seal(_reason(because, plain))
    person = Person(kind, services.pseudonyms.of(kind, plain))
    now = services.clock.now()

    def work(conn: Connection) -> Erased:
        return _erase(conn, person, _plain(conn, services.pseudonyms, person, plain), reason, now)

    erased = in_transaction(services.db, work)
    cleared = not erased.anything or any(services.db.clear_traces() for _ in range(_CLEARING_TRIES))
    return Erased(person.pseudonym, erased.reference_count, erased.text_count, erased.register_count, cleared)


def _reason(because: str, plain: str) -> str:
    text = a_text("because", because, lines=True).strip()
    if not text:
        raise FieldProblem("because", "is required: say why, such as a ticket's number.")
    if plain.casefold() in text.casefold():
        raise FieldProblem("because", "names the reference that is to be erased; leave it out.")
    return text


def _erase(conn: Connection, person: Person, plain: str, reason: SealedText, now: datetime) -> Erased:
    registers = _off_the_registers(conn, plain) if person.kind is PersonalKind.AGENT else 0
    registers += verified.remove(conn, person.verified())
    texts = conn.execute(delete(tables.personal_text).where(person.texts())).rowcount
    kept = tables.personal_reference
    plain_ones = conn.execute(delete(kept).where(kept.c.pseudonym.in_(person.references()))).rowcount
    erased = Erased(person.pseudonym, plain_ones, texts, registers)
    if erased.anything:
        _record(conn, person, erased, reason, now)
    return erased


def _record(conn: Connection, person: Person, erased: Erased, reason: SealedText, now: datetime) -> None:
    conn.execute(
        insert(tables.erasure).values(
            at=now,
            kind=person.kind.value,
            pseudonym=person.pseudonym,
            reference_count=erased.reference_count,
            text_count=erased.text_count,
            because=reason.seal,
        )
    )
    keep_now(conn, Personal(texts=(reason,)), now=now)


def _plain(conn: Connection, pseudonyms: Pseudonyms, person: Person, given: str) -> str:
    """The plain reference, as far as it can be told where a pseudonym is given: as kept, or by who is registered."""
    kept = references(conn, [person.pseudonym]).get(person.pseudonym)
    if kept is not None or person.kind is not PersonalKind.AGENT or given != person.pseudonym:
        return kept or given
    registered = conn.execute(select(tables.agent.c.ref)).scalars().all()
    bound = conn.execute(select(tables.api_key.c.agents).where(tables.api_key.c.agents.is_not(None))).scalars().all()
    named = {*registered, *(ref for refs in bound for ref in refs)}
    return next((ref for ref in named if pseudonyms.of(person.kind, ref) == person.pseudonym), given)


def _off_the_registers(conn: Connection, ref: str) -> int:
    """Take an agent off the register, and out of the bindings of keys; a key bound to nobody else acts for nobody."""
    changed = int(agents.remove(conn, ref))
    keys = tables.api_key
    for row in conn.execute(select(keys.c.id, keys.c.agents).where(keys.c.agents.is_not(None))).all():
        if ref in row.agents:
            left = [agent for agent in row.agents if agent != ref]
            conn.execute(update(keys).where(keys.c.id == row.id).values(agents=left))
            changed += 1
    return changed
