"""What may I give now, up to how much, and which is best?"""

from __future__ import annotations

from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import ASK, Operation, operation
from policyservice.api.language import language
from policyservice.api.present.options import listed
from policyservice.api.schemas.ask import CaseSchema
from policyservice.api.schemas.options import OptionsSchema
from policyservice.api.wire import answer
from policyservice.decisions.options import options


@operation(
    bp,
    "POST",
    "/options",
    Operation(
        answer=OptionsSchema,
        body=CaseSchema,
        raw_body=True,
        examples={"the missed breakfast": examples.CASE},
        answers={"the missed breakfast": examples.OPTIONS},
        refusals=ASK,
        texts=True,
    ),
)
def list_options(body: dict[str, Any]) -> Response:
    """What this agent may give now, best first

    Holds and logs nothing, so it needs no Idempotency-Key and may be asked as often as the case changes.
    """
    spoken = language()
    found = options(runtime(), body, caller())
    return answer(listed(found, body["currency"], spoken), language=spoken)
