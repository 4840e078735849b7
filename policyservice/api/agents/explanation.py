"""Why a decision came out as it did, and what did not fire."""

from __future__ import annotations

from flask import Response

from policyservice.api import examples
from policyservice.api.agents.blueprint import bp
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.language import language
from policyservice.api.present.explanation import explanation
from policyservice.api.refs import decision_id
from policyservice.api.schemas.explanation import ExplanationSchema
from policyservice.api.wire import answer
from policyservice.decisions import log
from policyservice.engine.explain import explain
from policyservice.personal.shown import shown


@operation(
    bp,
    "GET",
    "/decisions/<id>/explanation",
    Operation(answer=ExplanationSchema, answers={"the missed breakfast": examples.EXPLANATION}, texts=True),
)
def explain_decision(id: str) -> Response:
    """Every rule and limit considered: fired, not fired or unknown, and why"""
    spoken, services = language(), runtime()
    with services.db.reading() as conn:
        stored = log.read(conn, decision_id(id), seen_by=caller())
        book = services.rulebooks.plain(conn, stored.policy.rules, stored.policy.costs)
        types = {fact.name: fact.type for fact in book.rulebook.facts.values()}
        explained = explain(book, stored.request, stored.context)
        document = shown(conn, explanation(stored, explained, types, spoken))
    return answer(document, language=spoken)
