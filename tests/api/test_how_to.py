"""The calls of docs/how-to/call-from-an-agent-ui.md work as they stand there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.api.factories import Caller

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "call-from-an-agent-ui.md"
_BLOCK = re.compile(r"```sh\n(curl.*?)\n```", re.DOTALL)


def test_the_calls_of_the_page_work_in_their_order(ui: Caller):
    decision = ""
    answers = []
    for block in _BLOCK.findall(PAGE.read_text("utf-8")):
        command = block.replace("\\\n", " ").replace("$ID", decision)
        response = _called(ui, command)
        assert response.status_code in (200, 201), response.get_data(as_text=True)
        answer = response.get_json()
        decision = answer.get("id", decision)
        answers.append(answer)
    assert len(answers) == 5
    assert (answers[2]["outcome"], answers[3]["status"]) == ("allow", "committed")


def _called(ui: Caller, command: str):
    path = re.search(r"http://127\.0\.0\.1:8080(\S+)", command)
    body = re.search(r"-d '(.*?)'", command, re.DOTALL)
    key = re.search(r"Idempotency-Key: ([^\"]+)", command)
    assert path is not None
    if body is None:
        return ui.get(path[1])
    return ui.post(path[1], json.loads(body[1]), key=key[1] if key else None)
