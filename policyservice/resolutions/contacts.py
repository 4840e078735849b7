"""Takes a contact: whoever speaks or writes with a customer says so, in any channel, and the next one sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.cases import contacts
from policyservice.cases.contacts import Contact, Direction, Told
from policyservice.db.prepared import Writes
from policyservice.decisions import acting
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.services import Services
from policyservice.domain.errors import FieldProblem
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal import kept
from policyservice.personal.kept import Personal
from policyservice.resolutions.writing import customer_of, once

CREATED = 201


@dataclass(frozen=True, slots=True)
class TakenContact:
    """What is said of a contact; references and note as they were sent. `at` is when it took place, None: now.

    Without a customer it counts for the one that the case is of, as far as that is known.
    """

    agent: str
    channel: str
    at: datetime | None = None
    customer: str | None = None
    direction: Direction = Direction.IN
    told: Sequence[Told] = ()
    note: str | None = None


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
        )
        contacts.add(writes, contact)
        kept.keep(writes, personal, now=now)
        return render(contact)

    return once(services, actor, idempotency, CREATED, work)
