"""Cases of an incident: linked by hand, listed, taken out again."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import SETTLE, Operation, operation
from policyservice.api.language import language
from policyservice.api.managers.blueprint import bp
from policyservice.api.present.incident import linked_case
from policyservice.api.refs import incident_id
from policyservice.api.refs import ref as reference
from policyservice.api.rendering import reply_as_response
from policyservice.api.schemas import incidents as schemas
from policyservice.api.wire import answer, as_text
from policyservice.cases import incident_cases, incidents
from policyservice.decisions.replies import Idempotency
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.shown import shown
from policyservice.resolutions import unlinking
from policyservice.resolutions.linking import Reporter, link_by_hand


@operation(
    bp,
    "GET",
    "/incidents/<id>/cases",
    Operation(
        answer=schemas.LinkedCasesSchema,
        query=schemas.LinkedCaseFiltersSchema,
        answers={
            "those that belong": {"items": [examples.LINKED_CASE], "next": None},
            "those taken out": {"items": [examples.UNLINKED_CASE], "next": None},
        },
    ),
)
def list_linked_cases(id: str, query: dict[str, Any]) -> Response:
    """The cases of an incident, and what the roll-out did for each

    Those that were taken out again are left out: `linked=false` lists them, each with who took it out, when and why. A
    key that is bound to agents or teams sees those that were found through decisions of theirs, or linked by hand by
    one of them.
    """
    services, limit = runtime(), query["limit"]
    with services.db.reading() as conn:
        one = incidents.get(conn, incident_id(id))
        after = query["cursor"] or ""
        belonging = query["linked"] == "true"
        found = incident_cases.page(
            conn, one.id, after=after, limit=limit + 1, seen=unlinking.seen(caller()), belonging=belonging
        )
        items = shown(conn, [linked_case(link) for link in found[:limit]])
    return answer({"items": items, "next": found[limit - 1].case if len(found) > limit else None})


@operation(
    bp,
    "POST",
    "/incidents/<id>/cases",
    Operation(
        answer=schemas.LinkedSchema,
        body=schemas.LinkSchema,
        examples={"a report": examples.LINK},
        answers={"linked": {"incident": examples.ONE_INCIDENT["id"], "linked": True}},
        refusals=SETTLE,
        idempotent=True,
    ),
)
def link_case(id: str, body: dict[str, Any]) -> Response:
    """Link a case to an incident: a report alone, without asking for anything

    Linking one that is linked changes nothing; one that was taken out again is linked anew.
    """
    named = incident_id(id)
    linked = as_text({"incident": named, "linked": True})
    reply = link_by_hand(runtime(), named, Reporter(**body), caller(), _idempotency(request.path, body), linked)
    return reply_as_response(reply, language())


@operation(
    bp,
    "POST",
    "/incidents/<id>/cases/<path:ref>/unlink",
    Operation(
        answer=schemas.LinkedSchema,
        body=schemas.UnlinkSchema,
        examples={"another cause": examples.UNLINK},
        answers={"taken out": {"incident": examples.ONE_INCIDENT["id"], "linked": False}},
        refusals=SETTLE,
        idempotent=True,
    ),
)
def unlink_case(id: str, ref: str, body: dict[str, Any]) -> Response:
    """Take a case out of an incident that it does not belong to

    It stands for itself again: its escalations are back in the queue, the answer is promised again, its reporter is
    told. No rule and no decision links it again; linking it by hand does. One that has its remedy through the incident
    stays in it (409). Taking one out that was taken out changes nothing.
    """
    named, plain, services = incident_id(id), reference(ref), runtime()
    case = services.pseudonyms.of(PersonalKind.CASE, plain)  # the address is kept with the answer
    address = f"/v1/incidents/{named}/cases/{case}/unlink"
    idempotency = _idempotency(address, body)
    unlinked = as_text({"incident": named, "linked": False})
    reply = unlinking.unlink(services, named, plain, caller(), idempotency, unlinked, **body)
    return reply_as_response(reply, language())


def _idempotency(path: str, body: dict[str, Any]) -> Idempotency:
    return Idempotency.of(path, request.headers.get("Idempotency-Key"), body)
