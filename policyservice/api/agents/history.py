"""What this customer was promised before, in any channel and by anyone."""

from __future__ import annotations

from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.language import language
from policyservice.api.present.history import past
from policyservice.api.refs import ref as reference
from policyservice.api.schemas.history import CaseViewSchema, HistorySchema
from policyservice.api.schemas.paging import PagingSchema
from policyservice.api.wire import answer
from policyservice.decisions import history
from policyservice.personal.shown import shown


@operation(
    bp,
    "GET",
    "/customers/<path:ref>/history",
    Operation(
        answer=HistorySchema,
        query=PagingSchema,
        answers={"one": {"customer": "C-77", "items": [examples.PAST], "next": None}},
        refusals=(401, 403, 422, 500, 503),
        texts=True,
    ),
)
def customer_history(ref: str, query: dict[str, Any]) -> Response:
    """What was decided and promised to a customer before, newest first

    Whoever decided and in whichever channel: nobody has to ask the customer twice. A customer for whom nothing was
    decided has an empty history, as there is no register of customers; so has, for a key bound to agents or teams, one
    that none of these has decided for.
    """
    spoken = language()
    with runtime().db.reading() as conn:
        page = history.of_customer(conn, reference(ref), cursor=query["cursor"], limit=query["limit"], seen_by=caller())
        items = shown(conn, [past(stored, spoken) for stored in page.items])
    return answer({"customer": ref, "items": items, "next": page.next}, language=spoken)


@operation(
    bp,
    "GET",
    "/cases/<path:ref>",
    Operation(answer=CaseViewSchema, answers={"one": examples.CASE_VIEW}, texts=True),
)
def get_case(ref: str) -> Response:
    """Everything decided in one case, newest first

    For a key bound to agents or teams it is not found, unless one of these has decided in it or for its customer.
    """
    spoken = language()
    with runtime().db.reading() as conn:
        case = history.of_case(conn, reference(ref), seen_by=caller())
        document = {
            "case": case.ref,
            "customers": list(case.customers),
            "orders": list(case.orders),
            "items": [past(stored, spoken) for stored in case.decisions],
        }
        document = shown(conn, document)
    document |= {name: sorted(document[name]) for name in ("customers", "orders")}
    return answer(document, language=spoken)
