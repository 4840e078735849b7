"""Takes a contact: whoever speaks or writes with a customer says so, in any channel, and the next one sees it.

How many minutes it was handled is what calibration measures deciding, writing up and repeat contacts by; where it was
wrong, somebody puts it right with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import contacts
from policyservice.cases.contacts import Contact, Direction, Told
from policyservice.db import tables
from policyservice.db.prepared import Writes
from policyservice.decisions import acting
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.sight import of_a_case
from policyservice.domain.errors import FieldProblem, NotFound
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions.writing import customer_of, once

CREATED, OK = 201, 200


@dataclass(frozen=True, slots=True)
class TakenContact:
    """What is said of a contact; references and note as they were sent. `at` is when it took place, None: now;
    `minutes` how long it was handled, None: not known.

    Without a customer it counts for the one that the case is of, as far as that is known.
    """

    agent: str
    channel: str
    at: datetime | None = None
    customer: str | None = None
    direction: Direction = Direction.IN
    told: Sequence[Told] = ()
    note: str | None = None
    minutes: int | None = None


def take(
    services: Services,
    case: str,
    said: TakenContact,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Callable[[Contact], str],
) -> Reply:
    """Keep a contact of a case; the case need not have been heard of before.

    Raises:
        NotAllowed, UnknownAgent: the agent is outside the key's binding, or is not registered.
        FieldProblem: it is yet to take place.
        IdempotencyKeyReused, LogUnavailable: as a decision.
    """
    now, pseudonyms = services.clock.now(), services.pseudonyms
    if said.at is not None and said.at > now:
        raise FieldProblem("at", "is in the future; it says when the contact took place.")
    agent = pseudonyms.reference(PersonalKind.AGENT, said.agent)
    of_case = pseudonyms.reference(PersonalKind.CASE, case)
    customer = None if said.customer is None else pseudonyms.reference(PersonalKind.CUSTOMER, said.customer)
    note = None if said.note is None else pseudonyms.seal(said.note)
    personal = Personal((agent, of_case, *((customer,) if customer else ())), (note,) if note else ())

    def work(conn: Connection, writes: Writes) -> str:
        known = acting.registered(conn, said.agent, actor, services.settings.unknown_agents)
        contact = Contact(
            id=services.ids.new("con"),
            case=of_case.pseudonym,
            customer=customer.pseudonym if customer else customer_of(conn, of_case.pseudonym),
            at=said.at or now,
            logged_at=now,
            channel=said.channel,
            direction=said.direction,
            agent=agent.pseudonym,
            team=known.team,
            told=tuple(told for told in Told if told in said.told),
            note=note.seal if note else None,
            minutes=said.minutes,
        )
        contacts.add(writes, contact)
        kept.keep(writes, personal, now=now)
        return render(contact)

    return once(services, actor, idempotency, CREATED, work)


def correct(
    services: Services,
    contact_id: str,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Callable[[Contact], str],
    *,
    agent: str,
    minutes: int,
    reason: str,
) -> Reply:
    """Say how many minutes a contact really was handled; what was recorded before stays, as a row of its own.

    Raises:
        NotFound: there is no such contact, or the key's agents and teams have nothing to do with its case.
        NotAllowed, UnknownAgent: the agent who says so is outside the key's binding, or is not registered.
        IdempotencyKeyReused, LogUnavailable: as a decision.
    """
    now, pseudonyms = services.clock.now(), services.pseudonyms
    who, why = pseudonyms.reference(PersonalKind.AGENT, agent), pseudonyms.seal(reason)

    def work(conn: Connection, writes: Writes) -> str:
        known = acting.registered(conn, agent, actor, services.settings.unknown_agents)
        table = tables.contact
        found = contacts.where(conn, table.c.id == contact_id, contacts.is_one(), of_a_case(actor, table))
        if not found:
            raise NotFound("contact", contact_id)
        right = replace(found[0], minutes=minutes)
        row = replace(
            right,
            id=services.ids.new("con"),
            logged_at=now,
            agent=who.pseudonym,
            team=known.team,
            told=(),
            note=why.seal,
            corrects=contact_id,
        )
        contacts.add(writes, row)
        kept.keep(writes, Personal((who,), (why,)), now=now)
        return render(right)

    return once(services, actor, idempotency, OK, work)
