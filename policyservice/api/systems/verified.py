"""Verified facts of orders and customers."""

from __future__ import annotations

from typing import Any

from flask import Response

from policyservice.access.authority import is_bound
from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.refs import ref as reference
from policyservice.api.schemas.verified import VerifiedSchema, VerifySchema
from policyservice.api.systems.blueprint import bp
from policyservice.api.wire import answer, instant
from policyservice.decisions import verifying
from policyservice.decisions.policy import policy_in_force
from policyservice.domain.errors import NotAllowed
from policyservice.domain.pseudonyms import PersonalKind


def _verifies(example: dict[str, Any], answered: dict[str, Any]) -> Operation:
    return Operation(
        answer=VerifiedSchema,
        body=VerifySchema,
        raw_body=True,
        examples={"usual": example},
        answers={"kept": answered},
        refusals=(400, 401, 403, 413, 415, 422, 500, 503),
    )


@operation(bp, "PUT", "/orders/<path:ref>", _verifies(examples.VERIFY_ORDER, examples.VERIFIED_ORDER))
def put_order(ref: str, body: dict[str, Any]) -> Response:
    """What the company's systems know of an order

    All of it, instead of what was said before. A decision that names the order takes these facts; where an agent states
    one otherwise, the verified one wins and the conflict is kept.
    """
    return _put(PersonalKind.ORDER, ref, body)


@operation(bp, "PUT", "/customers/<subject:ref>", _verifies(examples.VERIFY_CUSTOMER, examples.VERIFIED_CUSTOMER))
def put_customer(ref: str, body: dict[str, Any]) -> Response:
    """What the company's systems know of a customer

    As of an order; where both say something of one fact, the order's stands.
    """
    return _put(PersonalKind.CUSTOMER, ref, body)


def _put(kind: PersonalKind, ref: str, body: dict[str, Any]) -> Response:
    if is_bound(caller()):
        raise NotAllowed("A key that is bound to agents or teams verifies nothing.")
    services, plain = runtime(), reference(ref)
    with services.db.transaction() as conn:
        policy = policy_in_force(conn, services.clock.now())
        rulebook = services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook
        said = verifying.taken(body, rulebook, services.clock.now())
        verifying.put(services, conn, kind, plain, said)
    return answer({"ref": plain, **said.as_json(), "at": instant(said.at)})
