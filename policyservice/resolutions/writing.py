"""One thing that is written of a case, once however often it is sent: the way that contacts and promises share."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select, union_all

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.db.prepared import Writes
from policyservice.decisions import replies
from policyservice.decisions.replies import Idempotency, KeyTaken, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.transactions import in_transaction

Work = Callable[[Connection, Writes], str]
"""Does one thing in a transaction; the body of the answer, with pseudonyms and seals."""


def once(services: Services, actor: ApiKey, idempotency: Idempotency, status: int, work: Work) -> Reply:
    """The answer of `work`, kept under an idempotency key; the one that is kept where the call is repeated.

    Raises:
        IdempotencyKeyReused: the key belongs to another body.
        LogUnavailable: the database does not answer; nothing was written.
    """
    idempotency, now = idempotency.under(services.pseudonyms), services.clock.now()

    def attempt(conn: Connection) -> Reply:
        earlier = replies.find(conn, actor.id, idempotency)
        if earlier is not None:
            return earlier
        writes = Writes()
        reply = Reply(status, work(conn, writes))
        replies.keep(writes, actor.id, idempotency, reply, now)
        with replies.keeping():
            writes.run(conn)
        return reply

    try:
        return in_transaction(services.db, attempt)
    except KeyTaken:
        return in_transaction(services.db, attempt)  # the other's answer is kept by now


def customer_of(conn: Connection, case: str) -> str | None:
    """The customer of a case (both pseudonyms), by what was decided or said of it last; None where none is named."""
    decided, met = tables.decision, tables.contact
    named = union_all(
        select(decided.c.customer, decided.c.at).where(decided.c.case_ref == case, decided.c.customer.is_not(None)),
        select(met.c.customer, met.c.at).where(met.c.case_ref == case, met.c.customer.is_not(None)),
    ).subquery()
    found: str | None = conn.execute(select(named.c.customer).order_by(named.c.at.desc()).limit(1)).scalar()
    return found
