"""One process of the service among several: takes a task a line from its input, and answers each with a line.

A task says on which database, as whom, at which instant, and what to do: a list of calls, by one thread or by several,
or calls until one is not allowed. `python -m tests.races.worker`.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from policyservice.access.keys import ApiKey, Role
from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.errors import PolicyServiceError
from policyservice.runtime import Runtime, TimeIds
from tests.decisions.factories import settings
from tests.fakes import VirtualClock
from tests.ledger.invariants.calls import Call

MOST = 500


def main() -> None:
    rulebooks = Rulebooks()
    for line in sys.stdin:
        print(json.dumps(done(json.loads(line), rulebooks)), flush=True)


def done(task: dict[str, Any], rulebooks: Rulebooks) -> list[str]:
    """What each call of a task was told: "dec_... reserved 250", or the code of its refusal."""
    db = Database(task["url"])
    clock = VirtualClock(datetime.fromisoformat(task["now"]))
    services = Runtime(settings(), clock, TimeIds(clock), db, rulebooks)
    actor = ApiKey(task["key"], "test", Role.AGENT_UI)
    try:
        calls = [Call(**call) for call in task["calls"]]
        Random(task.get("order")).shuffle(calls)
        if task.get("until_refused"):
            return _until_refused(services, actor, calls[0])
        with ThreadPoolExecutor(task.get("threads", 1)) as pool:
            return list(pool.map(partial(_told, services, actor), calls))
    finally:
        db.dispose()


def _until_refused(services: Runtime, actor: ApiKey, call: Call) -> list[str]:
    answers: list[str] = []
    while len(answers) < MOST and (not answers or answers[-1].split()[1:2] == ["reserved"]):
        number = len(answers)
        own = {"case": f"{call.key}-{number}", "order": f"{call.key}-{number}"}
        answers.append(_told(services, actor, Call("ask", f"{call.key}-{number}", {**call.fields, **own})))
    return answers


def _told(services: Runtime, actor: ApiKey, call: Call) -> str:
    if call.what == "end":
        return f"{settle.end_due_holds(services)} ended"
    try:
        return call.deliver(services, actor).body
    except PolicyServiceError as refusal:
        return refusal.code


if __name__ == "__main__":
    main()
