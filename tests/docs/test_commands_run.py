from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policyservice.access import agents, keys
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import Role
from policyservice.cli.opening import open_database
from policyservice.config import Settings
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import ask
from policyservice.domain.vocabulary import AgentKind
from policyservice.runtime import Runtime
from tests.docs.console import Command, commands, run_page, write_files

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_TUTORIAL = _DOCS / "tutorial" / "first-rule.md"
_HOW_TOS = (
    "publish-a-rulebook",
    "test-a-rulebook",
    "change-a-limit",
    "review-a-change-of-rules",
    "hand-out-the-handbook",
    "verify-large-sums",
    "register-agents",
    "make-a-key",
    "put-in-service",
    "back-up",
    "read-the-reports",
    "connect-a-survey-tool",
    "calibrate",
)


@pytest.fixture(scope="session")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tutorial ends: its pack, in force in a database of the default place."""
    folder = tmp_path_factory.mktemp("bakery")
    write_files(_TUTORIAL, folder)
    url = f"sqlite:///{folder / 'var' / 'policyservice.db'}"
    open_database(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}), (folder / "bakery",))
    return folder


def test_the_tutorial_does_what_it_says(tmp_path: Path):
    run_page(_TUTORIAL, tmp_path)


@pytest.mark.parametrize("name", _HOW_TOS)
def test_a_how_to_does_what_it_says(name: str, bakery: Path, tmp_path: Path):
    folder = tmp_path / "here"
    shutil.copytree(bakery, folder)

    run_page(_DOCS / "how-to" / f"{name}.md", folder)


def test_a_persons_data_is_shown_and_erased_as_the_page_says(bakery: Path, tmp_path: Path):
    folder = tmp_path / "here"
    shutil.copytree(bakery, folder)
    _give_a_bun(f"sqlite:///{folder / 'var' / 'policyservice.db'}")

    run_page(_DOCS / "how-to" / "personal-data.md", folder)


def _give_a_bun(url: str) -> None:
    """To the customer C-77 in case T-1001, by Maija, who writes why."""
    runtime = Runtime.start(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}))
    now = runtime.clock.now()
    with runtime.db.transaction() as conn:
        key, _ = keys.create(conn, runtime.ids, "helpdesk", Role.AGENT_UI, now=now)
        maija = AgentRecord("maija", "Maija Virta", "web", "new", AgentKind.HUMAN)
        agents.put(conn, maija, trust_levels=["new"], now=now)
    body = {
        "agent": "maija",
        "case": "T-1001",
        "customer": "C-77",
        "order": "O-55",
        "channel": "shop",
        "reason": "bread.late",
        "remedy": "gift",
        "amount": "4.00",
        "currency": "EUR",
        "justification": "Stood in the rain for us.",
    }
    ask(runtime, body, key, Idempotency.of("/v1/decisions", "1", body), lambda stored: stored.decision.outcome.value)
    runtime.close()


def test_a_block_is_read_as_commands_with_their_lines():
    assert commands("$ echo one\none\n$ echo two\n\n$ echo three\n3\n4\n") == [
        Command("echo one", ("one",)),
        Command("echo two", ()),
        Command("echo three", ("3", "4")),
    ]
