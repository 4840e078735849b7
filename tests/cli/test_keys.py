from __future__ import annotations

import re

from policyservice.access import keys
from policyservice.db.session import Database
from policyservice.runtime import SystemClock
from tests.cli.support import run

_KEY = re.compile(r"psk_[A-Za-z0-9_-]{43}\n")


def test_create_prints_the_key_alone_on_standard_output(url):
    result = run("keys", "create", "--role", "agent_ui", "--name", "helpdesk", url=url)

    assert result.exit_code == 0
    assert _KEY.fullmatch(result.stdout)
    assert "shown once" in result.stderr


def test_a_created_key_is_one_that_the_service_knows(url):
    secret = run("keys", "create", "--role", "admin", "--name", "ops", "--team", "web", url=url).stdout.strip()
    db = Database(url)

    with db.reading() as conn:
        key = keys.find(conn, secret, SystemClock().now())
    db.dispose()

    assert (key.role.value, key.name, key.agents, key.teams) == ("admin", "ops", None, ("web",))


def test_list_shows_keys_without_their_secrets(url):
    secret = run("keys", "create", "--role", "agent_ui", "--name", "desk", "--agent", "maija", url=url).stdout.strip()

    shown = run("keys", "list", url=url).stdout

    assert "desk" in shown
    assert "agent maija" in shown
    assert secret not in shown


def test_a_revoked_key_is_shown_as_revoked(url):
    run("keys", "create", "--role", "agent_ui", "--name", "desk", url=url)
    key_id = re.search(r"key_\w+", run("keys", "list", url=url).stdout)[0]

    assert run("keys", "revoke", key_id, url=url).exit_code == 0
    assert "revoked" in run("keys", "list", url=url).stdout


def test_revoking_a_key_that_is_not_there_is_refused(url):
    result = run("keys", "revoke", "key_none", url=url)

    assert result.exit_code == 1
    assert "key_none" in result.stderr


def test_a_key_that_would_have_expired_already_is_refused(url):
    result = run("keys", "create", "--role", "agent_ui", "--name", "old", "--expires", "2020-01-01", url=url)

    assert result.exit_code == 1
    assert "expires_at" in result.stderr
    assert result.stdout == ""


def test_a_role_that_does_not_exist_is_a_wrong_call(url):
    assert run("keys", "create", "--role", "king", "--name", "x", url=url).exit_code == 2
