"""Deliveries of survey tools, signed in place of a key."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from policyservice.api import examples
from policyservice.api.admin.blueprint import bp
from policyservice.api.body import read_object
from policyservice.api.context import runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.present.outcome import receipt
from policyservice.api.schemas.outcomes import DeliverySchema
from policyservice.api.wire import answer
from policyservice.resolutions.deliveries import Delivery, Door, take
from policyservice.resolutions.surveys.signature import Signed

_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "object", "description": "What the source's mapping reads."},
            "examples": {"generic": {"value": examples.DELIVERY}},
        }
    },
}
_documented: Callable[[Callable[..., Response]], Callable[..., Response]] = bp.doc(requestBody=_BODY)


@operation(
    bp,
    "POST",
    "/v1/webhooks/surveys/<source>",
    Operation(
        answer=DeliverySchema,
        answers={"kept": {"items": [examples.OUTCOME_KEPT]}},
        refusals=(400, 401, 409, 413, 415, 422, 429, 500, 503),
        keyless=True,
    ),
)
@_documented
def take_delivery(source: str) -> Response:
    """Take the answers that a survey tool delivers

    Signed as Standard Webhooks says, with the secret in `POLICYSERVICE_SURVEYS`; no key is needed. A delivery is taken
    once: its `webhook-id` is refused the second time, a timestamp more than five minutes off at once. One that is
    answered with 429 was not taken: send it again.
    """
    services = runtime()
    body = _raw_body(services.settings.max_body_bytes)
    signed = Signed(*(request.headers.get(name, "") for name in _HEADERS))
    door = Door(services.settings.surveys, services.survey_rates, services.refused_deliveries)
    receipts = take(services, door, Delivery(source, signed, body), read_object)
    return answer({"items": [receipt(each) for each in receipts]})


def _raw_body(longest: int) -> bytes:
    """The bytes as they were signed.

    Raises:
        UnsupportedMediaType, RequestEntityTooLarge: not declared as JSON; longer than the settings allow.
    """
    data = request.get_data(cache=False)
    if len(data) > longest:
        raise RequestEntityTooLarge
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return data
