"""Decisions as answers: rendered once, kept under an idempotency key, sent as they stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response

from policyservice.api.context import runtime, vocabularies
from policyservice.api.present.decision import answered, with_history
from policyservice.api.wire import as_text, sent
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.replies import Reply
from policyservice.domain.pseudonyms import ANY
from policyservice.personal.shown import shown


def rendered(stored: StoredDecision, language: str, *, history: bool) -> dict[str, Any]:
    """A decision with or without what became of it."""
    types = vocabularies().of(stored)
    return with_history(stored, types, language) if history else answered(stored, types, language)


def renderer(language: str, *, history: bool) -> Callable[[StoredDecision], str]:
    """What makes the body that is kept under an idempotency key."""
    return lambda stored: as_text(rendered(stored, language, history=history))


def reply_as_response(reply: Reply, language: str, *, location: str | None = None) -> Response:
    """A kept or new answer. What was kept is in the language it was first asked in, so none is claimed for it.

    Answers are kept with pseudonyms; what is known of these is put in as the answer leaves, the first time and each
    time after.
    """
    response = sent(
        _with_plain(reply.body), reply.status, language=None if reply.replayed else language, location=location
    )
    if reply.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _with_plain(body: str) -> str:
    if not ANY.search(body):
        return body
    with runtime().db.reading() as conn:
        return as_text(shown(conn, json.loads(body)))
