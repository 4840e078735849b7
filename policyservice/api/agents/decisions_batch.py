"""Many decisions in one call, each with its own key and outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import ASK, Operation, operation
from policyservice.api.language import language
from policyservice.api.problems import document_of, status_of
from policyservice.api.rendering import renderer
from policyservice.api.schemas.base import UNKNOWN
from policyservice.api.schemas.batch import BatchAnswerSchema, BatchSchema
from policyservice.api.wire import sent
from policyservice.decisions.batch import MOST, Sent, ask_all
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.request import Answer
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest, PolicyServiceError

SINGLE = "/v1/decisions"
"""The path that keys of a batch are kept for: a request may be repeated in a batch or by itself."""
_FIELDS = ("idempotency_key", "decision")


@operation(
    bp,
    "POST",
    "/decisions/batch",
    Operation(
        answer=BatchAnswerSchema,
        body=BatchSchema,
        raw_body=True,
        examples={"two": examples.BATCH},
        answers={"one allowed, one refused": examples.BATCH_ANSWER},
        refusals=ASK,
        texts=True,
    ),
)
def ask_decisions(body: dict[str, Any]) -> Response:
    """Decide up to 500 requests, each for itself

    Answers 200 with one outcome for each request, in order: what a call of its own would have been answered. They are
    decided in chunks, each in one transaction.
    """
    spoken = language()
    items = _items(body)
    for _ in items[1:]:  # the call itself was counted when its key was known
        runtime().rates.spend(caller().id, runtime().clock.now())
    read = [_read(item, place) for place, item in enumerate(items)]
    asked = [one for one in read if isinstance(one, Sent)]
    answers = iter(ask_all(runtime(), asked, caller(), renderer(spoken, history=False)))
    outcomes = [
        _outcome(item, next(answers) if isinstance(one, Sent) else one) for item, one in zip(items, read, strict=True)
    ]
    return sent('{"items":[' + ",".join(outcomes) + "]}", 200, language=spoken)


def _items(body: Mapping[str, Any]) -> Sequence[Any]:
    unknown = [FieldError(name[:80], UNKNOWN) for name in body if name != "decisions"]
    if unknown:
        raise InvalidRequest(unknown)
    items = body.get("decisions")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST:
        raise FieldProblem("decisions", f"expected a list of 1 to {MOST} requests.")
    return items


def _read(item: object, place: int) -> Sent | PolicyServiceError:
    """One request of a batch; what is wrong with its form is its own problem."""
    try:
        return _sent(item, f"decisions.{place}")
    except PolicyServiceError as refused:
        return refused


def _sent(item: object, where: str) -> Sent:
    if not isinstance(item, dict):
        raise FieldProblem(where, "expected an object with idempotency_key and decision.")
    unknown = [FieldError(f"{where}.{name[:80]}", UNKNOWN) for name in item if name not in _FIELDS]
    if unknown:
        raise InvalidRequest(unknown)
    decision, key = item.get("decision"), item.get("idempotency_key")
    if not isinstance(decision, dict):
        raise FieldProblem(f"{where}.decision", "expected the body of a single decision.")
    return Sent(decision, Idempotency.of(SINGLE, key if isinstance(key, str) else None, decision))


def _outcome(item: object, answer: Answer) -> str:
    """As JSON text: a kept answer is sent as it stands."""
    key = item.get("idempotency_key") if isinstance(item, dict) else None
    named = json.dumps(key if isinstance(key, str) else None)
    if isinstance(answer, Reply):
        status, replayed, decision, problem = answer.status, answer.replayed, answer.body, "null"
    else:
        status, replayed, decision, problem = status_of(answer), False, "null", json.dumps(document_of(answer))
    return (
        f'{{"idempotency_key":{named},"status":{status},"replayed":{json.dumps(replayed)},'
        f'"decision":{decision},"problem":{problem}}}'
    )
