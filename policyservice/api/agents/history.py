"""What this customer was promised before, in any channel and by anyone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime, vocabularies
from policyservice.api.endpoint import Operation, operation
from policyservice.api.language import language
from policyservice.api.present.history import entry, past, story
from policyservice.api.present.promises import promise
from policyservice.api.refs import ref as reference
from policyservice.api.schemas.history import CaseViewSchema, HistoryQuerySchema, HistorySchema
from policyservice.api.wire import answer
from policyservice.cases import promises
from policyservice.decisions import history
from policyservice.decisions.whose import Whose
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.named import pseudonym
from policyservice.personal.shown import shown
from policyservice.resolutions import case_view
from policyservice.resolutions.timeline.entry import Wanted
from policyservice.resolutions.timeline.pages import cases_of, place_of, timeline


@operation(
    bp,
    "GET",
    "/customers/<path:ref>/history",
    Operation(
        answer=HistorySchema,
        query=HistoryQuerySchema,
        answers={"one": examples.HISTORY},
        refusals=(401, 403, 422, 500, 503),
        texts=True,
    ),
)
def customer_history(ref: str, query: dict[str, Any]) -> Response:
    """What a customer was promised, given and told before, newest first

    Whoever served and in which channel: nobody has to ask the customer twice. `items` are the decisions, `timeline` is
    everything that happened, and `promises` are those that are open. A customer of whom nothing is known has an empty
    history, as there is no register of customers; so has, for a key bound to agents or teams, one that none of these
    has decided for.
    """
    spoken, services = language(), runtime()
    cursor, limit = query["timeline_cursor"], query["limit"]
    behind = None if cursor is None else place_of(cursor)
    plain, now = reference(ref), services.clock.now()
    with services.db.reading() as conn:
        customer = pseudonym(conn, PersonalKind.CUSTOMER, plain)
        whose = Whose(customer=customer, seen_by=caller())
        page = history.page(conn, whose, cursor=query["cursor"], limit=limit)
        whose = replace(whose, cases=cases_of(conn, whose))
        happened = timeline(conn, Wanted(whose, behind, limit))
        promised = case_view.open_promises(conn, whose, limit=limit)
        steps = promises.steps_of(conn, [one.id for one in promised])
        document = {
            "promises": [promise(one, steps[one.id], now, spoken) for one in promised],
            "items": [past(one, vocabularies().under, spoken) for one in page.items],
            "next": page.next,
            "timeline": [entry(one, spoken) for one in happened.entries],
            "timeline_next": happened.next,
        }
        document = shown(conn, document)
    return answer({"customer": ref, **document}, language=spoken)


@operation(
    bp,
    "GET",
    "/cases/<subject:ref>",
    Operation(answer=CaseViewSchema, answers={"one": examples.CASE_VIEW}, texts=True),
)
def get_case(ref: str) -> Response:
    """One case as one story: how it stands, its two paths, what is known, and everything that happened

    For a key bound to agents or teams it is not found, unless one of these has decided, spoken or promised in it, or
    decided for its customer.
    """
    spoken, services = language(), runtime()
    with services.db.reading() as conn:
        case = case_view.of_case(conn, reference(ref), seen_by=caller())
        document = shown(conn, story(case, vocabularies().under, services.clock.now(), spoken))
    document |= {name: sorted(document[name]) for name in ("customers", "orders")}
    return answer(document, language=spoken)
