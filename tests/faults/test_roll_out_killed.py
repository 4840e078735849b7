"""A roll-out killed with SIGKILL half-way, twice: it goes on where it stopped, and nobody gets the remedy twice."""

from __future__ import annotations

import signal
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import func, select

from policyservice.access.keys import ApiKey, Role
from policyservice.config import Settings
from policyservice.db import tables
from policyservice.ledger.reconcile import reconcile
from policyservice.runtime import Runtime
from tests.cli.support import start
from tests.faults.stage import set_up
from tests.resolutions.incident import linked, opened, read, step

CASES = 120
KEY = ApiKey("key_tests", "tests", Role.MANAGER)


def test_a_roll_out_killed_half_way_goes_on_without_doubling(any_url, tmp_path):
    set_up(tmp_path, any_url)
    runtime = Runtime.start(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": any_url}))
    incident_id = an_incident(runtime)
    for killed_after in (15, 60):
        kill_a_roll_out(runtime, any_url, tmp_path, incident_id, killed_after)
        assert given(runtime) == rolled_out(runtime, incident_id) < CASES

    process = start(*command(incident_id), cwd=tmp_path, POLICYSERVICE_DATABASE_URL=any_url)
    output, _ = process.communicate(timeout=120)
    assert output.endswith("0 left.\n")
    assert (given(runtime), rolled_out(runtime, incident_id)) == (CASES, CASES)
    table = tables.decision
    with runtime.db.transaction() as conn:
        each = select(func.count()).select_from(table).group_by(table.c.case_ref)
        assert set(conn.execute(each).scalars()) == {1}
        assert reconcile(conn, runtime.zone) == []
        told = select(func.count()).select_from(tables.outbox_event)
        kinds = tables.outbox_event.c.kind
        assert conn.execute(told.where(kinds == "incident.remedy_given")).scalar_one() == CASES
    runtime.close()


def command(incident_id: str) -> tuple[str, ...]:
    return "incidents", "roll-out", incident_id, "--agent", "agent-0"


def an_incident(runtime: Runtime) -> str:
    """An incident that a gift for each of its cases may be rolled out for."""
    incident_id = opened(runtime, KEY, agent="agent-0", reason="coffee.cold", rule=...)
    step(runtime, KEY, "transition", incident_id, agent="agent-0", to="confirmed")
    gift = {"remedy": "gift", "amount": "2.00", "currency": "EUR", "budget": "500.00"}
    step(runtime, KEY, "set_remedy", incident_id, agent="agent-0", **gift)
    for number in range(CASES):
        linked(runtime, KEY, incident_id, f"T-{number}", agent="agent-0", customer=f"C-{number}")
    sleep(3)  # until every process knows of the remedy
    return incident_id


def kill_a_roll_out(runtime: Runtime, url: str, folder: Path, incident_id: str, after: int) -> None:
    """Kill it as soon as so many cases were given."""
    process = start(*command(incident_id), cwd=folder, POLICYSERVICE_DATABASE_URL=url)
    deadline = monotonic() + 60
    while given(runtime) < after and monotonic() < deadline:
        sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL


def given(runtime: Runtime) -> int:
    """How many decisions gave something."""
    table = tables.decision
    with runtime.db.reading() as conn:
        return conn.execute(select(func.count()).select_from(table).where(table.c.outcome == "allow")).scalar_one()


def rolled_out(runtime: Runtime, incident_id: str) -> int:
    """How many cases are marked as given."""
    return read(runtime, incident_id).counts.given
