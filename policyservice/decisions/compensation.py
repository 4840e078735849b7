"""What an incident's one remedy means for a decision: its budget, and that nobody gets it twice.

A decision belongs to an incident that it names, or that its case is linked to and was not taken out of again. It meets
the incident's budget as a limit of scope `incident`; and where its case or its customer got the remedy for that
incident already, proactively or in conversation, it does not get it again. The incident's row is locked meanwhile, so
two that come at once see each other.

While no incident has a remedy none of this is asked: whether any has is known to each process, as of a second ago at
most, and a remedy is rolled out `SETTLING` after it was set at the earliest.
docs/decisions/0011-incidents-behind-the-request.md says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select

from policyservice.db import tables
from policyservice.db.prepared import Prepared
from policyservice.db.session import Database
from policyservice.domain.case import Request
from policyservice.domain.decision import Outcome, Status
from policyservice.domain.limits import Bound, Counts, LimitState, Measure, Scope, Usage
from policyservice.ledger.sql import SqlLedger
from policyservice.ledger.values import Footprint, Held

BUDGET = "incident-budget"
"""The id under which a budget binds."""
AFTERWARDS = timedelta(days=90)
"""How long a remedy is looked out for after its incident was closed."""
KNOWN_SECONDS = 1.0
SETTLING = timedelta(seconds=3)
"""How soon after it was set every process knows of a remedy, with room for clocks that differ."""

_incident, _link = tables.incident, tables.incident_case
_belongs = _link.c.unlinked_at.is_(None)
_is_in_force = and_(
    _incident.c.remedy.is_not(None),
    or_(
        and_(_incident.c.status != "closed", _incident.c.status != "dismissed"),
        and_(_incident.c.status == "closed", _incident.c.changed_at > bindparam("closed_after")),
    ),
)
"""An incident whose remedy is still looked out for."""
_ANY_HAS_A_REMEDY = Prepared(select(exists().where(_is_in_force)))
_BEHIND = (
    select(_incident.c.id, _incident.c.remedy, _incident.c.currency, _incident.c.budget_minor, _incident.c.began_at)
    .where(
        _is_in_force,
        or_(
            _incident.c.id == bindparam("incident"),
            _incident.c.id.in_(select(_link.c.incident_id).where(_link.c.case_ref == bindparam("case"), _belongs)),
        ),
        _incident.c.currency == bindparam("in_currency"),
    )
    .order_by(_incident.c.id)
)
_SEEN_BEHIND = Prepared(_BEHIND)
_LOCKED_BEHIND = Prepared(_BEHIND.with_for_update())
_decision, _reservation, _entry = tables.decision, tables.reservation, tables.entry
_known: WeakKeyDictionary[Database, tuple[float, bool]] = WeakKeyDictionary()


class Compensation(NamedTuple):
    """The budgets that a request meets, and the remedies that were given for its incidents already."""

    budgets: tuple[LimitState, ...] = ()
    given: tuple[str, ...] = ()


NONE = Compensation()


class _Behind(NamedTuple):
    """An incident with a remedy that is behind a request."""

    id: str
    remedy: str
    currency: str
    budget_minor: int
    began_at: datetime


def for_request(db: Database, store: SqlLedger, request: Request, at: datetime, *, lock: bool) -> Compensation:
    """What holds for a masked request at an instant; with `lock` nothing changes it before the transaction ends.

    What the same transaction decided before counts too.
    """
    conn = store.connection
    if request.incident is None and not _any_has_a_remedy(db, conn, at):
        return NONE
    found = [_of(conn, row, request, store.waiting) for row in _behind(conn, request, at, lock=lock)]
    return Compensation(
        tuple(budget for budget, _ in found),
        tuple(budget.remedies[0] for budget, was_given in found if was_given),
    )


def lock_all(db: Database, conn: Connection, requests: Sequence[tuple[Request, datetime]]) -> None:
    """Lock the incidents of several decisions of one transaction, each with its instant: in one order over all of them.

    A single decision locks its own in that order when it asks for them, and costs nothing here; neither does SQLite,
    where one transaction writes at a time.
    """
    if len(requests) < 2 or db.is_sqlite:
        return
    concerned = [
        (request, at) for request, at in requests if request.incident is not None or _any_has_a_remedy(db, conn, at)
    ]
    if not concerned:
        return
    cases = {request.case for request, _ in concerned}
    linked = select(_link.c.incident_id).where(_link.c.case_ref.in_(cases), _belongs)
    named = {request.incident for request, _ in concerned if request.incident is not None}
    locked = (
        select(_incident.c.id)
        .where(_is_in_force)
        .where(or_(_incident.c.id.in_(named), _incident.c.id.in_(linked)))
        .where(_incident.c.currency.in_({request.currency for request, _ in concerned}))
        .order_by(_incident.c.id)
        .with_for_update()
    )
    conn.execute(locked, {"closed_after": min(at for _, at in concerned) - AFTERWARDS})


def forget(db: Database) -> None:
    """Ask anew, the next time, whether any incident has a remedy: in this process one was just set."""
    _known.pop(db, None)


def _any_has_a_remedy(db: Database, conn: Connection, at: datetime) -> bool:
    asked_at, known = _known.get(db, (float("-inf"), False))
    now = monotonic()
    if now - asked_at >= KNOWN_SECONDS:
        ((found,),) = _ANY_HAS_A_REMEDY.rows(conn, {"closed_after": at - AFTERWARDS})
        known = bool(found)
        _known[db] = now, known
    return known


def _behind(conn: Connection, request: Request, at: datetime, *, lock: bool) -> list[_Behind]:
    wanted = {"incident": request.incident, "case": request.case, "in_currency": request.currency}
    statement = _LOCKED_BEHIND if lock else _SEEN_BEHIND
    return [_Behind._make(row) for row in statement.rows(conn, {**wanted, "closed_after": at - AFTERWARDS})]


def _of(conn: Connection, incident: _Behind, request: Request, waiting: Sequence[Held]) -> tuple[LimitState, bool]:
    """The budget as a limit, and whether case or customer got the remedy."""
    incident_id, remedy, currency = incident.id, incident.remedy, incident.currency
    sums = select(func.sum(_entry.c.goodwill_face), func.sum(_entry.c.entitled_face)).where(
        _entry.c.incident == incident_id, _entry.c.remedy == remedy, _entry.c.currency == currency
    )
    goodwill, entitled = conn.execute(sums).one()
    here = [each for each in waiting if (each.footprint.remedy, each.footprint.currency) == (remedy, currency)]
    named = [each for each in here if each.footprint.incident == incident_id]
    budget = LimitState(
        BUDGET,
        Scope.INCIDENT,
        incident_id,
        "once",
        currency,
        Measure.FACE,
        Counts.ALL,
        Bound(incident.budget_minor),
        Usage(
            goodwill_face=int(goodwill or 0) + sum(each.goodwill_minor for each in named),
            entitled_face=int(entitled or 0) + sum(each.entitled_minor for each in named),
        ),
        None,
        (remedy,),
    )
    had = was_given(conn, incident_id, remedy, incident.began_at, request.case, request.customer)
    return budget, had or any(_is_for(conn, each.footprint, incident_id, request) for each in here)


def _is_for(conn: Connection, given: Footprint, incident_id: str, request: Request) -> bool:
    """Whether what is given has the same case or customer as the request, and belongs to the incident."""
    same_customer = request.customer is not None and given.customer == request.customer
    if given.case != request.case and not same_customer:
        return False
    link = select(_link.c.case_ref).where(_link.c.incident_id == incident_id, _link.c.case_ref == given.case, _belongs)
    return given.incident == incident_id or conn.execute(link).first() is not None


def was_given(
    conn: Connection, incident_id: str, remedy: str, since: datetime, case: str | None, customer: str | None
) -> bool:
    """Whether a case or a customer, by pseudonym, holds or was given the remedy since the incident began.

    What was given in another case of the customer counts where that case is linked, or names the incident.
    """
    linked = select(_link.c.case_ref).where(_link.c.incident_id == incident_id, _belongs)
    same = [_decision.c.case_ref == case]
    if customer is not None:
        same.append(_decision.c.customer == customer)
    query = (
        select(_decision.c.id)
        .join(_reservation, _reservation.c.decision_id == _decision.c.id)
        .where(
            or_(*same),
            or_(_decision.c.incident == incident_id, _decision.c.case_ref.in_(linked)),
            _decision.c.remedy == remedy,
            _decision.c.outcome == Outcome.ALLOW.value,
            _decision.c.at >= since,
            _reservation.c.status.in_([Status.RESERVED.value, Status.COMMITTED.value]),
        )
        .limit(1)
    )
    return conn.execute(query).first() is not None
