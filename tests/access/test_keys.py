from __future__ import annotations

import hmac
import re
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from policyservice.access import keys
from policyservice.access.keys import Role
from policyservice.db import prepared, tables
from policyservice.domain.errors import FieldProblem, NotAuthenticated, NotFound
from tests.fakes import NOON, CountingIds


def test_a_key_is_found_by_its_secret(any_db):
    with any_db.transaction() as conn:
        key, secret = keys.create(
            conn, CountingIds(), "helpdesk", Role.AGENT_UI, now=NOON, agents=("maija",), teams=("web",)
        )
        assert keys.find(conn, secret, NOON) == key
        assert keys.list_all(conn) == [key]
    assert (key.role, key.agents, key.teams, key.created_at) == (Role.AGENT_UI, ("maija",), ("web",), NOON)


def test_a_new_database_has_no_key(any_db):
    with any_db.reading() as conn:
        assert keys.list_all(conn) == []


def test_a_secret_has_256_random_bits_and_is_not_stored(sqlite_db):
    with sqlite_db.transaction() as conn:
        ids = CountingIds()
        _, secret = keys.create(conn, ids, "a", Role.ADMIN, now=NOON)
        _, other = keys.create(conn, ids, "b", Role.ADMIN, now=NOON)
        stored = str(conn.execute(select(tables.api_key)).all())
    assert re.fullmatch(r"psk_[A-Za-z0-9_-]{43}", secret)
    assert secret not in stored
    assert secret != other


@pytest.mark.parametrize("secret", ["", "psk_", "psk_" + "a" * 43, "ä", "\ud800", "x" * 100_000])
def test_an_unknown_secret_is_refused(sqlite_db, secret):
    with sqlite_db.transaction() as conn:
        keys.create(conn, CountingIds(), "a", Role.ADMIN, now=NOON)
        with pytest.raises(NotAuthenticated, match="not known"):
            keys.find(conn, secret, NOON)


def test_a_secret_is_looked_up_by_its_hash_alone_and_the_hash_compared_in_constant_time(sqlite_db, monkeypatch):
    asked, compared = [], []
    run = prepared._run
    monkeypatch.setattr(prepared, "_run", lambda conn, sql, given: (asked.append(given), run(conn, sql, given))[1])

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(keys, "hmac", SimpleNamespace(compare_digest=compare))
    with sqlite_db.transaction() as conn:
        _, secret = keys.create(conn, CountingIds(), "a", Role.ADMIN, now=NOON)
        asked.clear()
        keys.find(conn, secret, NOON)
    wanted = sha256(secret.encode()).hexdigest()
    assert [tuple(parameters) for parameters in asked] == [(wanted,)]
    assert compared == [(wanted, wanted)]


def test_secrets_that_are_alike_to_the_last_sign_are_looked_up_by_hashes_that_have_nothing_in_common(
    sqlite_db, monkeypatch
):
    """So that no time of a look-up, however exactly it is measured, tells how much of a guess was right."""
    asked, run = [], prepared._run
    monkeypatch.setattr(prepared, "_run", lambda conn, sql, given: (asked.extend(given), run(conn, sql, given))[1])
    with sqlite_db.transaction() as conn:
        asked.clear()
        for last in "abcdefghijklmnop":
            with pytest.raises(NotAuthenticated):
                keys.find(conn, "psk_" + "a" * 42 + last, NOON)
    assert len(asked) == 16
    assert len({wanted[:8] for wanted in asked}) == 16


def test_a_key_ends_at_the_instant_it_expires(any_db):
    ends = NOON + timedelta(days=1)
    with any_db.transaction() as conn:
        key, secret = keys.create(conn, CountingIds(), "a", Role.ADMIN, now=NOON, expires_at=ends)
        assert keys.find(conn, secret, ends - timedelta(microseconds=1)) == key
        with pytest.raises(NotAuthenticated, match="expired"):
            keys.find(conn, secret, ends)


def test_a_revoked_key_is_refused_from_then_on(any_db):
    with any_db.transaction() as conn:
        key, secret = keys.create(conn, CountingIds(), "a", Role.ADMIN, now=NOON)
        keys.revoke(conn, key.id, NOON)
        keys.revoke(conn, key.id, NOON + timedelta(days=1))
        assert keys.list_all(conn)[0].revoked_at == NOON
        with pytest.raises(NotAuthenticated, match="revoked"):
            keys.find(conn, secret, NOON)


def test_a_key_that_does_not_exist_cannot_be_revoked(sqlite_db):
    with sqlite_db.transaction() as conn, pytest.raises(NotFound):
        keys.revoke(conn, "key_nothing", NOON)


@pytest.mark.parametrize("name", ["", "  ", "a\nb"])
def test_a_key_needs_a_name(sqlite_db, name):
    with sqlite_db.transaction() as conn, pytest.raises(FieldProblem):
        keys.create(conn, CountingIds(), name, Role.ADMIN, now=NOON)


def test_a_key_that_would_have_ended_already_is_not_made(sqlite_db):
    with sqlite_db.transaction() as conn, pytest.raises(FieldProblem, match="expires_at"):
        keys.create(conn, CountingIds(), "a", Role.ADMIN, now=NOON, expires_at=NOON)
