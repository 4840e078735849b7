"""What a form is built from."""

from __future__ import annotations

from flask import Response

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.language import language
from policyservice.api.present.vocabulary import vocabulary
from policyservice.api.schemas.vocabulary import VocabularySchema
from policyservice.api.wire import answer
from policyservice.decisions.policy import policy_in_force


@operation(
    bp,
    "GET",
    "/vocabulary",
    Operation(
        answer=VocabularySchema,
        answers={"a small rulebook": examples.VOCABULARY},
        refusals=(401, 403, 422, 500, 503),
        texts=True,
    ),
)
def get_vocabulary() -> Response:
    """The facts, remedies, reasons and trust levels in force, for building forms

    Each reason lists the facts that its rules ask about. `safe_floor` is what may be given where the service cannot be
    reached; record it afterwards with `given_at`.
    """
    spoken, services = language(), runtime()
    with services.db.reading() as conn:
        policy = policy_in_force(conn, services.clock.now())
        book = services.rulebooks.plain(conn, policy.rules, policy.costs)
    return answer(vocabulary(book, spoken), language=spoken)
