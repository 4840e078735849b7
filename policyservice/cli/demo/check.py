"""Whether an answer is the wanted one; where not, what was wanted and what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policyservice.cli.demo.client import Answer
from policyservice.cli.demo.steps import Want


def of_decision(want: Want, answer: Answer) -> list[str]:
    """The differences of a decision; empty where it is the wanted one."""
    if answer.status != 201:
        return [_status(201, answer)]
    body = answer.body
    found: dict[str, object] = {"outcome": body["outcome"], "stretched": body["stretched"]}
    wanted: dict[str, object] = {"outcome": want.outcome, "stretched": want.stretched}
    for name, value, came in (
        ("available", want.available, body["available"]),
        ("basis", want.basis, body["basis"]),
        ("limit", want.limit, (body["binding_limit"] or {}).get("limit")),
        ("to", want.to, (body["escalation"] or {}).get("to")),
    ):
        if value is not None:
            wanted[name], found[name] = value, came
    problems = [_differs(name, wanted[name], found[name]) for name in wanted if wanted[name] != found[name]]
    rules = [reason["rule"] for reason in body["reasons"]]
    if want.rule is not None and want.rule not in rules:
        problems.append(_differs("rule", want.rule, rules))
    offered = [other["remedy"] for other in body["alternatives"]]
    absent = [name for name in want.alternatives if name not in offered]
    return problems + ([_differs("alternatives", absent, offered)] if absent else [])


def of_options(want: Mapping[str, str | None], answer: Answer) -> list[str]:
    """The differences of what may be given: each wanted remedy with its sum."""
    if answer.status != 200:
        return [_status(200, answer)]
    offered = {offer["remedy"]: offer["up_to"] for offer in answer.body["options"]}
    return [_differs(name, up_to, offered.get(name)) for name, up_to in want.items() if offered.get(name) != up_to]


def of_history(want: Sequence[tuple[str, str]], answer: Answer, items: list[dict[str, Any]]) -> list[str]:
    """The differences of a history: remedies and statuses, newest first."""
    if answer.status != 200:
        return [_status(200, answer)]
    found = [(item["remedy"], item["status"]) for item in items]
    return [] if found == list(want) else [_differs("history", list(want), found)]


def of_settling(status: str, answer: Answer) -> list[str]:
    """The differences of a promise that was settled."""
    if answer.status != 200:
        return [_status(200, answer)]
    return [] if answer.body["status"] == status else [_differs("status", status, answer.body["status"])]


def _status(wanted: int, answer: Answer) -> str:
    return f"HTTP status: wanted {wanted}, came {answer.status}: {answer.body.get('detail', answer.body)}"


def _differs(name: str, wanted: object, found: object) -> str:
    return f"{name}: wanted {wanted}, came {found}"
