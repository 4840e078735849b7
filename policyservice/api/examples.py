"""Bodies and answers as the documentation shows them.

The bodies stand here and a test sends each. The answers lie in `examples.json` as the service gave them for the default
rulebook; a test loads each through its schema. `python -m tests.api.record_examples` asks for them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_suffix(".json")
_answers: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))

CASE: dict[str, Any] = {
    "agent": "maija",
    "case": "T-1001",
    "customer": "C-77",
    "channel": "cabin",
    "order": "O-55",
    "reason": "service.not_delivered",
    "currency": "EUR",
    "facts": {"order.category": "meal", "order.paid": "7.00"},
}
ASK: dict[str, Any] = {**CASE, "remedy": "refund", "amount": "7.00", "incident": None, "justification": None}
ASK_WITHOUT_SUM: dict[str, Any] = {
    "agent": "maija",
    "case": "T-1002",
    "channel": "phone",
    "reason": "delivery.missed_visit",
    "remedy": "new_appointment",
    "currency": "EUR",
}
ASK_TOO_MUCH: dict[str, Any] = {**CASE, "case": "T-1003", "order": "O-56", "remedy": "gift", "amount": "12.00"}

COMMIT: dict[str, Any] = {"external_ref": "PAY-9001"}
VOID: dict[str, Any] = {"reason": "The customer did not want it."}
REVERSE: dict[str, Any] = {"amount": "2.00", "reason": "Paid twice by mistake."}

AGENT: dict[str, Any] = {"name": "Maija M.", "team": "cabin", "trust_level": "trusted", "kind": "human"}
GRANT: dict[str, Any] = {
    "agent": "maija",
    "limit": "agent-day",
    "amount": "400.00",
    "currency": "EUR",
    "ends_at": "2026-06-02T00:00:00+03:00",
    "reason": "Storm day: many late flights.",
}
GRANT_OF_LEVEL: dict[str, Any] = {
    "team": "cabin",
    "trust_level": "expert",
    "starts_at": "2026-06-01T12:00:00Z",
    "ends_at": "2026-06-08T00:00:00Z",
    "reason": "The lead is on leave.",
}
RESOLVE: dict[str, Any] = {"result": "granted", "agent": "leena", "amount": "10.00", "note": "Ten is fair here."}
CONTACT: dict[str, Any] = {
    "agent": "maija",
    "channel": "phone",
    "direction": "in",
    "told": ["answer", "next"],
    "note": "Asked where the money is; told it takes three days.",
    "minutes": 3,
}
CORRECT_CONTACT: dict[str, Any] = {"agent": "maija", "minutes": 5, "reason": "The writing up was not in it."}
PROMISE: dict[str, Any] = {
    "agent": "maija",
    "what": "A call about the new meal.",
    "due_at": "2026-06-05T12:00:00+03:00",
    "team": "desk",
}
KEEP_PROMISE: dict[str, Any] = {"agent": "teemu", "note": "Called, all is well."}
MOVE_PROMISE: dict[str, Any] = {"agent": "teemu", "due_at": "2026-06-06T12:00:00+03:00", "note": "No answer today."}
BREAK_PROMISE: dict[str, Any] = {"agent": "teemu", "note": "The meal is not sold any more."}
VERIFY_ORDER: dict[str, Any] = {
    "source": "order system",
    "at": "2026-06-01T11:00:00+03:00",
    "currency": "EUR",
    "facts": {"order.paid": "6.50", "order.category": "meal"},
}
VERIFY_CUSTOMER: dict[str, Any] = {"source": "CRM", "facts": {"customer.tier": "loyal"}}
RESOLVE_OTHER: dict[str, Any] = {
    "result": "other",
    "agent": "leena",
    "remedy": "credit",
    "amount": "8.00",
    "minutes": 6,
    "contacts": 1,
    "note": "She would rather have it on her account.",
}
TAKE: dict[str, Any] = {"agent": "leena"}
HAND_ON: dict[str, Any] = {
    "agent": "leena",
    "to": "customer-relations",
    "note": "The order's price is not in our system.",
}
ESCALATION_CONTACT: dict[str, Any] = {"agent": "maija", "note": "Asked for the booking number.", "minutes": 4}
WITHDRAW: dict[str, Any] = {"agent": "maija", "note": "The customer found the meal."}
CORRECT: dict[str, Any] = {"agent": "leena", "tier": 2, "minutes": 12, "reason": "It lay on the desk over lunch."}
OPEN_INCIDENT: dict[str, Any] = {
    "agent": "leena",
    "title": "No breakfast trolley on flight 123",
    "reason": "service.not_delivered",
    "began_at": "2026-06-01T06:00:00Z",
    "rule": "{reason: service.not_delivered, order.category: meal}",
    "rule_until": "2026-06-01T12:00:00Z",
}
LINK: dict[str, Any] = {"agent": "maija", "case": "T-2001", "channel": "cabin", "customer": "C-88"}
UNLINK: dict[str, Any] = {"agent": "maija", "note": "The meal was ordered for the flight after."}
TRANSITION: dict[str, Any] = {"agent": "leena", "to": "confirmed", "note": "The caterer says so."}
ACTION: dict[str, Any] = {
    "agent": "leena",
    "what": "The caterer loads a second trolley.",
    "owner": "teemu",
    "due_at": "2026-06-02T06:00:00Z",
}
SHARED_REMEDY: dict[str, Any] = {
    "agent": "leena",
    "remedy": "gift",
    "amount": "5.00",
    "currency": "EUR",
    "budget": "500.00",
}
ROLL_OUT: dict[str, Any] = {"agent": "leena", "most": 100}
RESOLVE_REFUSED: dict[str, Any] = {"result": "refused", "agent": "leena", "note": "The meal was served after all."}

OUTCOME: dict[str, Any] = {
    "kind": "satisfaction",
    "at": "2026-06-01T11:30:00+03:00",
    "case": "T-1001",
    "ref": "survey-88",
    "source": "aftercall",
    "score": 5,
    "lowest": 1,
    "highest": 5,
    "note": "Solved before we landed.",
}
OUTCOME_CHURN: dict[str, Any] = {"kind": "churn", "at": "2026-05-31T00:00:00Z", "customer": "C-77", "left": True}
DELIVERY: dict[str, Any] = {"outcomes": [{**OUTCOME, "ref": "survey-89"} | {"case": "T-1002"}]}
del DELIVERY["outcomes"][0]["source"]
OBJECT: dict[str, Any] = {
    "agent": "maija",
    "note": "The menu shows 12.00 today, so a gift of 10.00 is less than the meal.",
}
ANSWER_OBJECTION: dict[str, Any] = {
    "agent": "leena",
    "result": "rule_changes",
    "note": "Right. The cap follows the menu from Monday on.",
}

MEASURE: dict[str, Any] = {
    "agent": "leena",
    "owner": "leena",
    "reason": "service.not_delivered",
    "taken_on": "2026-05-25",
    "note": "Two spare breakfasts on every morning flight.",
}

OPTIONS: dict[str, Any] = _answers["options"]
OUTCOME_KEPT: dict[str, Any] = _answers["outcome"]
OBJECTION: dict[str, Any] = _answers["objection"]
OBJECTION_ANSWERED: dict[str, Any] = _answers["objection_answered"]
ALLOWED: dict[str, Any] = _answers["allowed"]
ESCALATED: dict[str, Any] = _answers["escalated"]
COMMITTED: dict[str, Any] = _answers["committed"]
VOIDED: dict[str, Any] = _answers["voided"]
REVERSED: dict[str, Any] = _answers["reversed"]
EXPLANATION: dict[str, Any] = _answers["explanation"]
PAST: dict[str, Any] = _answers["past"]
CASE_VIEW: dict[str, Any] = _answers["case"]
HISTORY: dict[str, Any] = _answers["history"]
TAKEN_CONTACT: dict[str, Any] = _answers["contact"]
CORRECTED_CONTACT: dict[str, Any] = _answers["contact corrected"]
MADE_PROMISE: dict[str, Any] = _answers["promise"]
KEPT_PROMISE: dict[str, Any] = _answers["kept"]
MOVED_PROMISE: dict[str, Any] = _answers["moved"]
BROKEN_PROMISE: dict[str, Any] = _answers["broken"]
VERIFIED_ORDER: dict[str, Any] = _answers["verified order"]
VERIFIED_CUSTOMER: dict[str, Any] = _answers["verified customer"]
VOCABULARY: dict[str, Any] = _answers["vocabulary"]
REGISTERED_AGENT: dict[str, Any] = _answers["agent"]
MADE_GRANT: dict[str, Any] = _answers["grant"]
LIMITS: dict[str, Any] = _answers["limits"]
WORKED: dict[str, Any] = _answers["worked"]
INCIDENT: dict[str, Any] = _answers["incident"]
ONE_INCIDENT: dict[str, Any] = _answers["one_incident"]
LINKED_CASE: dict[str, Any] = _answers["linked_case"]
UNLINKED_CASE: dict[str, Any] = _answers["unlinked_case"]
ROLLED_OUT: dict[str, Any] = _answers["rolled_out"]
ESCALATION: dict[str, Any] = _answers["escalation"]
RESOLVED: dict[str, Any] = _answers["resolved"]
COMPARISON: dict[str, Any] = _answers["comparison"]
COMPARISON_DECISIONS: dict[str, Any] = _answers["comparison_decisions"]
ROOT_CAUSES: dict[str, Any] = _answers["root_causes"]
MEASURE_KEPT: dict[str, Any] = _answers["measure"]
EVENNESS: dict[str, Any] = _answers["evenness"]

BATCH: dict[str, Any] = {
    "decisions": [
        {"idempotency_key": "T-1001/refund/1", "decision": ASK},
        {"idempotency_key": "T-1005/refund/1", "decision": {**ASK, "case": "T-1005", "order": None, "amount": None}},
    ]
}
BATCH_ANSWER: dict[str, Any] = {
    "items": [
        {
            "idempotency_key": "T-1001/refund/1",
            "status": 201,
            "replayed": False,
            "decision": ALLOWED,
            "problem": None,
        },
        {
            "idempotency_key": "T-1005/refund/1",
            "status": 422,
            "replayed": False,
            "decision": None,
            "problem": {
                "type": "/problems/invalid-request",
                "title": "The request is not valid",
                "status": 422,
                "detail": "The request cannot be taken as it is: amount is required for refund.",
                "instance": "/v1/decisions/batch#req_01k0000000000000000000000",
                "code": "invalid-request",
                "errors": [{"field": "amount", "message": "is required for refund."}],
            },
        },
    ]
}
