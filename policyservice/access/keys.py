"""Keys of callers: shown once, stored as a hash, expiring and revocable."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from policyservice.db import tables
from policyservice.domain.errors import FieldProblem, NotAuthenticated, NotFound
from policyservice.domain.ports import Ids

PREFIX = "psk_"
_BY_SECRET = select(tables.api_key).where(tables.api_key.c.secret_hash == bindparam("of_hash"))


class Role(StrEnum):
    """What a key is for; each audience of the service has its own."""

    AGENT_UI = "agent_ui"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMIN = "admin"
    AUDITOR = "auditor"


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
    row = conn.execute(_BY_SECRET, {"of_hash": wanted}).one_or_none()
    if row is None or not hmac.compare_digest(row.secret_hash, wanted):
        raise NotAuthenticated("The key is not known.")
    key = _key(row)
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
    table = tables.api_key
    return [_key(row) for row in conn.execute(select(table).order_by(table.c.created_at, table.c.id))]


def _hash(secret: str) -> str:
    # A plain hash is enough: the secret is 256 random bits, so there is nothing to guess through.
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        row.id,
        row.name,
        Role(row.role),
        None if row.agents is None else tuple(row.agents),
        None if row.teams is None else tuple(row.teams),
        row.created_at,
        row.expires_at,
        row.revoked_at,
    )
