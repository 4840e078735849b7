"""What was decided and promised before, for whoever picks up the phone next: by customer, and by case.

A key bound to a team sees the whole timeline of a customer, whoever acted and in which channel: nobody is to
ask the customer twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from policyservice.decisions import log
from policyservice.decisions.log import LogFilters, Page, StoredDecision
from policyservice.domain.errors import NotFound

_MOST_PER_CASE = 500


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case as decisions know it, newest decision first."""

    ref: str
    customers: tuple[str, ...]
    orders: tuple[str, ...]
    decisions: tuple[StoredDecision, ...]


def of_customer(conn: Connection, ref: str, *, cursor: str | None = None, limit: int = 50) -> Page:
    """The customer's timeline, newest first; an unknown customer has an empty one, as there is no register of
    them.
    """
    return log.search(conn, LogFilters(customer=ref), cursor=cursor, limit=limit)


def of_case(conn: Connection, ref: str) -> CaseView:
    """Everything decided in a case, up to the 500 latest.

    Raises:
        NotFound: nothing was ever asked in it.
    """
    decisions = log.search(conn, LogFilters(case=ref), limit=_MOST_PER_CASE).items
    if not decisions:
        raise NotFound("case", ref)
    return CaseView(
        ref,
        tuple(sorted({d.request.customer for d in decisions if d.request.customer is not None})),
        tuple(sorted({d.request.order for d in decisions if d.request.order is not None})),
        decisions,
    )
