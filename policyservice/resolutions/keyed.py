"""One piece of work per idempotency key: the same key and body give the same answer again."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.db.prepared import Writes
from policyservice.decisions import replies
from policyservice.decisions.replies import Idempotency, KeyTaken, Reply
from policyservice.decisions.services import Services
from policyservice.decisions.transactions import in_transaction
from policyservice.domain.errors import LogUnavailable, PolicyServiceError


def answered_before(services: Services, actor: ApiKey, idempotency: Idempotency) -> Reply | None:
    """What was kept under a key, for work that is too long for one transaction and may be done twice.

    Raises:
        IdempotencyKeyReused: the key belongs to another body.
        LogUnavailable: the database does not answer.
    """
    with services.db.reading() as conn:
        return replies.find(conn, actor.id, idempotency.under(services.pseudonyms))


def once_per_key(
    services: Services, actor: ApiKey, idempotency: Idempotency, work: Callable[[Connection], Reply]
) -> Reply:
    """What `work` answers, kept in its own transaction; what was kept before, without doing it again.

    Raises:
        IdempotencyKeyReused: the key belongs to another body.
        LogUnavailable: the database does not answer; nothing was done.
        PolicyServiceError: what `work` raises; nothing was done, and nothing is kept.
    """
    idempotency = idempotency.under(services.pseudonyms)
    now = services.clock.now()

    def attempt(conn: Connection) -> Reply:
        earlier = replies.find(conn, actor.id, idempotency)
        if earlier is not None:
            return earlier
        reply = work(conn)
        writes = Writes()
        replies.keep(writes, actor.id, idempotency, reply, now)
        with replies.keeping():
            writes.run(conn)
        return reply

    try:
        return in_transaction(services.db, attempt)
    except KeyTaken:
        return in_transaction(services.db, attempt)  # the other's answer is kept by now
    except LogUnavailable:
        raise
    except PolicyServiceError:
        # A duplicate may have waited while the first call under its key did what cannot be done twice.
        with services.db.reading() as conn:
            earlier = replies.find(conn, actor.id, idempotency)
        if earlier is None:
            raise
        return earlier
