"""Keys of callers: shown once, stored as a hash, expiring and revocable."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, bindparam, insert, select, update

from policyservice.db import tables
from policyservice.db.prepared import Prepared
from policyservice.domain.errors import FieldProblem, NotAuthenticated, NotFound
from policyservice.domain.ports import Ids

PREFIX = "psk_"
_columns = tables.api_key.c
_KEY = (
    _columns.id,
    _columns.name,
    _columns.role,
    _columns.agents,
    _columns.teams,
    _columns.created_at,
    _columns.expires_at,
    _columns.revoked_at,
)
_BY_SECRET = Prepared(select(_columns.secret_hash, *_KEY).where(_columns.secret_hash == bindparam("of_hash")))
_BY_AGE = Prepared(select(*_KEY).order_by(_columns.created_at, _columns.id))


class Role(StrEnum):
    """What a key is for; each audience of the service has its own."""

    AGENT_UI = "agent_ui"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A caller. `agents` and `teams` bind it: where both are None it acts for anyone, else for those named in
    either.
    """

    id: str
    name: str
    role: Role
    agents: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


def create(
    conn: Connection,
    ids: Ids,
    name: str,
    role: Role,
    *,
    now: datetime,
    agents: tuple[str, ...] | None = None,
    teams: tuple[str, ...] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret ("psk_" and 43 characters), which is never to be had again.

    Raises:
        FieldProblem: no name, or an end that has passed.
    """
    if not name.strip() or not name.isprintable():
        raise FieldProblem("name", "expected a name of printable characters.")
    if expires_at is not None and expires_at <= now:
        raise FieldProblem("expires_at", "has passed; name an instant to come.")
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(ids.new("key"), name, role, agents, teams, now, expires_at)
    conn.execute(
        insert(tables.api_key).values(
            id=key.id,
            name=name,
            role=role.value,
            secret_hash=_hash(secret),
            agents=None if agents is None else list(agents),
            teams=None if teams is None else list(teams),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return key, secret


def find(conn: Connection, secret: str, now: datetime) -> ApiKey:
    """The key of a secret.

    Raises:
        NotAuthenticated: the secret is unknown, or its key has expired or was revoked.
    """
    wanted = _hash(secret)
    row = _BY_SECRET.one(conn, {"of_hash": wanted})
    if row is None or not hmac.compare_digest(row[0], wanted):
        raise NotAuthenticated("The key is not known.")
    key = _key(*row[1:])
    if key.revoked_at is not None and key.revoked_at <= now:
        raise NotAuthenticated("The key was revoked.")
    if key.expires_at is not None and key.expires_at <= now:
        raise NotAuthenticated("The key has expired.")
    return key


def revoke(conn: Connection, key_id: str, now: datetime) -> None:
    """From `now` on the key is refused; revoking it again changes nothing.

    Raises:
        NotFound: there is no such key.
    """
    table = tables.api_key
    if conn.execute(select(table.c.id).where(table.c.id == key_id)).one_or_none() is None:
        raise NotFound("key", key_id)
    conn.execute(update(table).where(table.c.id == key_id, table.c.revoked_at.is_(None)).values(revoked_at=now))


def list_all(conn: Connection) -> list[ApiKey]:
    """Every key without its secret, the oldest first."""
    return [_key(*row) for row in _BY_AGE.rows(conn, {})]


def _hash(secret: str) -> str:
    # A plain hash is enough: the secret is 256 random bits, so there is nothing to guess through.
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(
    key_id: str, name: str, role: str, agents: list[str] | None, teams: list[str] | None, *instants: datetime | None
) -> ApiKey:
    of_agents = None if agents is None else tuple(agents)
    of_teams = None if teams is None else tuple(teams)
    return ApiKey(key_id, name, Role(role), of_agents, of_teams, *instants)
