"""What was heard of a case afterwards."""

from __future__ import annotations

from typing import Any

from flask import Response

from policyservice.access.authority import is_bound
from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.present.outcome import receipt
from policyservice.api.schemas.outcomes import OutcomeSchema, ReceiptSchema
from policyservice.api.wire import answer
from policyservice.resolutions.outcomes import Report, record


@operation(
    bp,
    "POST",
    "/outcomes",
    Operation(
        answer=ReceiptSchema,
        status=201,
        body=OutcomeSchema,
        raw_body=True,
        examples={"an answer to a survey": examples.OUTCOME, "the customer left": examples.OUTCOME_CHURN},
        answers={"kept": examples.OUTCOME_KEPT},
        refusals=(400, 401, 403, 404, 413, 415, 422, 500, 503),
    ),
)
def tell_outcome(body: dict[str, Any]) -> Response:
    """Tell what became of a case: satisfaction, a repeat contact, churn, a public complaint

    Nothing is lost: what comes late, twice, before its case or against an earlier one is kept, or known already, and
    `taken` says so. It needs no Idempotency-Key. A key bound to agents or teams tells of what these have dealt with.
    """
    key = caller()
    source = f"api/{key.id}" if is_bound(key) else "api"
    (kept,) = record(runtime(), [Report(body, source, key.id)], key)
    return answer(receipt(kept), 201)
