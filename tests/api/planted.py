"""Calls about cases, promises, outcomes, escalations and incidents with a word planted wherever one may stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from werkzeug.test import TestResponse

from policyservice.api import examples
from tests.api.factories import COURTESY, Caller

BODIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cases/{}/contacts", examples.CONTACT),
    ("contacts/{}/correct", examples.CORRECT_CONTACT),
    ("cases/{}/promises", examples.PROMISE),
    ("promises/{}/keep", examples.KEEP_PROMISE),
    ("promises/{}/move", examples.MOVE_PROMISE),
    ("promises/{}/break", examples.BREAK_PROMISE),
    ("decisions/{}/objections", examples.OBJECT),
    ("objections/{}/answer", examples.ANSWER_OBJECTION),
    ("outcomes", examples.OUTCOME),
    ("escalations/{}/take", examples.TAKE),
    ("escalations/{}/hand-on", examples.HAND_ON),
    ("escalations/{}/contacts", examples.ESCALATION_CONTACT),
    ("escalations/{}/resolve", examples.RESOLVE_OTHER),
    ("escalations/{}/withdraw", examples.WITHDRAW),
    ("escalations/{}/correct", examples.CORRECT),
    ("incidents", examples.OPEN_INCIDENT),
    ("incidents/{}/cases", examples.LINK),
    ("incidents/inc_000000/cases/{}/unlink", examples.UNLINK),
    ("incidents/{}/transition", examples.TRANSITION),
    ("incidents/{}/action", examples.ACTION),
    ("incidents/{}/remedy", examples.SHARED_REMEDY),
    ("incidents/{}/roll-out", examples.ROLL_OUT),
)
"""Addresses under /v1 and the bodies that they take."""


def taken_beside_decisions(caller: Caller, agent: str, word: str) -> Iterator[TestResponse]:
    """Calls that are taken, by an agent whose reference has the word in it; notes and references have it, too."""
    mine = {"agent": agent, "case": f"{word}-t", "customer": f"{word}-c", "order": f"{word}-o"}
    said = {"agent": agent, "note": f"{word} says so"}
    yield (asked := caller.ask(**COURTESY | mine | {"amount": "90.00"}))
    yield (met := caller.post(f"/v1/cases/{word}-t/contacts", {**said, "channel": word.lower()}))
    wrong = {"agent": agent, "minutes": 2, "reason": f"{word} looked again"}
    yield caller.post(f"/v1/contacts/{met.get_json()['id']}/correct", wrong)
    promise = {"agent": agent, "what": f"A call to {word}", "due_at": "2026-07-01T09:00:00Z"}
    yield (made := caller.post(f"/v1/cases/{word}-t/promises", promise))
    yield caller.post(f"/v1/promises/{made.get_json()['id']}/keep", said)
    yield (raised := caller.post(f"/v1/decisions/{asked.get_json()['id']}/objections", said))
    told = {"agent": "leena", "result": "stands", "note": word}
    yield caller.post(f"/v1/objections/{raised.get_json()['id']}/answer", told)
    outcome = {**examples.OUTCOME, "case": f"{word}-t", "ref": word, "source": word.lower(), "note": word}
    yield caller.post("/v1/outcomes", outcome)
    escalation = f"/v1/escalations/{asked.get_json()['escalation']['id']}"
    yield caller.post(f"{escalation}/contacts", said)
    yield caller.post(f"{escalation}/withdraw", said)
    yield (opened := caller.post("/v1/incidents", {"agent": "leena", "title": word, "reason": "delivery.late"}))
    link = {"agent": agent, "case": f"{word}-t", "channel": word.lower(), "customer": f"{word}-c"}
    yield caller.post(f"/v1/incidents/{opened.get_json()['id']}/cases", link)
    taken_out = {"agent": agent, "note": f"{word} is another matter"}
    yield caller.post(f"/v1/incidents/{opened.get_json()['id']}/cases/{word}-t/unlink", taken_out)
    yield caller.get(f"/v1/incidents/{opened.get_json()['id']}/cases?linked=false")
    yield caller.post(
        f"/v1/incidents/{opened.get_json()['id']}/transition", {**said, "agent": "leena", "to": "dismissed"}
    )
    for address in (f"promises?case={word}-t", f"incidents/{opened.get_json()['id']}/cases", "objections"):
        yield caller.get(f"/v1/{address}")


def refused_beside_decisions(caller: Caller, word: str) -> Iterator[TestResponse]:
    """Calls that are refused for the word: in the address, and in each field of each body in turn."""
    for address, body in BODIES:
        yield caller.call("POST", f"/v1/{address.format(word)}", data=f'{{"agent": "{word}"'.encode())
        for field in body:
            for value in (f"{word}\x00", {"inner": word}, [word]):
                yield caller.post(f"/v1/{address.format(word)}", {**body, field: value})
    for list_, names in (
        ("promises", ("case", "customer", "owner", "team", "status", "cursor")),
        ("objections", ("owner", "decision", "status", "cursor")),
        ("incidents", ("status", "cursor")),
        ("escalations", ("holder", "to", "status", "cursor")),
    ):
        for name in names:
            yield caller.get(f"/v1/{list_}?{name}={word}%00")
    signed = {"webhook-id": word, "webhook-timestamp": word, "webhook-signature": f"v1,{word}"}
    yield caller.call("POST", f"/v1/webhooks/surveys/{word}", body={"outcomes": [{"note": word}]}, headers=signed)
