"""What was decided and promised before, for whoever picks up the phone next: by customer, and by case.

Whoever serves a customer sees what others promised, in whichever channel: nobody is to ask the customer twice. A key
bound to agents or teams that have nothing to do with the customer or the case sees nothing of it; see
`sight.dealt_with`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from policyservice.access.keys import ApiKey
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


def of_customer(
    conn: Connection, ref: str, *, cursor: str | None = None, limit: int = 50, seen_by: ApiKey | None = None
) -> Page:
    """The customer's timeline, newest first; an unknown customer has an empty one, as there is no register of
    them.
    """
    return log.search(conn, LogFilters(customer=ref), cursor=cursor, limit=limit, dealt_with_by=seen_by)


def of_case(conn: Connection, ref: str, *, seen_by: ApiKey | None = None) -> CaseView:
    """Everything decided in a case, up to the 500 latest.

    Raises:
        NotFound: nothing was ever asked in it, or the key has nothing to do with it.
    """
    decisions = log.search(conn, LogFilters(case=ref), limit=_MOST_PER_CASE, dealt_with_by=seen_by).items
    if not decisions:
        raise NotFound("case", ref)
    return CaseView(
        ref,
        tuple(sorted({d.request.customer for d in decisions if d.request.customer is not None})),
        tuple(sorted({d.request.order for d in decisions if d.request.order is not None})),
        decisions,
    )
