"""What becomes of a decision: given, not given, taken back, or its hold ends; each once per idempotency key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
from policyservice.db.prepared import Writes
from policyservice.decisions import log, replies
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.replies import Idempotency, KeyTaken, Reply
from policyservice.decisions.services import Services, tell
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.values import a_reference, a_sum, a_text
from policyservice.domain.decision import Outcome
from policyservice.domain.errors import FieldProblem, MoreThanHeld, WrongStatus
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.ledger import expiry
from policyservice.ledger import settle as ledger
from policyservice.ledger.sql import SqlLedger
from policyservice.ledger.store import LedgerStore
from policyservice.ledger.transitions import require
from policyservice.ledger.values import EntryKind
from policyservice.personal import kept
from policyservice.personal.kept import Personal

OK = 200
MOST_ON_THE_WAY = 20
"""How many due holds a request ends before it is decided; the sweeper ends the rest."""

Render = Callable[[StoredDecision], str]
Step = Callable[[LedgerStore, StoredDecision, datetime], object]


def commit(
    services: Services,
    decision_id: str,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
    *,
    amount: object = None,
    external_ref: object = None,
) -> Reply:
    """The remedy was given: all of it, or `amount` (a decimal string in the decision's currency).

    Raises:
        NotFound: there is no such decision, or the key may not see it.
        InvalidRequest: `amount` or `external_ref` cannot be taken.
        WrongStatus, MoreThanHeld: it cannot be given, or not so much.
        IdempotencyKeyReused, LogUnavailable: as a decision.
    """
    given = None if external_ref is None else a_reference("external_ref", external_ref)
    reference = None if given is None else services.pseudonyms.reference(PersonalKind.PAYMENT, given)

    def step(store: LedgerStore, stored: StoredDecision, now: datetime) -> object:
        minor = _amount(amount, stored)
        payment = reference.pseudonym if reference else None
        return ledger.commit(store, stored.id, now=now, amount_minor=minor, external_ref=payment)

    personal = Personal(references=(reference,) if reference else ())
    return _settle(services, decision_id, actor, idempotency, render, EntryKind.COMMIT, step, personal)


def void(
    services: Services,
    decision_id: str,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
    *,
    reason: object,
) -> Reply:
    """The remedy was not given: what was held is free again. Errors as `commit`; `reason` is required."""
    note = services.pseudonyms.seal(_reason(reason))

    def step(store: LedgerStore, stored: StoredDecision, now: datetime) -> object:
        return ledger.void(store, stored.id, now=now, note=note.seal)

    return _settle(services, decision_id, actor, idempotency, render, EntryKind.VOID, step, Personal(texts=(note,)))


def reverse(
    services: Services,
    decision_id: str,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
    *,
    amount: object = None,
    reason: object,
) -> Reply:
    """What was given is taken back: all of it, or `amount`. Errors as `commit`; `reason` is required."""
    note = services.pseudonyms.seal(_reason(reason))

    def step(store: LedgerStore, stored: StoredDecision, now: datetime) -> object:
        return ledger.reverse(store, stored.id, now=now, amount_minor=_amount(amount, stored), note=note.seal)

    return _settle(services, decision_id, actor, idempotency, render, EntryKind.REVERSE, step, Personal(texts=(note,)))


def end_due_holds(services: Services, *, most: int = 500) -> int:
    """End up to `most` holds that are due, the longest due first; how many were ended.

    Raises:
        LogUnavailable: the database does not answer; what was ended before stays ended.
    """
    ended = len(expiry.end_due_holds(services.db, services.zone, services.clock.now(), limit=most))
    if ended:
        tell(services.hooks.holds_ended, ended)
    return ended


def _settle(
    services: Services,
    decision_id: str,
    actor: ApiKey,
    idempotency: Idempotency,
    render: Render,
    kind: EntryKind,
    step: Step,
    personal: Personal,
) -> Reply:
    now = services.clock.now()
    idempotency = idempotency.under(services.pseudonyms)

    def work(conn: Connection) -> Reply:
        earlier = replies.find(conn, actor.id, idempotency)
        if earlier is not None:
            return earlier
        stored = log.read(conn, decision_id, seen_by=actor)
        if stored.decision.outcome is not Outcome.ALLOW:
            require(kind, decision_id, stored.status, stored.logged_at)
        step(SqlLedger(conn, services.zone), stored, now)
        kept.keep_now(conn, personal, now=now, decision_id=decision_id)
        reply = Reply(OK, render(log.read(conn, decision_id)), decision_id=decision_id)
        writes = Writes()
        replies.keep(writes, actor.id, idempotency, reply, now)
        with replies.keeping():
            writes.run(conn)
        return reply

    try:
        return in_transaction(services.db, work)
    except KeyTaken:
        return in_transaction(services.db, work)  # the other's answer is kept by now
    except (WrongStatus, MoreThanHeld):
        # A duplicate may have waited for the decision while the first call under its key settled it.
        with services.db.reading() as conn:
            earlier = replies.find(conn, actor.id, idempotency)
        if earlier is None:
            raise
        return earlier


def _amount(value: object, stored: StoredDecision) -> int | None:
    if value is None:
        return None
    return a_sum("amount", value, stored.decision.currency, zero=False)


def _reason(value: object) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise FieldProblem("reason", "is required: say why.")
    return a_text("reason", value, lines=True)
